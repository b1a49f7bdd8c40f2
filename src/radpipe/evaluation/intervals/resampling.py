"""How often each patient is drawn, and sums over the patients drawn."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

Counts = NDArray[np.unsignedinteger[Any]]
Floats = NDArray[np.float64]
BLOCK = 4_000_000  # numbers in memory at a time


def draw_multiplicities(patients: int, resamples: int, seed: int) -> Counts:
    """Draw as many patients as there are, with replacement, and count how often each one is drawn.

    Returns
    -------
    (resamples, patients) uint16
        Each row sums to `patients`.

    References
    ----------
    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 6.2.

    Examples
    --------
    >>> draw_multiplicities(patients=4, resamples=1000, seed=0).sum(axis=1).tolist() == [4] * 1000
    True
    """
    random = np.random.default_rng(seed)
    drawn = np.empty((resamples, patients), np.uint16)
    for rows in divide_into_blocks(resamples, patients):
        count = rows.stop - rows.start
        places = random.integers(0, patients, (count, patients)) + np.arange(count)[:, None] * patients
        drawn[rows] = np.bincount(places.ravel(), minlength=count * patients).reshape(count, patients)
    return drawn


def encode_patients(patient_id: pd.Series) -> NDArray[np.intp]:
    """Return the patients as numbers 0, 1, ... in order of first appearance.

    Returns
    -------
    (cases,) intp
        The patient of each case.

    Examples
    --------
    >>> encode_patients(pd.Series(["b", "a", "b"])).tolist()
    [0, 1, 0]
    """
    return pd.factorize(patient_id)[0]


def sum_by_patient(values: Floats, codes: NDArray[np.intp]) -> Floats:
    """Sum the values of each patient's cases.

    Parameters
    ----------
    values : (cases, k) float64
    codes : (cases,) intp
        The patient of each case.

    Returns
    -------
    (patients, k) float64
        Up to the last patient that has a case.
    """
    cases = np.arange(len(codes))
    return np.asarray(csr_array((np.ones(len(codes)), (codes, cases))) @ values)


def sum_by_resample(multiplicities: Counts, sums: Floats) -> Floats:
    """Sum over the patients of each resample: `multiplicities @ sums`, a block of resamples at a time.

    Parameters
    ----------
    multiplicities : (resamples, patients) unsigned integers
    sums : (patients, k) float64
        Patients after the last one have none.

    Returns
    -------
    (resamples, k) float64
    """
    totals = np.empty((len(multiplicities), sums.shape[1]))
    for rows in divide_into_blocks(*multiplicities.shape):
        drawn = multiplicities[rows, : len(sums)].astype(np.float64)
        totals[rows] = np.einsum("rp,pk->rk", drawn, sums)  # BLAS would round by the number of threads
    return totals


def divide_into_blocks(rows: int, width: int) -> list[slice]:
    """Divide rows of some width into blocks of at most `BLOCK` numbers, and of one row at least."""
    step = max(1, BLOCK // max(width, 1))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]
