"""Rejected images: counted by reason, and too many of them stop the run."""

import pandas as pd

from radpipe.config.data import ValidateSpec
from radpipe.errors import DataError

NAMED = 8  # rows that the message lists
MOST_DETAILS = 3  # of a reason that the message lists


def count_reasons(rejected: pd.DataFrame) -> dict[str, int]:
    """Count rejected images by reason, the most frequent first."""
    return {str(reason): int(count) for reason, count in rejected["reason"].value_counts().items()}


def describe_reason(rejected: pd.DataFrame, reason: str) -> str:
    """Return how many images have a reason, and its most frequent details."""
    details = rejected.loc[rejected["reason"] == reason, "detail"]
    frequent = details.fillna("").value_counts().head(MOST_DETAILS)
    shown = [f"{count} {detail}" for detail, count in frequent.items() if detail]
    more = ["..."] if details.nunique() > MOST_DETAILS else []
    return f"{len(details)} {reason}" + (f": {', '.join(shown + more)}" if shown else "")


def refuse_many(rejected: pd.DataFrame, checked: int, spec: ValidateSpec) -> None:
    """Stop if more than `validate.max_rejected_share` of the images were rejected.

    Parameters
    ----------
    rejected : DataFrame
        row, path, reason, detail.
    checked : int
        Images looked at.

    Raises
    ------
    DataError
        Names the counts by reason and the first rows.
    """
    share = len(rejected) / checked if checked else 1.0
    if share <= spec.max_rejected_share:
        return
    counts = "; ".join(describe_reason(rejected, reason) for reason in count_reasons(rejected))
    rows = ", ".join(str(row) for row in rejected["row"].head(NAMED))
    raise DataError(
        f"{len(rejected)} of {checked} images rejected ({counts or 'no image at all'}), more than "
        f"validate.max_rejected_share {spec.max_rejected_share:g}; the first stand in rows {rows or '-'} of "
        "index/images.parquet. Put the files right, or allow a larger share"
    )
