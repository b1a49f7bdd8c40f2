"""The 25 grades of a study: their names, their target columns, and three classes.

A grade is `<condition>_<level>`, a target `<grade>:<class>`. Cumulative targets are `:moderate`, moderate or
worse, and `:severe`; categorical targets are the three classes, of which exactly one is 1.
"""

from typing import Literal

import numpy as np
import pandas as pd

from radpipe.data.index import Grid
from radpipe.errors import DataError

CONDITIONS = (
    "spinal_canal_stenosis",
    "left_neural_foraminal_narrowing",
    "right_neural_foraminal_narrowing",
    "left_subarticular_stenosis",
    "right_subarticular_stenosis",
)
LEVELS = ("l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1")
GRADES = tuple(f"{condition}_{level}" for condition in CONDITIONS for level in LEVELS)
SEVERITIES = {"Normal/Mild": 0.0, "Moderate": 1.0, "Severe": 2.0}
CLASSES = ("normal_mild", "moderate", "severe")
ENCODINGS = {"cumulative": CLASSES[1:], "categorical": CLASSES}


def to_long(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """Turn one row per study into one row per grade, also of those that are empty.

    Parameters
    ----------
    table
        study_id and the 25 published columns, text.
    file
        For the error.

    Returns
    -------
    DataFrame
        study_id, condition, level (as in the column's name), grade, severity float32: 0 Normal/Mild,
        1 Moderate, 2 Severe, NaN not graded; study after study. The index is the line of the study.

    Raises
    ------
    DataError
        If a cell is neither one of the three words nor empty.
    """
    long = table.melt("study_id", GRADES, "grade", "severity", ignore_index=False).sort_index(kind="stable")
    unknown = sorted(set(long["severity"].dropna()) - set(SEVERITIES))
    if unknown:
        column = long["grade"][long["severity"].isin(unknown)].iloc[0]
        raise DataError(
            f"{file}: column {column!r} or others hold {unknown[:5]}, expected {list(SEVERITIES)} or nothing"
        )
    words = long["grade"].str.rsplit("_", n=2)  # the level is the last two words, whatever the condition
    long["condition"] = words.str[0]
    long["level"] = words.str[1] + "_" + words.str[2]
    long["severity"] = long["severity"].map(SEVERITIES).astype("float32")  # not graded is not mild
    return long[["study_id", "condition", "level", "grade", "severity"]]


def encode_grades(severities: pd.DataFrame, targets: Literal["cumulative", "categorical"]) -> pd.DataFrame:
    """Turn severities into target columns, all of a grade NaN where it is not known.

    Parameters
    ----------
    severities : (rows, grades) float32
        0, 1, 2 or NaN; its columns are grades.

    Returns
    -------
    DataFrame
        (rows, 2 * grades) float32 for `cumulative`, (rows, 3 * grades) for `categorical`.
    """
    values = severities.to_numpy(np.float32)[:, :, np.newaxis]
    cumulative = targets == "cumulative"
    names = ENCODINGS[targets]
    steps = np.arange(3 - len(names), 3, dtype=np.float32)
    encoded = values >= steps if cumulative else values == steps
    encoded = np.where(np.isnan(values), np.float32(np.nan), encoded.astype(np.float32))
    columns = [f"{grade}:{name}" for grade in severities for name in names]
    return pd.DataFrame(encoded.reshape(len(severities), -1), severities.index, columns)


def build_grid(targets: Literal["cumulative", "categorical"]) -> Grid:
    """Return the targets of `encode_grades` as conditions x levels."""
    return Grid(
        row="Condition",
        column="Level",
        degree="Severity",
        rows=tuple(condition.replace("_", " ").capitalize() for condition in CONDITIONS),
        columns=tuple(level.replace("_", "/").upper() for level in LEVELS),
        classes=tuple(SEVERITIES),
        questions=("Moderate or worse", "Severe") if targets == "cumulative" else tuple(SEVERITIES),
        cumulative=targets == "cumulative",
        targets=tuple(
            tuple(tuple(f"{condition}_{level}:{name}" for name in ENCODINGS[targets]) for level in LEVELS)
            for condition in CONDITIONS
        ),
    )
