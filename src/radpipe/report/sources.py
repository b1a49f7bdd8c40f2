"""Everything the page is made of, read from the folder of one dataset."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.report.arms import ARMS, Arm

Settings = Mapping[str, Any]
IMAGE_COLUMNS = ["image_id", "unit_id", "patient_id", "view"]
SUMMARIES = {
    "index": "index/summary.json",
    "validate": "validate/summary.json",
    "pack": "pack/summary.json",
    "split": "split.json",
    "weights": "weights.json",
}


@dataclass(frozen=True)
class Run:
    """One trained network and what the test part says about it."""

    arm: Arm
    seed: int
    training: dict[str, Any]
    history: pd.DataFrame
    metrics: dict[str, Any]
    curves: pd.DataFrame


@dataclass(frozen=True)
class Results:
    """The results of one dataset.

    Attributes
    ----------
    settings
        The dataset's section of params.yaml, with `dataset`, `losses` and `seeds` beside its keys.
    summaries
        The JSON files by name: index, validate, pack, split, weights.
    images
        All rows of the index; the row number is the public name of a case.
    accepted, packed
        Rows of the images that passed each step; `packed` holds row, pixel_row, width, height.
    labels
        unit_id x finding, float32, NaN = unknown.
    parts
        patient_id -> train, val or test; a patient twice would stand there twice.
    pixels : (images, size, size, channels) uint8
        Memory-mapped.
    comparison
        compare.json.
    """

    settings: Settings
    summaries: dict[str, dict[str, Any]]
    images: pd.DataFrame
    accepted: pd.DataFrame
    packed: pd.DataFrame
    labels: pd.DataFrame
    boxes: pd.DataFrame
    parts: pd.DataFrame
    pixels: NDArray[np.uint8]
    rejected: dict[str, pd.DataFrame]
    runs: tuple[Run, ...]
    comparison: dict[str, Any]

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that were run, plain before weighted."""
        return tuple(arm for key, arm in ARMS.items() if key in self.settings["losses"])

    @property
    def compared(self) -> bool:
        """Whether there are two arms to hold against each other."""
        return len(self.arms) > 1

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that were run."""
        return tuple(self.settings["seeds"])

    @property
    def targets(self) -> tuple[str, ...]:
        """The findings that were learned, in the order of the network's outputs."""
        return tuple(self.runs[0].training["targets"])

    def of_arm(self, arm: Arm) -> tuple[Run, ...]:
        """Return the runs of one arm, seed by seed."""
        return tuple(run for run in self.runs if run.arm == arm)

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The images that were used: row, pixel_row, width, height, part, and IMAGE_COLUMNS."""
        known = self.images[IMAGE_COLUMNS]
        cases = self.packed[["row", "pixel_row", "width", "height"]].join(known, on="row")
        cases["part"] = cases["patient_id"].map(self.parts.set_index("patient_id")["split"].to_dict())
        excluded = [entry["row"] for entry in self.summaries["split"]["excluded"]]
        used = cases["part"].notna() & ~cases["row"].isin(excluded)
        return cases[used].sort_values("row", ignore_index=True)

    @cached_property
    def case_labels(self) -> pd.DataFrame:
        """The targets of `cases`, row by row; 1, 0 or NaN."""
        return self.labels.loc[self.cases["unit_id"], list(self.targets)].reset_index(drop=True)


def read_results(folder: Path, settings: Settings) -> Results:
    """Read what the page needs from results/{dataset}.

    Raises
    ------
    DataError
        If a file is absent: the step that makes it was not run.
    """
    pixels: NDArray[np.uint8] = np.load(_existing(folder / "pack/pixels.npy"), mmap_mode="r")
    steps = ("validate", "pack")
    return Results(
        settings=settings,
        summaries={name: _read_json(folder / path) for name, path in SUMMARIES.items()},
        images=_read_table(folder / "index/images.parquet"),
        accepted=_read_table(folder / "validate/accepted.parquet"),
        packed=_read_table(folder / "pack/rows.parquet"),
        labels=_read_table(folder / "index/labels.parquet"),
        boxes=_read_table(folder / "index/boxes.parquet"),
        parts=_read_table(folder / "split.parquet"),
        pixels=pixels,
        rejected={step: pd.read_csv(_existing(folder / step / "rejected.csv")) for step in steps},
        runs=tuple(
            _read_run(folder, ARMS[loss], seed) for loss in settings["losses"] for seed in settings["seeds"]
        ),
        comparison=_read_json(folder / "compare.json"),
    )


def _read_run(folder: Path, arm: Arm, seed: int) -> Run:
    run, evaluation = (folder / part / f"{arm.key}_s{seed}" for part in ("runs", "evaluations"))
    return Run(
        arm=arm,
        seed=seed,
        training=_read_json(run / "training.json"),
        history=pd.read_csv(_existing(run / "history.csv")),
        metrics=_read_json(evaluation / "metrics.json"),
        curves=_read_table(evaluation / "curves.parquet"),
    )


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DataError(f"{path}: not found, expected the output of an earlier step: run that step first")
    return path


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(_existing(path).read_text(encoding="utf-8"))
    return content


def _read_table(path: Path) -> pd.DataFrame:
    return pd.read_parquet(_existing(path))
