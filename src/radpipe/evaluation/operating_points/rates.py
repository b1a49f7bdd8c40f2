"""What an operating point means: of the ill and the well, of those flagged, and for the workload."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def describe(counts: Mapping[str, Floats], prevalence: float | None) -> dict[str, Floats]:
    """Compute the rates of a threshold; NaN for 0 / 0.

    Parameters
    ----------
    counts
        tp, fn, fp, tn, of any one shape.
    prevalence
        A stated one; None: none.

    Returns
    -------
    dict
        recall, specificity, flagged (share of the images with a known label), ppv, npv (at the prevalence
        of the data), and ppv_stated, npv_stated where a prevalence is stated.

    References
    ----------
    Altman and Bland, BMJ 309, 1994, page 102 (predictive values and how they follow prevalence).
    """
    tp, fn, fp, tn = (counts[name] for name in ("tp", "fn", "fp", "tn"))
    with np.errstate(invalid="ignore"):
        recall, specificity = tp / (tp + fn), tn / (tn + fp)
        rates = {
            "recall": recall,
            "specificity": specificity,
            "flagged": (tp + fp) / (tp + fn + fp + tn),
            "ppv": tp / (tp + fp),
            "npv": tn / (tn + fn),
        }
    return rates if prevalence is None else rates | at_prevalence(recall, specificity, prevalence)


def at_prevalence(recall: Any, specificity: Any, prevalence: float) -> dict[str, Any]:
    """Apply Bayes' theorem to a prevalence other than the data's; NaN where nothing, or all, is flagged.

    ``ppv = r p / (r p + (1 - s) (1 - p))``, ``npv = s (1 - p) / (s (1 - p) + (1 - r) p)`` for recall r,
    specificity s and prevalence p.
    """
    hits, alarms = recall * prevalence, (1 - specificity) * (1 - prevalence)
    clear, missed = specificity * (1 - prevalence), (1 - recall) * prevalence
    with np.errstate(invalid="ignore"):
        return {"ppv_stated": hits / (hits + alarms), "npv_stated": clear / (clear + missed)}
