"""The folder of a phantom: written whole or not at all, with its truth and its receipt."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.outputs import RECEIPT, describe_file, whole, write_json
from radpipe.phantoms.shared.evidence import Table

TRUTH = "truth.csv"
BATCH = 256  # tasks handed out at once: a queue of all of them would grow with their number

Task = TypeVar("Task")
Result = TypeVar("Result")


def publish(spec: PhantomSpec, output: Path, write: Callable[[Path], Mapping[str, int]]) -> None:
    """Let `write` fill a folder; put beside its files a receipt with the counts that it returns."""
    with whole(output) as draft:
        draft.mkdir()
        write_receipt(draft, spec, write(draft))


def in_batches(work: Callable[[Task], Result], tasks: Sequence[Task], threads: int) -> Iterator[Result]:
    """Yield what `work` makes of each task, in order."""
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(tasks), BATCH):
            yield from pool.map(work, tasks[start : start + BATCH])


def write_truth(folder: Path, names: pd.Series, truth: Table, columns: Sequence[str]) -> None:
    """Write the probabilities that labels were drawn from; no step of a pipeline may read them.

    Parameters
    ----------
    folder : Path
        The phantom's.
    names : (rows,) Series
        The rows' names, under the heading of their column; its index says in which order `truth` has them.
    truth : (rows, columns) float64
        Probabilities.
    columns : sequence of str
        Their headings.
    """
    table = pd.DataFrame(truth, columns=list(columns)).loc[names.index]
    table.insert(0, str(names.name), names)
    # Fewer digits would tie the many rows that show next to nothing, and change their ranks.
    table.to_csv(folder / TRUTH, index=False, float_format="%.12g")


def write_receipt(folder: Path, spec: PhantomSpec, counts: Mapping[str, int]) -> None:
    """Write phantom.json, the last file of a phantom: what was asked for, what was drawn, every file."""
    files = sorted(describe(path, folder) for path in folder.rglob("*") if path.is_file())
    write_json(folder / RECEIPT, {"spec": spec.model_dump(), "counts": counts, "files": files})


def describe(path: Path, folder: Path) -> tuple[str, int, str]:
    """Return a file's name relative to the folder, its size [bytes] and its sha256."""
    return path.relative_to(folder).as_posix(), path.stat().st_size, describe_file(path)["sha256"]
