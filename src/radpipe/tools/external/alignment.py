"""Two models are compared on the same cases, findings and labels, brought into one order."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.errors import DataError
from radpipe.predictions import Predictions
from radpipe.tools.external.tables import list_findings


def match_findings(first: Path, reference: pd.DataFrame, path: Path, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the findings of the first file, which those of the other must equal in any order."""
    targets = list_findings(reference)
    found = list_findings(frame)
    if set(targets) != set(found):
        lacking, more = (sorted(set(a) - set(b)) for a, b in ((targets, found), (found, targets)))
        raise DataError(
            f"{path}: lacks the findings {lacking} of {first} and has {more} beside them: expected the same"
        )
    return targets


def build_case_keys(path: Path, frame: pd.DataFrame) -> pd.MultiIndex:
    """Return the key of each case: id and split, as in a cross-validation a case is in both splits."""
    keys = pd.MultiIndex.from_frame(frame[["id", "split"]])
    if not keys.is_unique:
        raise DataError(f"{path}: {int(keys.duplicated().sum())} ids stand there twice, expected each once")
    return keys


def reorder_cases(first: Path, order: pd.MultiIndex, path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Bring the cases of one file into the order of the first, `order`."""
    keys = build_case_keys(path, frame)
    lacking = len(order.difference(keys))
    more = len(keys.difference(order))
    if lacking or more:
        raise DataError(
            f"{path}: lacks {lacking} of the {len(order)} cases of {first} and holds {more} others: expected "
            "both models on the same cases"
        )
    ordered: pd.DataFrame = frame.iloc[keys.get_indexer(order)].reset_index(drop=True)
    return ordered.assign(row=np.arange(len(order)))


def refuse_different_labels(paths: Sequence[Path], models: Sequence[Predictions]) -> None:
    """Refuse models whose files have different labels."""
    for path, model in zip(paths, models, strict=True):
        same = np.isclose(model.labels, models[0].labels, equal_nan=True)
        if not same.all():
            raise DataError(
                f"{path}: {int((~same).sum())} labels differ from those of {paths[0]}, expected the same"
            )
