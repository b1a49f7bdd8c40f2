"""Values of all resamples -> the ends of an interval."""

from collections.abc import Sequence

import numpy as np

from radpipe.intervals.resampling import Floats

UNKNOWN = (float("nan"), float("nan"))


def limits(point: float, draws: Floats, level: float) -> tuple[float, float]:
    """Find the ends of the interval around a point estimate; NaN where it or a draw is undefined.

    Parameters
    ----------
    point
        The estimate from all patients.
    draws : (resamples,) float64
        The estimate from each resample.
    level
        Confidence level, 0.95.
    """
    if np.isnan(point) or np.isnan(draws).any():
        return UNKNOWN
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def widen(
    point: float, ends: tuple[float, float], per_seed: Sequence[float], level: float
) -> tuple[float, float]:
    """Add the variance of training to an interval, in quadrature; one seed leaves it as it is.

    Parameters
    ----------
    point
        Mean over the seeds.
    ends
        The interval that resampling the patients gave.
    per_seed
        The value of each seed.
    """
    raise NotImplementedError
