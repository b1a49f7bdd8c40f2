"""The label table of the haemorrhage set, long to wide: `read_labels` against plain pandas.

python benchmarks/hemorrhage_table.py [TABLE]     goal: at least 6 times faster, at most half the memory

TABLE is stage_1_train.csv or stage_2_train.csv, packed with gzip or not; without one, a table of the same
size and format is drawn. Each run is a process of its own, so that its peak of memory is its own; the
contenders take turns, and the best round of each counts: the one that another load on the machine disturbed
least. Imports are not timed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

IMAGES = 674_258
CONTENDERS = ("radpipe", "apply", "split")  # the last two: pandas
TARGETS = ("epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any")


def draw_table(path: Path) -> None:
    """Write a table of the published size: random labels, images in random order."""
    rng = np.random.default_rng(0)
    labels = rng.random((IMAGES, len(TARGETS) - 1)) < 0.04
    labels = np.column_stack([labels, labels.any(axis=1)]).astype(int)
    with path.open("w", encoding="utf-8") as stream:
        stream.write("ID,Label\n")
        for name, row in zip(rng.permutation(IMAGES), labels.tolist(), strict=True):
            stream.writelines(
                f"ID_{name:09x}_{target},{label}\n" for target, label in zip(TARGETS, row, strict=True)
            )


def load_radpipe() -> Callable[[Path], pd.Series]:
    """Import radpipe, in its own process only: the other's peak of memory must not hold it."""
    from radpipe.data.readers.rsna_hemorrhage.table import read_labels  # noqa: PLC0415

    return lambda path: read_labels(path)[0].sum()


def with_apply(path: Path) -> pd.Series:
    """Do what tutorials do: two functions for each row, then the duplicates, then a pivot."""
    table = pd.read_csv(path)
    table["image"] = table["ID"].apply(lambda name: name.rsplit("_", 1)[0])
    table["subtype"] = table["ID"].apply(lambda name: name.rsplit("_", 1)[1])
    return pivot(table)


def with_split(path: Path) -> pd.Series:
    """Do what other tutorials do: split the whole column."""
    table = pd.read_csv(path)
    table[["image", "subtype"]] = table["ID"].str.rsplit("_", n=1, expand=True)
    return pivot(table)


def pivot(table: pd.DataFrame) -> pd.Series:
    table = table[["image", "subtype", "Label"]].drop_duplicates()
    return table.pivot_table(index="image", columns="subtype", values="Label").sum()


def run_one(name: str, path: Path) -> None:
    """Run one contender in this process; print seconds (processor, clock), peak [MiB] and positives."""
    count = load_radpipe() if name == "radpipe" else {"apply": with_apply, "split": with_split}[name]
    processor, clock = time.process_time(), time.perf_counter()
    positives = count(path)
    seconds = [time.process_time() - processor, time.perf_counter() - clock]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([*seconds, peak, {key: int(count) for key, count in sorted(positives.items())}]))


def compare(path: Path, rounds: int) -> None:
    found: dict[str, list] = {name: [] for name in CONTENDERS}
    for _ in range(rounds):
        for name, runs in found.items():
            command = [sys.executable, __file__, str(path), "--one", name]
            runs.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    positives = {name: runs[0][-1] for name, runs in found.items()}
    if any(each != positives["radpipe"] for each in positives.values()):
        sys.exit(f"different positives: {positives}")
    print(f"{path.name}, best of {rounds} rounds; positives {positives['radpipe']}")
    best = {name: [min(run[i] for run in runs) for i in range(3)] for name, runs in found.items()}
    for name, (processor, clock, peak) in best.items():
        print(f"{name:8s} processor {processor:5.2f} s   clock {clock:5.2f} s   peak {peak:5.0f} MiB")
    for name in CONTENDERS[1:]:
        processor, clock, memory = np.divide(best[name], best["radpipe"])
        print(
            f"{clock:.1f} times faster than {name} (goal: 6; by processor time {processor:.1f}), "
            f"{1 / memory:.2f} of its memory (goal: 0.50)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("table", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.table)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = options.table or Path(folder) / "stage_1_train.csv"
        if options.table is None:
            draw_table(path)
        compare(path, options.rounds)


if __name__ == "__main__":
    main()
