"""DeLong's variance of AUROCs, of their differences and means: only where every case is another patient."""

import numpy as np
from scipy.stats import rankdata

from radpipe.evaluation.intervals.levels import Labels
from radpipe.evaluation.intervals.resampling import Floats


def compute_delong(labels: Labels, scores: Labels) -> tuple[float, Floats]:
    """Compute the AUROC, and what each case contributes to its error.

    Parameters
    ----------
    labels, scores : (cases,) floating
        Labels are 1, 0 or NaN = unknown.

    Returns
    -------
    area : float
    errors : (cases,) float64
        The sum of their squares is DeLong's variance of this AUROC; the sum of the products with those of
        another score of the same cases, the covariance. So the variance of any sum, difference or mean of
        AUROCs is the sum of squares of the same sum, difference or mean. 0 where the label is unknown;
        area and errors are NaN unless there are two positives and two negatives.

    References
    ----------
    DeLong et al., Biometrics 44, 1988. Sun and Xu, IEEE Signal Processing Letters 21, 2014: by ranks, in
    O(cases log cases).
    """
    positive = labels == 1
    negative = labels == 0
    m = np.count_nonzero(positive)
    n = np.count_nonzero(negative)
    if min(m, n) < 2:
        return float("nan"), np.full(len(labels), np.nan)
    known = positive | negative
    ranks = np.zeros(len(labels))
    own = np.zeros(len(labels))
    for chosen, place in ((known, ranks), (positive, own), (negative, own)):
        place[chosen] = rankdata(scores[chosen])
    others = ranks - own  # how many of the other class score lower; a tie counts half
    right = np.where(positive, others / n, 1 - others / m)
    area = float(right[positive].mean())
    errors = (right - area) / np.where(positive, np.sqrt(m * (m - 1)), np.sqrt(n * (n - 1)))
    return area, np.where(known, errors, 0.0)
