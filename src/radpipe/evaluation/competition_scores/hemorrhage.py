"""The score of the 2019 haemorrhage competition: six log losses, of which `any` counts twice."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
WEIGHTS = {
    "any": 2.0,
    "epidural": 1.0,
    "intraparenchymal": 1.0,
    "intraventricular": 1.0,
    "subarachnoid": 1.0,
    "subdural": 1.0,
}
CLIP = 1e-5


def compute_losses(labels: Floats, probabilities: Floats) -> NDArray[np.float64]:
    """Return ``-log(p)`` where present, ``-log(1 - p)`` where absent, NaN where unknown.

    Parameters
    ----------
    labels, probabilities : (...,) float32 or float64, of any shape
        Labels are 1, 0 or NaN = unknown; probabilities are clipped to 1e-5 .. 1 - 1e-5.
    """
    inside = np.asarray(probabilities, np.float64).clip(CLIP, 1 - CLIP)
    given: NDArray[np.float64] = -np.log(np.where(labels == 1, inside, 1 - inside))
    return np.where(np.isnan(labels), np.nan, given)


def compute_log_loss(labels: Floats, probabilities: Floats) -> float:
    """Return the mean of the `compute_losses` of one target, (cases,); NaN if no label is known.

    `labels` (cases,) float32 or float64, `probabilities` (cases,) float64.

    Examples
    --------
    >>> round(compute_log_loss(np.array([1.0, 0, np.nan]), np.array([0.5, 0.5, 0.9])), 4)
    0.6931
    """
    known = ~np.isnan(labels)
    return float(compute_losses(labels[known], probabilities[known]).mean()) if known.any() else float("nan")


def average_log_losses(losses: Mapping[str, float]) -> float:
    """Average the log losses of the targets, `any` with the weight 2 and each subtype with 1.

    Parameters
    ----------
    losses
        Of some of the six targets. With all six the sum of the weights is 7, and the value is that of the
        competition; of fewer it is their weighted mean.

    Returns
    -------
    float
        NaN where nothing is known.

    References
    ----------
    https://www.kaggle.com/c/rsna-intracranial-hemorrhage-detection, page Evaluation: weighted multi-label
    logarithmic loss; `any` weighs more than the subtypes.
    """
    known = {name: loss for name, loss in losses.items() if not np.isnan(loss)}
    total = sum(WEIGHTS[name] for name in known)
    return sum(WEIGHTS[name] * loss for name, loss in known.items()) / total if known else float("nan")
