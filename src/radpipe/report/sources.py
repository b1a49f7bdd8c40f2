"""Everything the page is made of, read from the folder of one dataset."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.runs import format_run_name
from radpipe.errors import DataError
from radpipe.report.arms import ARMS, Arm, loss_arm
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
    order = [loss_arm(loss, kind) for loss in ARMS if loss in settings["losses"]]
    return Results(
        settings=settings,
        runs=tuple(_read_run(folder, arm, seed) for arm in order for seed in settings["seeds"]),
        comparison=_read_json(folder / "compare.json"),
        data=data,
    )


def _read_data(folder: Path) -> Data:
    pixels: NDArray[np.uint8] = np.load(_existing(folder / "pack/pixels.npy"), mmap_mode="r")
    steps = ("validate", "pack")
    return Data(
        summaries={name: _read_json(folder / path) for name, path in SUMMARIES.items()},
        images=_read_table(folder / "index/images.parquet"),
        accepted=_read_table(folder / "validate/accepted.parquet"),
        packed=_read_table(folder / "pack/rows.parquet"),
        labels=_read_table(folder / "index/labels.parquet"),
        boxes=_read_table(folder / "index/boxes.parquet"),
        parts=_read_table(folder / "split.parquet"),
        pixels=pixels,
        rejected={step: pd.read_csv(_existing(folder / step / "rejected.csv")) for step in steps},
        explained=_read_json(folder / "explain/cases.json"),
        maps=np.load(_existing(folder / "explain/maps.npy")),
    )


def _read_run(folder: Path, arm: Arm, seed: int) -> RunResults:
    run, evaluation = (folder / part / format_run_name(arm.key, seed) for part in ("runs", "evaluations"))
    return RunResults(
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
