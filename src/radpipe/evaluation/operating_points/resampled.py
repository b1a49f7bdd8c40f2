"""Thresholds chosen in every resample of the validation set, and what they flag in one of the test set.

Cases are sorted once, into the intervals between the few scores at which a count can change. Each patient's
cases are counted there, and a resample weights these counts by how often it drew the patient.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from radpipe.config.evaluation import EvaluateSpec
from radpipe.evaluation.estimates import Resampled
from radpipe.evaluation.thresholds import RULES

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
BLOCK = 4_000_000  # counts in memory at a time


def choose_in_resamples(
    labels: NDArray[Any],
    probabilities: Floats,
    resampled: Resampled,
    spec: EvaluateSpec,
    rules: Sequence[str],
) -> Floats:
    """Choose the threshold of each rule in each resample of the validation set.

    Parameters
    ----------
    labels, probabilities : (cases,) floating
        Of one finding; NaN = unknown.
    resampled
        The resamples of these cases' patients.
    rules
        Keys of `thresholds.RULES`.

    Returns
    -------
    (rules, 1 + resamples) float64
        NaN where a resample lacks a class. The first column is what `choose_threshold` returns.

    Notes
    -----
    Each rule's best point is at the score of a positive, or before all of them: to flag one more negative
    alone is never better. So counts are needed at these points only.
    """
    known = ~np.isnan(labels)
    truth = labels[known] == 1
    scores = probabilities[known]
    codes = resampled.codes[known]
    rising = np.unique(scores[truth])
    at = np.concatenate([[1.0], rising[::-1], [np.nan]])  # flag nothing, down to each score, flag everything
    # The first point, highest threshold first, at which a case is flagged.
    first = 1 + len(rising) - np.searchsorted(rising, scores, side="right")
    positive, negative = (
        count_at_places(first[kind], codes[kind], len(at), resampled) for kind in (truth, ~truth)
    )
    chosen = []
    for weights in iterate_draws(resampled, len(at)):
        found = np.cumsum(positive @ weights, axis=0)
        alarms = np.cumsum(negative @ weights, axis=0)
        best = np.array([RULES[rule](found, alarms, spec) for rule in rules])
        chosen.append(np.where((found[-1] > 0) & (alarms[-1] > 0), at[best], np.nan))
    return np.concatenate(chosen, axis=1)


def count_flagged(
    labels: NDArray[Any], probabilities: Floats, resampled: Resampled, thresholds: Floats
) -> dict[str, Floats]:
    """Count, in each resample, the cases flagged at thresholds that may differ from resample to resample.

    Parameters
    ----------
    labels, probabilities : (cases,) floating
        Of one finding; NaN = unknown.
    resampled
        The resamples of these cases' patients.
    thresholds : (rules, 1 + resamples) float64
        ``probability >= threshold`` is flagged.

    Returns
    -------
    dict
        tp, fn, fp, tn: (rules, 1 + resamples) float64; NaN where the threshold is NaN.
    """
    known = ~np.isnan(labels)
    truth = labels[known] == 1
    scores = probabilities[known]
    codes = resampled.codes[known]
    cuts = np.unique(thresholds[~np.isnan(thresholds)])
    missed = len(cuts) - np.searchsorted(cuts, scores, side="right")  # thresholds above a case
    # Flagged at the k-th threshold: the cases that miss len(cuts) - 1 - k of them, or fewer.
    position = len(cuts) - 1 - np.searchsorted(cuts, thresholds)
    counts = {}
    for kind, flagged, other in ((truth, "tp", "fn"), (~truth, "fp", "tn")):
        placed = count_at_places(missed[kind], codes[kind], len(cuts) + 1, resampled)
        up_to, every = sum_up_to(placed, resampled, position)
        counts[flagged] = np.where(np.isnan(thresholds), np.nan, up_to)
        counts[other] = every - counts[flagged]
    return counts


def sum_up_to(placed: sparse.csr_array, resampled: Resampled, position: Codes) -> tuple[Floats, Floats]:
    """Return the counts up to a place that differs by resample, (rules, 1 + resamples), and all of them.

    `position` (rules, 1 + resamples) intp; the counts are float64.
    """
    sums = []
    totals = []
    start = 0
    for weights in iterate_draws(resampled, placed.shape[0]):
        rising = np.cumsum(placed @ weights, axis=0)
        columns = np.arange(rising.shape[1])
        sums.append(rising[position[:, start + columns], columns])
        totals.append(rising[-1])
        start += len(columns)
    return np.concatenate(sums, axis=1), np.concatenate(totals)


def count_at_places(places: Codes, codes: Codes, size: int, resampled: Resampled) -> sparse.csr_array:
    """Count each patient's cases at each place, (size, patients).

    Parameters
    ----------
    places, codes : (cases,) intp
        Where each case is counted, and its patient.
    """
    shape = (size, resampled.multiplicities.shape[1])
    return sparse.coo_array((np.ones(len(places)), (places, codes)), shape=shape).tocsr()


def iterate_draws(resampled: Resampled, width: int) -> Iterator[Floats]:
    """Yield the multiplicities of a few resamples at a time, (patients, some resamples).

    Multiplicities are float64.
    """
    resamples, patients = resampled.multiplicities.shape
    step = max(1, BLOCK // max(width, patients))
    for start in range(0, resamples, step):
        yield np.ascontiguousarray(resampled.multiplicities[start : start + step].T, np.float64)
