"""The ROC curves of resamples, at the scores of the positives.

These scores divide the scores into levels. Between two levels a ROC curve only goes to the right, so a
resample is determined by the weight of its positives at each level and of its negatives at and between the
levels. These are sums over the patients drawn: one sparse product for a block of resamples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from radpipe.evaluation.intervals.resampling import Counts

Labels = NDArray[np.floating]
MOST_EXACT = 2**24  # float32 counts up to it without rounding


@dataclass(frozen=True)
class Levels:
    """The distinct scores of the positives, highest first; how many cases each patient has there.

    Attributes
    ----------
    positive, tied : (levels, patients) sparse
        Positives, and negatives, with this score.
    above : (levels + 1, patients) sparse
        Negatives between this score and the next higher one; in the last row those below all levels.
    """

    positive: csr_array
    tied: csr_array
    above: csr_array


@dataclass(frozen=True)
class Curve:
    """The ROC curves of a block of resamples, at the levels, in cases.

    Attributes
    ----------
    found : (levels, resamples)
        Positives at this level.
    reached : (levels, resamples)
        Positives at this level and above.
    before, after : (levels, resamples)
        Negatives above this level; those and the negatives at it.
    negatives : (resamples,)
        All of them.
    """

    found: NDArray[np.floating]
    reached: NDArray[np.floating]
    before: NDArray[np.floating]
    after: NDArray[np.floating]
    negatives: NDArray[np.floating]


def find_levels(labels: Labels, scores: Labels, codes: NDArray[np.intp], patients: int) -> Levels:
    """Sort the cases of each patient into the levels; parameters as of `compute_auroc_draws`.

    `labels` and `scores` (cases,) float32, `codes` (cases,) intp.
    """
    positive = labels == 1
    negative = labels == 0
    levels = np.unique(scores[positive])[::-1]
    at = np.searchsorted(-levels, -scores)  # how many levels are higher
    tied = negative & (np.append(levels, np.nan)[at] == scores)
    exact = np.float32 if 16 * len(labels) < MOST_EXACT else np.float64  # no resample is 16 times as large

    def count_cases(chosen: NDArray[np.bool_], rows: int) -> csr_array:
        ones = np.ones(np.count_nonzero(chosen), exact)
        return csr_array((ones, (at[chosen], codes[chosen])), shape=(rows, patients))

    return Levels(
        positive=count_cases(positive, len(levels)),
        tied=count_cases(tied, len(levels)),
        above=count_cases(negative & ~tied, len(levels) + 1),
    )


def compute_curve(levels: Levels, multiplicities: Counts) -> Curve:
    """Return the curves of a block of resamples, (resamples, patients).

    `multiplicities` (resamples, patients) unsigned integers.
    """
    drawn = multiplicities.T.astype(levels.positive.dtype, order="C")
    found = levels.positive @ drawn
    tied = levels.tied @ drawn
    above = np.cumsum(levels.above @ drawn, axis=0)
    ties = np.cumsum(tied, axis=0)
    after = above[:-1] + ties
    return Curve(
        found=found,
        reached=np.cumsum(found, axis=0),
        before=after - tied,
        after=after,
        negatives=above[-1] + tied.sum(axis=0),
    )
