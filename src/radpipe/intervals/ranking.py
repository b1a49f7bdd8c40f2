"""AUROC, average precision and recall at a false-positive rate, of every resample at once."""

import numpy as np
from numpy.typing import NDArray

from radpipe.intervals.resampling import Counts, Floats


def auroc_draws(labels: Floats, scores: Floats, codes: NDArray[np.intp], multiplicities: Counts) -> Floats:
    """AUROC of each resample.

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
    raise NotImplementedError


def average_precision_draws(
    labels: Floats, scores: Floats, codes: NDArray[np.intp], multiplicities: Counts
) -> Floats:
    """Average precision of each resample; parameters and result as of `auroc_draws`."""
    raise NotImplementedError


def recall_at_fpr_draws(
    labels: Floats,
    scores: Floats,
    codes: NDArray[np.intp],
    multiplicities: Counts,
    fpr: Floats | float,
) -> Floats:
    """Recall at a false-positive rate, of each resample; `fpr` is one rate, or one for each resample."""
    raise NotImplementedError
