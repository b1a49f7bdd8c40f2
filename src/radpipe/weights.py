"""Training labels -> class weights, and the findings that are too rare for them."""

from typing import Any

import numpy as np
import pandas as pd

from radpipe.config import TargetsSpec
from radpipe.errors import DataError


def weigh(labels: pd.DataFrame, patient_id: pd.Series) -> pd.DataFrame:
    """Compute the weight of an absent and of a present finding from the training part.

    Parameters
    ----------
    labels
        (training images, findings) float32; NaN = unknown, which does not count.
    patient_id
        Of the same images.

    Returns
    -------
    DataFrame
        One row per finding: absent, present (weights, float64), negatives, positives (images),
        negative_patients, positive_patients. A finding without one class has an infinite weight.

    References
    ----------
    ``absent = (1 / N-) * (N / 2)`` and ``present = (1 / N+) * (N / 2)``, N = N- + N+, in this order of
    operations: it reproduces the published weights of ChestX-ray14 to the last digit.
    """
    positive, negative = labels == 1, labels == 0
    positives, negatives = positive.sum(), negative.sum()
    half = (positives + negatives) / 2
    groups = patient_id.to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = {"absent": (1 / negatives) * half, "present": (1 / positives) * half}
    return pd.DataFrame(
        {
            **weights,
            "negatives": negatives,
            "positives": positives,
            "negative_patients": negative.groupby(groups).any().sum(),
            "positive_patients": positive.groupby(groups).any().sum(),
        }
    )


def drop_rare(table: pd.DataFrame, spec: TargetsSpec) -> tuple[pd.DataFrame, dict[str, str]]:
    """Separate the findings that too few training patients have, or lack.

    Returns
    -------
    DataFrame, dict
        The rows that stay; and why each other finding was dropped.

    Raises
    ------
    DataError
        If one is too rare and `targets.too_rare` is stop, or none is left.
    """
    least = spec.min_positive_patients
    reasons = {}
    for finding, row in table.iterrows():
        for kind, words in (("positive", "with"), ("negative", "without")):
            patients = int(row[f"{kind}_patients"])
            if patients < least:
                reasons[str(finding)] = f"{patients} training patients {words} it, expected {least} or more"
    named = "; ".join(f"{finding}: {reason}" for finding, reason in reasons.items())
    if reasons and spec.too_rare == "stop":
        raise DataError(f"too rare (targets.too_rare is stop): {named}; take them out of targets.include")
    if len(reasons) == len(table):
        raise DataError(f"no finding is left to learn: {named}")
    return table.drop(index=list(reasons)), reasons


def to_json(kept: pd.DataFrame, table: pd.DataFrame, reasons: dict[str, str]) -> dict[str, Any]:
    """Arrange weights.json."""
    counts = ["negatives", "positives", "negative_patients", "positive_patients"]
    counted = {name: table[name].to_dict() for name in counts}
    return {
        "targets": {
            str(finding): {
                **{name: float(row[name]) for name in ("absent", "present")},
                **{name: int(row[name]) for name in counts},
            }
            for finding, row in kept.iterrows()
        },
        "dropped": {
            finding: {"reason": reason, **{name: int(counted[name][finding]) for name in counts}}
            for finding, reason in reasons.items()
        },
    }
