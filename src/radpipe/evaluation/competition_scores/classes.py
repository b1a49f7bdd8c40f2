"""One of several classes: accuracy and macro F1."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.integer[Any]]


def compute_accuracy(truth: Whole, predicted: Whole) -> float:
    """Return the share of the cases whose class is right; NaN without a case.

    Parameters
    ----------
    truth, predicted : (cases,) integer
        Numbers of classes.
    """
    return float(np.mean(truth == predicted)) if len(truth) else float("nan")


def count_confusion(truth: Whole, predicted: Whole, classes: int) -> NDArray[np.int64]:
    """Count the cases by their true and their predicted class.

    Parameters
    ----------
    truth, predicted : (cases,) integer
        Numbers of classes, from 0.
    classes : int
        How many there are.

    Returns
    -------
    (classes, classes) int64
        Rows are the true classes, columns the predicted ones.

    Examples
    --------
    >>> count_confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), classes=2).tolist()
    [[1, 1], [0, 1]]
    """
    pairs = np.asarray(truth, np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes**2).astype(np.int64).reshape(classes, classes)


def compute_macro_f1(truth: Whole, predicted: Whole) -> float:
    """Return the mean of the F1 of the classes, ``2 tp / (2 tp + fp + fn)``, unweighted.

    Parameters
    ----------
    truth, predicted : (cases,) integer
        Numbers of classes. A class that is neither true nor predicted anywhere has no F1 and is left out,
        as by scikit-learn's f1_score; one that is never found has 0.

    Returns
    -------
    float
        NaN without a case.

    References
    ----------
    Sokolova and Lapalme, Information Processing and Management 45, 2009, with the harmonic mean taken per
    class before the mean over classes.

    Examples
    --------
    >>> round(compute_macro_f1(np.array([0, 0, 1]), np.array([0, 1, 1])), 3)
    0.667
    """
    if not len(truth):
        return float("nan")
    classes = np.union1d(truth, predicted)[:, None]
    true = truth == classes
    found = predicted == classes
    return float(np.mean(2 * (true & found).sum(axis=1) / (true.sum(axis=1) + found.sum(axis=1))))
