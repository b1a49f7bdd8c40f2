"""Evidence of a finding, its correlation within a patient, and the truth that labels are drawn from.

Evidence is a strength of 0..1, which is also how strongly a sign is drawn. A label is drawn from a
probability that is logistic in the strength, so that truth is known exactly.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]


def draw_correlated(rows: int, columns: int, share: float, rng: np.random.Generator) -> Table:
    """Draw normal numbers of variance 1, (rows, columns) float64, of which this share is common to a row."""
    common = rng.standard_normal((rows, 1)) * np.sqrt(share)
    return np.asarray(common + rng.standard_normal((rows, columns)) * np.sqrt(1 - share))


def draw_grouped(group: NDArray[np.int64], share: float, draw: Callable[[int], Table]) -> Table:
    """Draw numbers of variance 1 that are correlated within a group.

    Parameters
    ----------
    group : (rows,) int64
        From 0; that of each row.
    share : float
        Of the variance: what the rows of a group have in common.
    draw : function
        Number of rows -> (rows, columns) normal numbers of variance 1.

    Returns
    -------
    (rows, columns) float64
    """
    groups = draw(int(group.max()) + 1)
    return np.asarray(groups[group] * np.sqrt(share) + draw(len(group)) * np.sqrt(1 - share))


def compute_strengths(latent: Table, strong: Table) -> Table:
    """Map normal numbers to 0..1, so that the share `strong` of each column comes to lie above 0.5.

    `latent` (rows, columns) float64, `strong` (columns,) float64; returned (rows, columns) float64.
    """
    # The logistic curve replaces the normal distribution function, which it follows within 0.01.
    even = 1 / (1 + np.exp(-1.702 * latent))
    return np.asarray(even ** (np.log(0.5) / np.log(1 - strong)))


def find_truth(
    log_odds: Table,
    share: float | Table,
    bracket: tuple[float, float] = (-30.0, 30.0),
    axes: tuple[int, ...] | None = None,
) -> Table:
    """Return logistic(intercept + log odds), with the intercept that gives the wanted mean.

    Parameters
    ----------
    log_odds : array of float64
        Log odds that still want their intercept.
    share : float or array
        The wanted mean, or those along the other axes than `axes`.
    bracket : (float, float)
        Between which the intercept is looked for, by halving.
    axes : axes or None
        Over which the mean is taken; None: all.

    Returns
    -------
    float64, shape of `log_odds`
    """
    low, high = (np.full(np.shape(share), end) for end in bracket)
    for _ in range(60):
        middle = (low + high) / 2
        too_many = apply_logistic(log_odds + middle).mean(axis=axes) > share
        low, high = np.where(too_many, low, middle), np.where(too_many, middle, high)
    return apply_logistic(log_odds + low)


def apply_logistic(log_odds: Table) -> Table:
    """Map log odds (rows, columns) float64 to probabilities."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))
