"""Values of all resamples -> the ends of an interval.

The standard error is that of the resamples. What lies between 0 and 1 gets its interval on the scale of
log odds, where it is nearly symmetric; a difference as it is. The quantile is Student's, by the effective
number of patients: with few of them resamples vary too little. `docs/intervals.md` has the coverage of these
and of other intervals.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri, stdtrit

from radpipe.evaluation.intervals.resampling import Floats

Ends = tuple[float, float]
UNKNOWN = (float("nan"), float("nan"))
MOST_UNDEFINED = 0.05  # share of the resamples without a value


def compute_limits(
    point: float, draws: Floats, level: float, *, bounded: bool = False, patients: float = np.inf
) -> Ends:
    """Compute the ends of the interval around a point estimate.

    Parameters
    ----------
    point
        The estimate from all patients.
    draws : (resamples,) float64
        The estimate from each resample; NaN where it has none.
    level
        Confidence level, 0.95.
    bounded
        Whether the estimate lies between 0 and 1: its interval then does, too.
    patients
        The effective number of patients behind it, of `count_effective_patients`; infinite: many.

    Returns
    -------
    low, high
        NaN where the point or more than a twentieth of the draws is undefined, where a bounded point is 0
        or 1, and with fewer than two patients.
    """
    known = draws[~np.isnan(draws)]
    if len(known) < max(2.0, (1 - MOST_UNDEFINED) * len(draws)):
        return UNKNOWN
    return compute_limits_from_error(
        point, float(known.std(ddof=1)), level, bounded=bounded, patients=patients
    )


def compute_limits_from_error(
    point: float, error: float, level: float, *, bounded: bool = False, patients: float = np.inf
) -> Ends:
    """Compute an interval from a standard error; the other parameters are those of `compute_limits`.

    A bounded point is ``expit(logit(p) -+ t * error / (p (1 - p)))``, any other ``p -+ t * error``, t with
    `patients` - 1 degrees of freedom.

    References
    ----------
    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 12 (standard error and Student's
    quantile). Pepe, The Statistical Evaluation of Medical Tests, 2003, section 2.2 and 5.2 (log odds).
    """
    if np.isnan(point) or np.isnan(error) or patients < 2 or (bounded and not 0 < point < 1):
        return UNKNOWN
    reach = compute_quantile(level, patients) * error
    if not bounded:
        return point - reach, point + reach
    low, high = expit(logit(point) + np.array([-1, 1]) * reach / (point * (1 - point)))
    return float(low), float(high)


def widen(point: float, ends: Ends, per_seed: Sequence[float], level: float) -> Ends:
    """Add the variance of training to an interval; one seed leaves it as it is.

    Patients and seeds vary on their own, so their variances add: each half of the interval becomes
    ``sqrt(half^2 + t^2 s^2 / K)``, s being the standard deviation of K seeds and t with K - 1 degrees of
    freedom.

    Parameters
    ----------
    point
        Mean over the seeds.
    ends
        The interval that resampling the patients gave.
    per_seed
        The value of each seed.
    level
        Confidence level.
    """
    if len(per_seed) < 2:
        return ends
    training = compute_quantile(level, len(per_seed)) * np.std(per_seed, ddof=1) / np.sqrt(len(per_seed))
    low, high = np.hypot(np.subtract(ends, point), training) * [-1, 1] + point
    return float(low), float(high)


def count_effective_patients(labels: NDArray[np.floating], codes: NDArray[np.intp]) -> float:
    """Count the patients behind an estimate: many images of one count as few of several.

    ``(sum m)^2 / sum m^2`` over the positives m of each patient; the same of the negatives; the smaller.

    Parameters
    ----------
    labels : (cases,) or (cases, findings) floating
        1, 0 or NaN. Of several findings each one's cases weigh 1 in all, as in a mean over findings.
    codes : (cases,) intp
        The patient of each case.

    Returns
    -------
    float
        0 where a class is absent.

    References
    ----------
    Kish, Survey Sampling, 1965, section 11.7.
    """
    columns = labels.reshape(len(labels), -1)
    counts = []
    for value in (0, 1):
        cases = (columns == value).astype(np.float64)
        shares = (cases / np.maximum(cases.sum(axis=0), 1)).sum(axis=1)
        weights = np.bincount(codes, shares)
        counts.append(weights.sum() ** 2 / max((weights**2).sum(), np.finfo(np.float64).tiny))
    return float(min(counts))


def compute_quantile(level: float, patients: float) -> float:
    """Return Student's quantile with `patients` - 1 degrees of freedom; the normal one of infinitely many."""
    share = (1 + level) / 2
    return float(ndtri(share) if np.isinf(patients) else stdtrit(patients - 1, share))
