"""AUROC, average precision, Brier score and rates at a threshold; per finding, known labels only.

A finding without a positive or without a negative has no AUROC: it is reported as undefined, and the
macro value says over how many findings it is. Nothing undefined is ever counted as 0.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Floats = NDArray[np.floating[Any]]
RANKED = ("auroc", "average_precision", "brier")
RATES = ("recall", "specificity", "precision", "f1", "accuracy")
UNKNOWN = float("nan")


def sigmoid(logits: Floats) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-logits)) in float64, without overflow.

    Parameters
    ----------
    logits : (...,) float32 or float64, of any shape
        Log odds.

    Examples
    --------
    >>> sigmoid(np.array([0.0, np.log(3)])).round(3).tolist()
    [0.5, 0.75]
    """
    return np.exp(-np.logaddexp(0.0, -np.asarray(logits, np.float64)))


def find_missing_class(labels: Floats) -> str | None:
    """Return which class a finding lacks, so that it cannot be ranked; None if it has both.

    Parameters
    ----------
    labels : (cases,) floating
        1, 0 or NaN.
    """
    if not (labels == 1).any():
        return "no positive case"
    if not (labels == 0).any():
        return "no negative case"
    return None


def compute_macro_auroc(labels: Floats, logits: Floats) -> float:
    """Return the mean AUROC over the findings that have one; NaN if none has.

    Parameters
    ----------
    labels, logits : (cases, findings) floating
        Labels are 1, 0 or NaN = unknown, which do not count.
    """
    areas = [compute_ranking(labels[:, j], logits[:, j])["auroc"] for j in range(labels.shape[1])]
    return average_known(areas)[0]


def compute_ranking(labels: Floats, logits: Floats) -> dict[str, float]:
    """Compute AUROC, average precision and Brier score of one finding over its known labels.

    Parameters
    ----------
    labels, logits : (cases,) floating

    References
    ----------
    scikit-learn's roc_auc_score and average_precision_score; Brier, Monthly Weather Review 78, 1950.

    Examples
    --------
    The known labels are 1, 0, 1: one of the two positives ranks above the negative.

    >>> found = compute_ranking(np.array([1, 0, 1, np.nan]), np.array([2.0, 1.0, 0.0, 9.0]))
    >>> found["auroc"], round(found["average_precision"], 3)
    (0.5, 0.833)
    """
    known = ~np.isnan(labels)
    truth = labels[known]
    scores = np.asarray(logits, np.float64)[known]
    if find_missing_class(truth):
        return dict.fromkeys(RANKED, UNKNOWN)
    return {
        "auroc": float(roc_auc_score(truth, scores)),
        "average_precision": float(average_precision_score(truth, scores)),
        "brier": float(np.mean((sigmoid(scores) - truth) ** 2)),
    }


def count_outcomes(labels: Floats, probabilities: Floats, threshold: Floats | float) -> pd.DataFrame:
    """Count true and false, positives and negatives, per finding; `probability >= threshold` is flagged.

    Parameters
    ----------
    labels, probabilities : (cases, findings) floating
    threshold : (findings,) floating, or one for all

    Returns
    -------
    DataFrame
        One row per finding; tp, fn, fp, tn int64. All are 0 where the threshold is NaN.

    Examples
    --------
    >>> labels, probabilities = np.array([[1.0], [0], [1], [np.nan]]), np.array([[0.9], [0.2], [0.4], [0.7]])
    >>> count_outcomes(labels, probabilities, 0.5).iloc[0].to_dict()
    {'tp': 1, 'fn': 1, 'fp': 0, 'tn': 1}
    """
    flagged = probabilities >= threshold
    usable = ~np.isnan(np.broadcast_to(threshold, labels.shape[1:]))
    positive = (labels == 1) & usable
    negative = (labels == 0) & usable
    cells = {
        "tp": positive & flagged,
        "fn": positive & ~flagged,
        "fp": negative & flagged,
        "tn": negative & ~flagged,
    }
    return pd.DataFrame({name: cell.sum(axis=0) for name, cell in cells.items()})


def compute_rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Compute recall, specificity, precision, F1 and accuracy of each row of counts; NaN for 0 / 0.

    Parameters
    ----------
    counts
        tp, fn, fp, tn.

    Examples
    --------
    >>> counts = pd.DataFrame({"tp": [8], "fn": [2], "fp": [3], "tn": [27]})
    >>> compute_rates(counts).loc[0, ["recall", "specificity"]].tolist()
    [0.8, 0.9]
    """
    tp, fn, fp, tn = (counts[name].astype("float64") for name in ("tp", "fn", "fp", "tn"))
    return pd.DataFrame(
        {
            "recall": tp / (tp + fn),
            "specificity": tn / (tn + fp),
            "precision": tp / (tp + fp),
            "f1": 2 * tp / (2 * tp + fp + fn),
            "accuracy": (tp + tn) / (tp + tn + fp + fn),
        }
    )


def average_known(values: Iterable[float]) -> tuple[float, int]:
    """Return the mean of the values that are not NaN, NaN if there is none, and how many they are."""
    known = [value for value in values if not np.isnan(value)]
    return (float(np.mean(known)) if known else UNKNOWN), len(known)


def nan_to_none(value: float) -> float | None:
    """Return a value as JSON has it: None for NaN."""
    return None if np.isnan(value) else float(value)


def list_ends(low: float, high: float) -> list[float] | None:
    """Return the ends of an interval as JSON has them: None where they are NaN."""
    return None if np.isnan(low) else [float(low), float(high)]
