"""Files of one or two models, and their labels -> predictions of the same cases in the same order.

A file contains probabilities, as CSV or Parquet: id and one column per finding; or it is Parquet of format 1
(see `radpipe.predictions`), which has labels of its own. A table of labels has id and one column of 1, 0 or
nothing per finding, and optionally patient_id, split (val or test) and any metadata.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.errors import ConfigError, DataError
from radpipe.predictions import Predictions, check_predictions
from radpipe.tools.external.alignment import (
    build_case_keys,
    match_findings,
    refuse_different_labels,
    reorder_cases,
)
from radpipe.tools.external.labels import (
    LabelOptions,
    Truth,
    decide_persons,
    join_labels,
    read_metadata,
    read_truth,
)
from radpipe.tools.external.tables import list_findings, read_outputs

RESERVED = {"difference", "interval", "per_seed"}  # keys beside the models in compare.json
NO_PATIENTS = (
    "No patient ids were given: every case counts as a patient of its own. Where a patient has several "
    "cases, all intervals on this page are too narrow. Add a column patient_id to the labels."
)
NO_SPLITS = (
    "No parts were given: every case counts as a test case, and no threshold was chosen on validation cases. "
    "Add a column split (val or test) to the labels."
)


@dataclass(frozen=True)
class Given:
    """One or two models on the same cases.

    Attributes
    ----------
    models
        Predictions by the name of the model, the reference first; the same cases in the same order.
    metadata
        Row by row as the cases: patient_id, and the columns of the labels that are no finding, as sex or age.
    notices
        What a reader of the results must know, in sentences.
    """

    models: dict[str, Predictions]
    metadata: pd.DataFrame
    notices: tuple[str, ...]


def read_given(
    paths: Sequence[Path], labels: Path | None, options: LabelOptions, names: Sequence[str] | None = None
) -> Given:
    """Read the models and bring them into the order of the first.

    Raises
    ------
    ConfigError
        If the names do not fit the files.
    DataError
        If a file is not what it should be, or the models have different cases, findings or labels.
    """
    called = name_models(paths, names)
    truth = None if labels is None else read_truth(labels, options)
    read = [_read_with_labels(path, truth, options) for path in paths]
    frames = [_fill_in(frame) for frame, _ in read]
    order = build_case_keys(paths[0], frames[0])
    models = {}
    for name, path, frame in zip(called, paths, frames, strict=True):
        targets = match_findings(paths[0], frames[0], path, frame)
        models[name] = check_predictions(
            labels or path, reorder_cases(paths[0], order, path, frame), targets, "logit"
        )
    refuse_different_labels(paths, list(models.values()))
    metadata, unclear = _select_metadata(frames[0], truth)
    notices = [
        *_list_notices(read[0][0], truth),
        *(notice for _, found in read for notice in found),
        *unclear,
    ]
    return Given(models, metadata, tuple(dict.fromkeys(notices)))


def name_models(paths: Sequence[Path], names: Sequence[str] | None) -> list[str]:
    """Name each model: as the user does, by its file, or by its folder where the files have the same name."""
    files = [path.stem for path in paths]
    folders = [path.parent.name for path in paths]
    choices = [list(names)] if names else [files, folders]
    for chosen in choices:
        if len(chosen) == len(paths) == len(set(chosen)) and all(chosen) and not RESERVED & set(chosen):
            return chosen
    raise ConfigError(
        f"--names: {len(paths)} different names are expected, one per file and none of {sorted(RESERVED)}; "
        f"found {', '.join(choices[0])}"
    )


def _read_with_labels(
    path: Path, truth: Truth | None, options: LabelOptions
) -> tuple[pd.DataFrame, list[str]]:
    """Read one file with its labels, and notices; the table of labels replaces those of the file."""
    frame = read_outputs(path)
    if truth is not None:
        return join_labels(path, frame, truth, options)
    if f"label/{list_findings(frame)[0]}" not in frame:
        raise DataError(f"{path}: probabilities need their labels: add --labels labels.csv")
    return decide_persons(path.name, frame, options)


def _fill_in(frame: pd.DataFrame) -> pd.DataFrame:
    """Make every case a patient, and a test case, where nothing else is known."""
    filled = pd.DataFrame({"patient_id": frame["id"], "split": "test"})
    filled[frame.columns] = frame
    return filled.assign(row=np.arange(len(filled)))


def _select_metadata(frame: pd.DataFrame, truth: Truth | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if truth is None:
        return frame[["patient_id"]], ()
    known, notices = read_metadata(truth, list_findings(frame))
    return frame[["id", "patient_id"]].merge(known, on="id", how="left").drop(columns="id"), notices


def _list_notices(frame: pd.DataFrame, truth: Truth | None) -> list[str]:
    notices = []
    if "patient_id" not in frame:
        notices.append(NO_PATIENTS)
    if "split" not in frame:
        notices.append(NO_SPLITS)
    kept = pd.Series(dtype="str") if truth is None else truth.cases["id"][~truth.dropped]
    left_out = int((~kept.isin(frame["id"])).sum())
    if left_out:
        notices.append(f"{left_out:,} labelled cases without predictions are left out.")
    return notices + ([] if truth is None else list(truth.notices))
