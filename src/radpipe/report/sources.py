"""Everything the page is made of, read from the folder of one dataset."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.runs import format_run_name
from radpipe.errors import DataError
from radpipe.outputs.writing import read_array, read_json, read_parquet
from radpipe.report.arms import ARMS, Arm, build_loss_arm
from radpipe.report.data import Data
from radpipe.report.results import Results, RunResults, Settings

SUMMARIES = {
    "index": "index/summary.json",
    "validate": "validate/summary.json",
    "pack": "pack/summary.json",
    "split": "split.json",
    "audit": "audit.json",
    "weights": "weights.json",
}


def read_results(folder: Path, settings: Settings) -> Results:
    """Read what the page needs from results/{dataset}.

    Raises
    ------
    DataError
        If a file is absent: the step that makes it was not run.
    """
    data = _read_data(folder)
    kind = settings["targets"].get("kind", "binary")
    order = [build_loss_arm(loss, kind) for loss in ARMS if loss in settings["losses"]]
    return Results(
        settings=settings,
        runs=tuple(_read_run(folder, arm, seed) for arm in order for seed in settings["seeds"]),
        comparison=read_json(_check_exists(folder / "compare.json")),
        data=data,
    )


def _read_data(folder: Path) -> Data:
    pixels: NDArray[np.uint8] = read_array(_check_exists(folder / "pack/pixels.npy"))
    steps = ("validate", "pack")
    return Data(
        summaries={name: read_json(_check_exists(folder / path)) for name, path in SUMMARIES.items()},
        images=_read_table(folder / "index/images.parquet"),
        accepted=_read_table(folder / "validate/accepted.parquet"),
        packed=_read_table(folder / "pack/rows.parquet"),
        labels=_read_table(folder / "index/labels.parquet"),
        boxes=_read_table(folder / "index/boxes.parquet"),
        splits=_read_table(folder / "split.parquet"),
        pixels=pixels,
        rejected={step: pd.read_csv(_check_exists(folder / step / "rejected.csv")) for step in steps},
        explained=read_json(_check_exists(folder / "explain/cases.json")),
        maps=read_array(_check_exists(folder / "explain/maps.npy")),
    )


def _read_run(folder: Path, arm: Arm, seed: int) -> RunResults:
    name = format_run_name(arm.key, seed)
    run = folder / "runs" / name
    evaluation = folder / "evaluations" / name
    return RunResults(
        arm=arm,
        seed=seed,
        training=read_json(_check_exists(run / "training.json")),
        history=pd.read_csv(_check_exists(run / "history.csv")),
        metrics=read_json(_check_exists(evaluation / "metrics.json")),
        curves=_read_table(evaluation / "curves.parquet"),
    )


def _check_exists(path: Path) -> Path:
    """Return the path of a file that exists."""
    if not path.is_file():
        raise DataError(f"{path}: not found, expected the output of an earlier step: run that step first")
    return path


def _read_table(path: Path) -> pd.DataFrame:
    return read_parquet(_check_exists(path))
