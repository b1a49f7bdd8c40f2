"""Each check: a question, its count, a verdict, and the rows that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from radpipe.images.identical import reject_conflicts

Verdict = Literal["passed", "failed", "look", "stated", "not checked"]
MOST_ROWS = 100  # named in audit.json
SPLIT_AGAIN = "delete split.parquet and run split again"
LEARNED = ("train", "val")


@dataclass(frozen=True)
class Check:
    """The outcome of one check.

    Attributes
    ----------
    name
        What was counted.
    count
        None if it could not be counted.
    verdict
        passed; failed: a leak; look: a person should; stated: a fact; not checked: `detail` says why.
    rows
        Row numbers of the images concerned, sorted.
    """

    name: str
    count: int | None
    verdict: Verdict
    detail: str = ""
    rows: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what audit.json says of it."""
        rows = list(self.rows[:MOST_ROWS])
        facts = {"name": self.name, "count": self.count, "verdict": self.verdict, "detail": self.detail}
        return {**facts, "images": len(self.rows), "rows": rows}

    def format_rows(self, most: int) -> str:
        """Return the rows as text, at most so many."""
        more = f" and {len(self.rows) - most:,} more" if len(self.rows) > most else ""
        return f"rows {', '.join(map(str, self.rows[:most]))}{more}"


def check_patients(cases: pd.DataFrame) -> Check:
    """Count patients with images in more than one split."""
    return _check_in_one_split(cases, "patient_id", "patients in two parts", SPLIT_AGAIN)


def check_studies(cases: pd.DataFrame) -> Check:
    """Count studies with images in more than one split: their patient_id cannot be right."""
    remedy = "one study names several patients: stratified keeps them together, or correct the patient ids"
    return _check_in_one_split(cases, "study_id", "studies in two parts", remedy)


def check_identical_pixels(cases: pd.DataFrame) -> Check:
    """Count pictures that are in more than one split, pixel for pixel."""
    return _check_in_one_split(cases, "sha256", "groups of identical pixels in two parts", SPLIT_AGAIN)


def check_official_test(cases: pd.DataFrame, method: str) -> Check:
    """Count images of the published test set that the networks learn from, or are tuned on.

    Only `official` promises that there are none. Any other split may learn from them; its results cannot be
    compared with results on the published test set, which is stated.
    """
    name = "published test images in training or validation"
    if "official_split" not in cases or cases["official_split"].isna().all():
        return Check(name, None, "not checked", "no published parts are known")
    folds = cases["assigned"].dtype.kind == "i"
    learned = cases["assigned"].isin(LEARNED) | folds
    rows = list_rows(cases[learned & (cases["official_split"] == "test")])
    if not rows:
        return Check(name, 0, "passed")
    if method == "official":
        return Check(name, len(rows), "failed", SPLIT_AGAIN, rows)
    each = "each in all rounds but one; " if folds else ""
    detail = f"{each}split.method is {method}: do not compare with results on the published test part"
    return Check(name, len(rows), "stated", detail, rows)


def check_conflicting_labels(cases: pd.DataFrame, labels: pd.DataFrame) -> Check:
    """Count images that share their pixels with another, but not their labels."""
    name = "images with identical pixels and contradicting labels"
    if "sha256" not in cases:
        return Check(name, None, "not checked", "the images were not decoded")
    _, rejected = reject_conflicts(cases[["row", "sha256"]], labels.set_axis(cases["row"]))
    rows = list_rows(rejected)
    return Check(name, len(rows), "look" if rows else "passed", rows=rows)


def check_doubts(cases: pd.DataFrame, doubts: dict[str, int]) -> list[Check]:
    """List doubts whether a patient_id names a person; all other checks of patients rest on it."""
    if doubts:
        detail = "sets that share no patient_id may still share a person"
        return [Check(reason, count, "look", detail) for reason, count in doubts.items()]
    patients = cases["patient_id"].nunique()
    detail = f"{patients:,} patients, as the tables or headers name them"
    return [Check("doubts whether a patient is one person", 0, "passed", detail)]


def _check_in_one_split(cases: pd.DataFrame, column: str, name: str, remedy: str) -> Check:
    if column not in cases or cases[column].isna().all():
        return Check(name, None, "not checked", _format_reason(column))
    known = cases[cases[column].notna()]
    n_splits = known.groupby(column)["assigned"].nunique()
    twice = n_splits.index[n_splits > 1]
    if twice.empty:
        return Check(name, 0, "passed")
    return Check(name, len(twice), "failed", remedy, list_rows(known[known[column].isin(twice)]))


def _format_reason(column: str) -> str:
    return "the images were not decoded" if column == "sha256" else f"no {column} is known"


def list_rows(cases: pd.DataFrame) -> tuple[int, ...]:
    """Return the row numbers of some cases, sorted."""
    rows: Sequence[int] = sorted(set(cases["row"].to_list()))
    return tuple(rows)
