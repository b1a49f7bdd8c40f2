"""The cases of a data set: usable images, what the tables know of them, their labels and their split.

Rows of the index that were rejected on the way, or taken out by the split, are no cases.

In a cross-validation of K folds there are K rounds, each with a network of its own. In round k fold k is
the test set, fold ``(k + 1) % K`` the validation set, and all others are the training set: every patient is
in the test set of one round and in the validation set of another.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from radpipe.config.targets import ALL
from radpipe.errors import ConfigError, DataError
from radpipe.outputs.writing import read_json, read_parquet

Include = Sequence[str] | Literal["all"]


def read_cases(rows: Path, index: Path, include: Include) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the usable images, in the order of the tables, and their labels in the same order.

    Parameters
    ----------
    rows
        pack/rows.parquet, or validate/accepted.parquet where images are not looked at.
    index
        The folder that the step `index` wrote.
    include
        Findings wanted, or `all`.

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
    cases = join_rows(read_parquet(rows), read_parquet(index / "images.parquet"))
    labels = read_parquet(index / "labels.parquet")
    names = labels.columns.to_list() if include == ALL else list(include)
    unknown = [name for name in names if name not in labels.columns]
    if unknown:
        raise ConfigError(f"targets.include: {unknown} not among the findings {labels.columns.to_list()}")
    return cases, labels.loc[cases["unit_id"], names].reset_index(drop=True)


def read_used(split: Path, rows: Path, index: Path, include: Include) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the cases that the split uses and their labels.

    Parameters
    ----------
    split
        split.parquet; split.json beside it lists the rows that were taken out.

    Returns
    -------
    cases, labels
        As `read_cases` returns them; `cases` with their split in the column `split`, or, in a
        cross-validation, their fold in the column `fold`.
    """
    cases, labels = read_cases(rows, index, include)
    table = read_parquet(split).set_index("patient_id")
    assigned = table["fold" if "fold" in table else "split"]
    summary = read_json(split.with_suffix(".json"))
    used = ~cases["row"].isin([entry["row"] for entry in summary["excluded"]])
    of_case = cases["patient_id"].map(assigned)
    _refuse_unknown(of_case[used], split)
    kept = cases.assign(**{str(assigned.name): of_case})[used]
    return kept.reset_index(drop=True), labels[used].reset_index(drop=True)


def read_audited(split: Path, rows: Path, index: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the used cases, each with its set or fold in `assigned`, and the labels of all findings.

    A patient in two splits is listed once for each, where `read_used` would fail.
    """
    cases, _ = read_cases(rows, index, ())
    table = read_parquet(split).rename(columns={"fold": "assigned", "split": "assigned"})
    excluded = [entry["row"] for entry in read_json(split.with_suffix(".json"))["excluded"]]
    pairs = table[["patient_id", "assigned"]].drop_duplicates()
    used = cases[~cases["row"].isin(excluded)].merge(pairs, "left")
    _refuse_unknown(used["assigned"], split)
    labels = read_parquet(index / "labels.parquet").loc[used["unit_id"]]
    return used, labels.reset_index(drop=True)


def build_rounds(cases: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the cases of each round, with their split in the column `split`: one round without folds.

    Parameters
    ----------
    cases
        From `read_used`.
    """
    if "fold" not in cases:
        return [cases]
    folds = int(cases["fold"].max()) + 1
    splits = np.array(["test", "val", *["train"] * (folds - 2)])
    others = cases.drop(columns="fold")
    return [others.assign(split=splits[(cases["fold"] - number) % folds]) for number in range(folds)]


def join_rows(rows: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """Join facts about files, one row each, with what the tables know of the images."""
    known = images.drop(columns="path")
    cases = rows.drop(columns="path", errors="ignore").merge(known, on="image_id", validate="one_to_one")
    return cases.sort_values("row", ignore_index=True)


def _refuse_unknown(assigned: pd.Series, split: Path) -> None:
    if assigned.isna().any():
        raise DataError(
            f"{split}: {int(assigned.isna().sum())} images have no patient in it; run split again"
        )
