"""The rates of an operating point: sensitivity, specificity, predictive values, share flagged."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def compute_operating_rates(counts: Mapping[str, Floats], prevalence: float | None) -> dict[str, Floats]:
    """Compute the rates of a threshold; NaN for 0 / 0.

    Counts and rates are float64 of one shape, such as (1 + resamples,).

    Parameters
    ----------
    counts
        tp, fn, fp, tn, of any one shape.
    prevalence
        A stated prevalence, or None.

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
        recall = tp / (tp + fn)
        specificity = tn / (tn + fp)
        rates = {
            "recall": recall,
            "specificity": specificity,
            "flagged": (tp + fp) / (tp + fn + fp + tn),
            "ppv": tp / (tp + fp),
            "npv": tn / (tn + fn),
        }
    return rates if prevalence is None else rates | apply_prevalence(recall, specificity, prevalence)


def apply_prevalence(recall: Any, specificity: Any, prevalence: float) -> dict[str, Any]:
    """Apply Bayes' theorem to a prevalence other than the data's; NaN where nothing, or all, is flagged.

    ``ppv = r p / (r p + (1 - s) (1 - p))``, ``npv = s (1 - p) / (s (1 - p) + (1 - r) p)`` for recall r,
    specificity s and prevalence p.
    """
    hits = recall * prevalence
    alarms = (1 - specificity) * (1 - prevalence)
    clear = specificity * (1 - prevalence)
    missed = (1 - recall) * prevalence
    with np.errstate(invalid="ignore"):
        return {"ppv_stated": hits / (hits + alarms), "npv_stated": clear / (clear + missed)}
