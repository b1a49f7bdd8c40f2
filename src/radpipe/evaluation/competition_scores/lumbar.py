"""The score of the 2024 lumbar competition: log losses of three severities, the severe ones with weight 4."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.evaluation.metrics import average_known

Floats = NDArray[np.floating[Any]]
SEVERITIES = ("normal_mild", "moderate", "severe")
ROW_WEIGHTS = np.array([1.0, 2.0, 4.0])  # of normal or mild, moderate, severe
GROUPS = ("spinal", "foraminal", "subarticular")  # left and right of one group count together
ANY_SEVERE = "any_severe_spinal"
GRADES = 25  # five conditions at five levels
CLIP = float(np.finfo(np.float64).eps)  # as scikit-learn's log_loss, which the competition calls


def compute_lumbar_score(grades: pd.DataFrame) -> dict[str, float]:
    """Compute the four losses and their mean.

    Parameters
    ----------
    grades
        One row per graded place: study_id; condition (a name with `spinal`, `foraminal` or
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
    group = known["condition"].map(find_group).to_numpy()
    losses = {
        name: compute_weighted_log_loss(severity[group == name], predicted[group == name]) for name in GROUPS
    }
    spinal = group == "spinal"
    losses[ANY_SEVERE] = compute_any_severe_loss(
        known["study_id"].to_numpy()[spinal], severity[spinal], predicted[spinal, 2]
    )
    return {**losses, "score": average_known(losses.values())[0]}


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


def compute_weighted_log_loss(severity: NDArray[np.int64], probabilities: Floats) -> float:
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

    Examples
    --------
    (log 2 + 4 log 4) / 5:

    >>> half = np.array([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])
    >>> round(compute_weighted_log_loss(np.array([0, 2]), half), 4)
    1.2477
    """
    if not len(severity):
        return float("nan")
    chosen = probabilities[np.arange(len(severity)), severity].clip(CLIP, 1 - CLIP)
    return float(np.average(-np.log(chosen), weights=ROW_WEIGHTS[severity]))


def compute_any_severe_loss(study_id: NDArray[Any], severity: NDArray[np.int64], severe: Floats) -> float:
    """Return the weighted binary log loss of whether any spinal level of a study is severe.

    Parameters
    ----------
    study_id, severity, severe : (places,) of any dtype, int64, float64
        Of the graded spinal levels; `severe` is the predicted probability. Label, prediction and weight of
        a study are each the maximum over its levels.
    """
    if not len(severity):
        return float("nan")
    levels = pd.DataFrame({"severity": severity, "severe": severe, "weight": ROW_WEIGHTS[severity]})
    studies = levels.groupby(study_id).max()
    p = studies["severe"].to_numpy().clip(CLIP, 1 - CLIP)
    return float(np.average(-np.log(np.where(studies["severity"] == 2, p, 1 - p)), weights=studies["weight"]))


def find_group(condition: str) -> str:
    """Return the group that a condition is scored in."""
    return next(name for name in GROUPS if name in condition)
