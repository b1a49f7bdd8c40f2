"""The score of the 2024 lumbar competition: log losses of three severities, the severe ones weighing 4."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
SEVERITIES = ("normal_mild", "moderate", "severe")
ROW_WEIGHTS = np.array([1.0, 2.0, 4.0])  # of a grade that is normal or mild, moderate, severe
GROUPS = ("spinal", "foraminal", "subarticular")  # left and right of one group count together
ANY_SEVERE = "any_severe_spinal"
GRADES = 25  # five conditions at five levels
CLIP = float(np.finfo(np.float64).eps)  # as scikit-learn's log_loss, which the competition calls


def lumbar_score(grades: pd.DataFrame) -> dict[str, float]:
    """Compute the four losses and their mean.

    Parameters
    ----------
    grades
        One row per graded place: study_id; condition (a name that holds `spinal`, `foraminal` or
        `subarticular`); severity 0, 1, 2 or NaN = not graded, which does not count; and the predicted
        normal_mild, moderate and severe, which need not add up to 1.

    Returns
    -------
    dict
        spinal, foraminal, subarticular, any_severe_spinal, and `score`, their mean over those that have a
        grade; NaN for one without.

    References
    ----------
    https://www.kaggle.com/competitions/rsna-2024-lumbar-spine-degenerative-classification, page Evaluation:
    the mean of the sample-weighted log losses of the conditions and of the derived any_severe_spinal.
    """
    known = grades[grades["severity"].notna()]
    predicted = renormalise(known[list(SEVERITIES)].to_numpy(np.float64))
    severity = known["severity"].to_numpy(np.int64)
    group = known["condition"].map(group_of).to_numpy()
    losses = {name: weighted_log_loss(severity[group == name], predicted[group == name]) for name in GROUPS}
    spinal = group == "spinal"
    losses[ANY_SEVERE] = any_severe(
        known["study_id"].to_numpy()[spinal], severity[spinal], predicted[spinal, 2]
    )
    defined = [value for value in losses.values() if not np.isnan(value)]
    return {**losses, "score": float(np.mean(defined)) if defined else float("nan")}


def renormalise(probabilities: Floats) -> NDArray[np.float64]:
    """Divide the predictions of each place by their sum.

    Parameters
    ----------
    probabilities : (places, 3) floating
        Not negative. Places of three zeros become a third each.
    """
    total = probabilities.sum(axis=1, keepdims=True)
    even = np.full_like(probabilities, 1 / probabilities.shape[1], np.float64)
    shares: NDArray[np.float64] = np.divide(probabilities, total, out=even, where=total > 0)
    return shares


def weighted_log_loss(severity: NDArray[np.int64], probabilities: Floats) -> float:
    """Return ``sum(w * -log(p of the true severity)) / sum(w)``, w = 1, 2, 4 by the true severity.

    Parameters
    ----------
    severity : (places,) int64
        0, 1 or 2.
    probabilities : (places, 3) floating
        Each row adds up to 1.

    Returns
    -------
    float
        NaN without a place. A third each gives log(3) = 1.0986; the best constant, on the published labels
        of all conditions together, 0.976.
    """
    if not len(severity):
        return float("nan")
    chosen = probabilities[np.arange(len(severity)), severity].clip(CLIP, 1 - CLIP)
    return float(np.average(-np.log(chosen), weights=ROW_WEIGHTS[severity]))


def any_severe(study_id: NDArray[Any], severity: NDArray[np.int64], severe: Floats) -> float:
    """Ask of each study whether any spinal level is severe: weighted binary log loss.

    Parameters
    ----------
    study_id, severity, severe : (places,)
        Of the graded spinal levels; `severe` is the predicted probability. Label, prediction and weight of
        a study are each the maximum over its levels.
    """
    if not len(severity):
        return float("nan")
    levels = pd.DataFrame({"severity": severity, "severe": severe, "weight": ROW_WEIGHTS[severity]})
    studies = levels.groupby(study_id).max()
    p = studies["severe"].to_numpy().clip(CLIP, 1 - CLIP)
    return float(np.average(-np.log(np.where(studies["severity"] == 2, p, 1 - p)), weights=studies["weight"]))


def group_of(condition: str) -> str:
    """Return the group that a condition is scored in."""
    return next(name for name in GROUPS if name in condition)
