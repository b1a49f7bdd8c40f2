"""Time index, validate, split and weigh on the whole label table of ChestX-ray14, without images.

Goal: at most 10 s of computing in all. Give the folder of the published table; without one, a table of the
same size in the same format is drawn. Processor time counts: what the machine does beside is left out.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.data import SourceSpec, SplitSpec, TargetsSpec, ValidateSpec
from radpipe.config.readers import NoOptions
from radpipe.data.readers.nih_cxr14 import FINDINGS
from radpipe.steps import data, learning

ROWS, PATIENTS = 112_120, 30_805
ROUNDS = 3


def draw_table(folder: Path) -> None:
    """Write a table in the published format: as many rows and patients, findings at random."""
    rng = np.random.default_rng(0)
    patient = np.sort(np.concatenate([np.arange(PATIENTS), rng.integers(0, PATIENTS, ROWS - PATIENTS)]))
    follow_up = pd.Series(patient).groupby(patient).cumcount()
    names = np.array(["No Finding", *FINDINGS])
    words = names[rng.integers(0, len(names), ROWS)]
    table = pd.DataFrame(
        {
            "Image Index": [f"{p:08d}_{f:03d}.png" for p, f in zip(patient, follow_up, strict=True)],
            "Finding Labels": words,
            "Follow-up #": follow_up,
            "Patient ID": patient,
            "Patient Age": rng.integers(1, 95, ROWS),
            "Patient Gender": np.where(rng.random(ROWS) < 0.5, "F", "M"),
            "View Position": "PA",
        }
    )
    table.to_csv(folder / "Data_Entry_2017_v2020.csv", index=False)


def run(tables: Path, out: Path) -> dict[str, float]:
    """Run the four steps once; return processor seconds by step."""
    source = SourceSpec(
        reader="nih_cxr14",
        root=str(tables),
        tables=str(tables),
        images_on_disk_only=False,
        limit_patients=None,
        options=NoOptions(patient_ids="ask", unknown_patients="refuse"),
    )
    limits = ValidateSpec(level="none", max_rejected_share=0, max_pixels=10**8)
    split = SplitSpec(method="random", test=0.2, val=0.26, folds=None, seed=0)
    targets = TargetsSpec(include=FINDINGS, kind="binary", too_rare="drop", min_positive_patients=5)
    rows, index, parts = out / "accepted.parquet", out / "index", out / "split.parquet"
    calls = {
        "index": lambda: data.index(spec=source, output=index),
        "validate": lambda: data.validate(
            images=index / "images.parquet", root=tables, spec=limits, output=out
        ),
        "split": lambda: learning.split(rows=rows, index=index, spec=split, targets=targets, output=parts),
        "weigh": lambda: learning.weigh(
            split=parts, rows=rows, index=index, targets=targets, output=out / "weights.json"
        ),
    }
    seconds = {}
    for name, call in calls.items():
        start = time.process_time()
        call()
        seconds[name] = time.process_time() - start
    return seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder)
        if len(sys.argv) == 1:
            draw_table(tables)
        rounds = pd.DataFrame([run(tables, Path(folder)) for _ in range(ROUNDS)])
    median = rounds.median()
    print("processor seconds, median of", ROUNDS)
    print(median.round(2).to_string())
    print(f"total    {median.sum():.2f} (goal: 10)")


if __name__ == "__main__":
    main()
