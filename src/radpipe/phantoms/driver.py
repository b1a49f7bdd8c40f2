"""How every phantom is made; a `Phantom` records what differs between them.

The folder appears whole or not at all. Its content depends on the spec alone, not on the number of threads:
each row's images come from a generator of their own. The receipt, phantom.json, is written last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.outputs.receipts import read_object
from radpipe.outputs.writing import PHANTOM, describe_file, write_json, write_whole
from radpipe.phantoms.shared.evidence import Table
from radpipe.phantoms.shared.painting import Box
from radpipe.phantoms.shared.population import Population

TRUTH = "truth.csv"
REDRAWS = 500
BATCH = 256  # tasks handed out at once: a queue of all of them would grow with their number

Boxes = list[tuple[str, Box]]  # what each is around, and where


@dataclass(frozen=True)
class Names:
    """What the rows are called: a Series named by its column, its index the row; kinds add other names."""

    rows: pd.Series


P = TypeVar("P", bound=Population)
N = TypeVar("N", bound=Names)
Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Contents(Generic[P, N]):
    """What the files of one phantom are made from."""

    spec: PhantomSpec
    population: P
    names: N


@dataclass(frozen=True)
class RowFiles:
    """The files of one row, and the boxes of its image.

    Attributes
    ----------
    files
        Content by path below the phantom's folder; None: the file is missing.
    boxes
        [px] of the image.
    """

    files: Mapping[str, bytes | None]
    boxes: Boxes = field(default_factory=list)


@dataclass(frozen=True)
class Phantom(Generic[P, N]):
    """What differs between the kinds of phantom.

    Attributes
    ----------
    draw_population
        (patients, generator) -> a population without oddities.
    plant_oddities
        (population, generator) -> the same with its oddities; None: too few rows can take one.
    is_usable
        Whether a population can be split and learned.
    lacking, expected
        What a population that is not usable has too few of, and how many are needed: for the error.
    name_rows
        (population, spec) -> the names of rows and of whatever else is named.
    draw_row
        (contents, row) -> the files of one row. It runs in a thread.
    write_tables
        (folder, contents, boxes by row) -> counts that only the tables know. It writes all but the truth.
    count_rows
        Contents -> the other counts of the receipt, without the oddities.
    targets
        Headings of the truth.
    complete
        (population, generator) -> a usable population with what is drawn last; None: that is impossible.
    """

    draw_population: Callable[[int, np.random.Generator], P]
    plant_oddities: Callable[[P, np.random.Generator], P | None]
    is_usable: Callable[[P], bool]
    lacking: str
    expected: str
    name_rows: Callable[[P, PhantomSpec], N]
    draw_row: Callable[[Contents[P, N], int], RowFiles]
    write_tables: Callable[[Path, Contents[P, N], Mapping[int, Boxes]], Mapping[str, int]]
    count_rows: Callable[[Contents[P, N]], dict[str, int]]
    targets: Sequence[str]
    complete: Callable[[P, np.random.Generator], P | None] | None = None


def make_phantom(phantom: Phantom[Any, Any], spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write the folder of a phantom, whole or not at all.

    Raises
    ------
    ConfigError
        If no population of so few patients can be split.
    """
    population = choose_population(phantom, spec)
    contents = Contents(spec, population, phantom.name_rows(population, spec))
    with write_whole(output, partial(is_phantom_file, output)) as draft:
        draft.mkdir()
        boxes = write_images(draft, phantom, contents, threads)
        found = phantom.write_tables(draft, contents, boxes)
        write_truth(draft, contents.names.rows, population.truth, phantom.targets)
        oddities = {kind: len(rows) for kind, rows in population.oddities.items()}
        write_receipt(draft, spec, phantom.count_rows(contents) | oddities | dict(found))


def is_phantom_file(folder: Path, name: str) -> bool:
    """Return whether a file is one that an older version wrote for a phantom: phantom.json lists them."""
    listed = read_object(folder / PHANTOM).get("files")
    names = (
        [each[0] for each in listed if isinstance(each, list) and each] if isinstance(listed, list) else []
    )
    return name in [*names, *([PHANTOM] if names else [])]


def choose_population(phantom: Phantom[P, Any], spec: PhantomSpec) -> P:
    """Draw populations until one is usable.

    Raises
    ------
    ConfigError
        If none of `REDRAWS` is.
    """
    for attempt in range(REDRAWS):
        # Three words, as the keys of a row's images; the second one, 0, is no patient.
        population = draw_usable(phantom, spec.patients, np.random.default_rng([spec.seed, 0, attempt]))
        if population is not None:
            return population
    raise ConfigError(
        f"phantoms: {spec.patients} patients from seed {spec.seed} gave too few {phantom.lacking} "
        f"in {REDRAWS} tries, expected {phantom.expected}: raise `patients` or change `seed`"
    )


def draw_usable(phantom: Phantom[P, Any], patients: int, rng: np.random.Generator) -> P | None:
    """Draw a population with its oddities; None if it is not usable."""
    population = phantom.plant_oddities(phantom.draw_population(patients, rng), rng)
    if population is None or not phantom.is_usable(population):
        return None
    return population if phantom.complete is None else phantom.complete(population, rng)


def write_images(
    folder: Path, phantom: Phantom[P, N], contents: Contents[P, N], threads: int
) -> dict[int, Boxes]:
    """Draw and write the files of every row; return the boxes of those rows that have any."""

    def write_row(row: int) -> Boxes:
        drawn = phantom.draw_row(contents, row)
        for name, content in drawn.files.items():
            if content is not None:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return drawn.boxes

    found = map_in_batches(write_row, range(len(contents.names.rows)), threads)
    return {row: boxes for row, boxes in enumerate(found) if boxes}


def map_in_batches(work: Callable[[Task], Result], tasks: Sequence[Task], threads: int) -> Iterator[Result]:
    """Yield what `work` makes of each task, in order."""
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(tasks), BATCH):
            yield from pool.map(work, tasks[start : start + BATCH])


def write_truth(folder: Path, names: pd.Series, truth: Table, targets: Sequence[str]) -> None:
    """Write the probabilities that labels were drawn from, by name; no step of a pipeline may read them.

    Parameters
    ----------
    folder : Path
        The phantom's.
    names : (rows,) Series
        The rows' names, under the heading of their column.
    truth : (rows, ...) float64
        Probabilities.
    targets : sequence of str
        Headings of all that truth has of a row.
    """
    ordered = names.sort_values()
    table = pd.DataFrame(truth.reshape(len(truth), -1), columns=list(targets)).loc[ordered.index]
    table.insert(0, str(ordered.name), ordered)
    # Fewer digits would tie the many rows that show next to nothing, and change their ranks.
    table.to_csv(folder / TRUTH, index=False, float_format="%.12g")


def write_receipt(folder: Path, spec: PhantomSpec, counts: Mapping[str, int]) -> None:
    """Write phantom.json, the last file of a phantom: what was asked for, what was drawn, every file."""
    files = sorted(list_file(path, folder) for path in folder.rglob("*") if path.is_file())
    write_json(folder / PHANTOM, {"spec": spec.model_dump(), "counts": counts, "files": files})


def list_file(path: Path, folder: Path) -> tuple[str, int, str]:
    """Return a file's name relative to the folder, its size [bytes] and its sha256."""
    return path.relative_to(folder).as_posix(), path.stat().st_size, describe_file(path)["sha256"]
