"""Thresholds chosen in every resample of the validation part, and what they flag in one of the test part.

Nothing is sorted again: cases fall between the few scores at which a count can matter, each patient's
cases are counted there once, and a resample weighs these counts by how often it drew the patient.
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
BLOCK = 4_000_000  # counts held at a time


def choose_in_resamples(
    labels: NDArray[Any], probabilities: Floats, part: Resampled, spec: EvaluateSpec, rules: Sequence[str]
) -> Floats:
    """Choose the threshold of each rule anew in each resample of the validation part.

    Parameters
    ----------
    labels, probabilities : (cases,) floating
        Of one finding; NaN = unknown.
    part
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
    truth, scores, codes = labels[known] == 1, probabilities[known], part.codes[known]
    rising = np.unique(scores[truth])
    at = np.concatenate([[1.0], rising[::-1], [np.nan]])  # flag nothing, down to each score, flag everything
    # The first point, highest threshold first, at which a case is flagged.
    first = 1 + len(rising) - np.searchsorted(rising, scores, side="right")
    positive, negative = (place(first[kind], codes[kind], len(at), part) for kind in (truth, ~truth))
    chosen = []
    for weights in blocks(part, len(at)):
        found, alarms = np.cumsum(positive @ weights, axis=0), np.cumsum(negative @ weights, axis=0)
        best = np.array([RULES[rule](found, alarms, spec) for rule in rules])
        chosen.append(np.where((found[-1] > 0) & (alarms[-1] > 0), at[best], np.nan))
    return np.concatenate(chosen, axis=1)


def count_flagged(
    labels: NDArray[Any], probabilities: Floats, part: Resampled, thresholds: Floats
) -> dict[str, Floats]:
    """Count, in each resample, what is flagged at thresholds that may differ from resample to resample.

    Parameters
    ----------
    labels, probabilities : (cases,) floating
        Of one finding; NaN = unknown.
    part
        The resamples of these cases' patients.
    thresholds : (rules, 1 + resamples) float64
        ``probability >= threshold`` is flagged.

    Returns
    -------
    dict
        tp, fn, fp, tn: (rules, 1 + resamples) float64; NaN where the threshold is NaN.
    """
    known = ~np.isnan(labels)
    truth, scores, codes = labels[known] == 1, probabilities[known], part.codes[known]
    cuts = np.unique(thresholds[~np.isnan(thresholds)])
    missed = len(cuts) - np.searchsorted(cuts, scores, side="right")  # thresholds above a case
    # Flagged at the k-th threshold: the cases that miss len(cuts) - 1 - k of them, or fewer.
    position = len(cuts) - 1 - np.searchsorted(cuts, thresholds)
    counts = {}
    for kind, flagged, other in ((truth, "tp", "fn"), (~truth, "fp", "tn")):
        placed = place(missed[kind], codes[kind], len(cuts) + 1, part)
        up_to, every = read_sums(placed, part, position)
        counts[flagged] = np.where(np.isnan(thresholds), np.nan, up_to)
        counts[other] = every - counts[flagged]
    return counts


def read_sums(placed: sparse.csr_array, part: Resampled, position: Codes) -> tuple[Floats, Floats]:
    """Sum the counts up to a place that differs by resample, (rules, 1 + resamples), and all of them."""
    sums, totals, start = [], [], 0
    for weights in blocks(part, placed.shape[0]):
        rising = np.cumsum(placed @ weights, axis=0)
        columns = np.arange(rising.shape[1])
        sums.append(rising[position[:, start + columns], columns])
        totals.append(rising[-1])
        start += len(columns)
    return np.concatenate(sums, axis=1), np.concatenate(totals)


def place(places: Codes, codes: Codes, size: int, part: Resampled) -> sparse.csr_array:
    """Count each patient's cases at each place, (size, patients).

    Parameters
    ----------
    places, codes : (cases,) intp
        Where each case is counted, and its patient.
    """
    shape = (size, part.multiplicities.shape[1])
    return sparse.coo_array((np.ones(len(places)), (places, codes)), shape=shape).tocsr()


def blocks(part: Resampled, width: int) -> Iterator[Floats]:
    """Yield the draws of a few resamples at a time, (patients, some resamples)."""
    resamples, patients = part.multiplicities.shape
    step = max(1, BLOCK // max(width, patients))
    for start in range(0, resamples, step):
        yield np.ascontiguousarray(part.multiplicities[start : start + step].T, np.float64)
