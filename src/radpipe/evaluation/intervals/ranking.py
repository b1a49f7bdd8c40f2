"""AUROC, average precision and recall at a false-positive rate, of every resample at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radpipe.evaluation.intervals.levels import Curve, Labels, compute_curve, find_levels
from radpipe.evaluation.intervals.resampling import Counts, Floats, divide_into_blocks

SLACK = 1e-6  # in cases: a rate of 1/10, written as 1 - 0.9, is one case of ten


def compute_auroc_draws(
    labels: Labels, scores: Labels, codes: NDArray[np.intp], multiplicities: Counts
) -> Floats:
    """Compute the AUROC of each resample.

    Parameters
    ----------
    labels, scores : (cases,) floating
        Labels are 1, 0 or NaN = unknown, which do not count.
    codes : (cases,) intp
        The patient of each case.
    multiplicities : (resamples, patients) unsigned integers

    Returns
    -------
    (resamples,) float64
        NaN where a resample lacks a class.
    """
    return compute_ranking_draws(labels, scores, codes, multiplicities)["auroc"]


def compute_ranking_draws(
    labels: Labels,
    scores: Labels,
    codes: NDArray[np.intp],
    multiplicities: Counts,
    rates: Sequence[Floats | float] = (),
) -> dict[str, Floats]:
    """Compute AUROC, average precision and recalls in one pass; parameters as of `compute_auroc_draws`.

    Parameters
    ----------
    rates
        False-positive rates, each one number or (resamples,) float64.

    Returns
    -------
    dict
        auroc, average_precision : (resamples,) float64; recalls : (rates, resamples) float64.
        With every patient drawn once they are those of scikit-learn, ties included.

    References
    ----------
    Fawcett, Pattern Recognition Letters 27, 2006: algorithms 1 and 2; section 7, points between two
    classifiers are reached by choosing among them at random. Average precision is the sum of
    the precisions at each level, weighted by the recall gained there, as in scikit-learn.
    """
    resamples, patients = multiplicities.shape
    wanted = np.array([np.broadcast_to(rate, resamples) for rate in rates]).reshape(-1, resamples)
    shapes = {"auroc": resamples, "average_precision": resamples, "recalls": wanted.shape}
    draws = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
    if not ((labels == 1).any() and (labels == 0).any()):
        return draws
    levels = find_levels(labels, scores, codes, patients)
    with np.errstate(invalid="ignore"):  # 0 / 0: a resample without a class
        for rows in divide_into_blocks(resamples, max(patients, levels.above.shape[0])):
            curve = compute_curve(levels, multiplicities[rows])
            draws["auroc"][rows] = _compute_area(curve)
            draws["average_precision"][rows] = _compute_average_precision(curve)
            for place, rate in enumerate(wanted):
                draws["recalls"][place, rows] = _read_recall(curve, rate[rows])
    return draws


def _compute_area(curve: Curve) -> Floats:
    """Sum, over the levels, positives x negatives below; a tie counts half."""
    below = curve.negatives - (curve.before + curve.after) / 2
    pairs = np.einsum("ij,ij->j", curve.found, below, dtype=np.float64)
    return np.asarray(pairs / (curve.found.sum(axis=0, dtype=np.float64) * curve.negatives))


def _compute_average_precision(curve: Curve) -> Floats:
    flagged = np.asarray(curve.reached + curve.after, np.float64)
    gained = np.einsum("ij,ij->j", curve.found, curve.reached / np.maximum(flagged, 1))
    defined = np.where(curve.negatives > 0, curve.found.sum(axis=0, dtype=np.float64), np.nan)
    return np.asarray(gained / defined)


def _read_recall(curve: Curve, rates: Floats) -> Floats:
    """Read each curve at its rate: straight between its points, at the upper end of a rise."""
    allowed = rates * curve.negatives
    passed = np.count_nonzero(curve.before <= allowed + SLACK, axis=0)
    last = np.maximum(passed - 1, 0)[None, :]
    found, reached, before, after = (
        np.take_along_axis(each, last, axis=0)[0].astype(np.float64)
        for each in (curve.found, curve.reached, curve.before, curve.after)
    )
    share = np.where(after > before, (allowed - before) / np.maximum(after - before, 1), 1).clip(0, 1)
    recall = (reached - (1 - share) * found) / curve.found.sum(axis=0, dtype=np.float64)
    known = np.where((curve.negatives > 0) & ~np.isnan(rates), recall, np.nan)
    return np.where(passed > 0, known, 0 * known)
