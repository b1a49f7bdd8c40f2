"""The cases of a data set: usable images, what the tables know of them, their labels and their part.

Rows of the index that were rejected on the way, or taken out by the split, are no cases.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from radpipe.errors import ConfigError, DataError
from radpipe.outputs import read_json


def read_cases(rows: Path, index: Path, include: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the usable images, in the order of the tables, and their labels in the same order.

    Parameters
    ----------
    rows
        pack/rows.parquet, or validate/accepted.parquet where images are not looked at.
    index
        The folder that the step `index` wrote.
    include
        Findings wanted.

    Returns
    -------
    cases
        image_id, row, what is known of the file and what the tables know of the image.
    labels
        (cases, findings) float32, with the same RangeIndex.

    Raises
    ------
    ConfigError
        If the table has no such finding.
    """
    cases = join_rows(pd.read_parquet(rows), pd.read_parquet(index / "images.parquet"))
    labels = pd.read_parquet(index / "labels.parquet")
    unknown = [name for name in include if name not in labels.columns]
    if unknown:
        raise ConfigError(f"targets.include: {unknown} not among the findings {labels.columns.to_list()}")
    return cases, labels.loc[cases["unit_id"], list(include)].reset_index(drop=True)


def read_used(
    split: Path, rows: Path, index: Path, include: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the cases that the split uses, with their part in the column `split`, and their labels.

    Parameters
    ----------
    split
        split.parquet; split.json beside it lists the rows that were taken out.
    """
    cases, labels = read_cases(rows, index, include)
    parts = pd.read_parquet(split).set_index("patient_id")["split"]
    summary = read_json(split.with_suffix(".json"))
    used = ~cases["row"].isin([entry["row"] for entry in summary["excluded"]])
    part = cases["patient_id"].map(parts)
    if part[used].isna().any():
        raise DataError(
            f"{split}: {int(part[used].isna().sum())} images have no patient in it; run split again"
        )
    kept = cases.assign(split=part)[used]
    return kept.reset_index(drop=True), labels[used].reset_index(drop=True)


def join_rows(rows: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """Join facts about files, one row each, with what the tables know of the images."""
    known = images.drop(columns="path")
    cases = rows.drop(columns="path", errors="ignore").merge(known, on="image_id", validate="one_to_one")
    return cases.sort_values("row", ignore_index=True)
