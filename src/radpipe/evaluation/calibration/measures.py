"""Measures of calibration: Brier score, expected calibration error, slope and intercept."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import logit

from radpipe.config.metrics import select_metrics
from radpipe.evaluation.metrics import UNKNOWN, find_missing_class, sigmoid

Floats = NDArray[np.float64]
MEASURES = tuple(select_metrics("calibration"))


def compute_measures(labels: NDArray[Any], logits: NDArray[Any], bins: int) -> dict[str, float]:
    """Compute `MEASURES` of one finding over its known labels; NaN where a class is missing.

    Parameters
    ----------
    labels, logits : (cases,) floating
    bins
        Of the calibration error.

    Returns
    -------
    dict
        brier: mean squared difference of probability and label. ece: `compute_expected_error`. slope and
        intercept: `fit_line`; 1 and 0 are ideal, below a slope of 1 probabilities are too extreme.
        in_the_large: `find_shift`; below 0 the probabilities are too high on average.
    """
    known = ~np.isnan(labels)
    truth = labels[known].astype(np.float64)
    odds = logits[known].astype(np.float64)
    if find_missing_class(truth):
        return dict.fromkeys(MEASURES, UNKNOWN)
    probabilities = sigmoid(odds)
    slope, intercept = fit_line(truth, odds)
    return {
        "brier": float(np.mean((probabilities - truth) ** 2)),
        "ece": compute_expected_error(bin_cases(truth, probabilities, bins)),
        "slope": slope,
        "intercept": intercept,
        "in_the_large": find_shift(truth, odds),
    }


def bin_cases(truth: Floats, probabilities: Floats, bins: int) -> pd.DataFrame:
    """Divide cases by their probability into bins of equal numbers; equal probabilities stay together.

    `truth` and `probabilities` (cases,) float64.

    Returns
    -------
    DataFrame
        One row per bin, by rising probability: cases, predicted (mean probability), observed (share of
        positives), both float64. Fewer rows than bins where many probabilities are equal.

    Examples
    --------
    >>> table = bin_cases(np.array([0.0, 1, 0, 1]), np.array([0.1, 0.3, 0.6, 0.8]), bins=2)
    >>> table["predicted"].round(3).tolist()
    [0.2, 0.7]
    """
    order = np.sort(probabilities)
    bin_of = np.searchsorted(order, probabilities, side="left") * bins // max(len(order), 1)
    table = pd.DataFrame({"bin": bin_of, "predicted": probabilities, "observed": truth})
    means = table.groupby("bin").mean()
    return means.assign(cases=table.groupby("bin").size()).reset_index(drop=True)


def compute_expected_error(table: pd.DataFrame) -> float:
    """Average the distance of observed from predicted over the bins, by their cases.

    References
    ----------
    Naeini, Cooper and Hauskrecht, AAAI 2015. Bins of equal numbers as in Nguyen and O'Connor, EMNLP 2015.
    """
    return float(np.average((table["observed"] - table["predicted"]).abs(), weights=table["cases"]))


def fit_line(truth: Floats, logits: Floats) -> tuple[float, float]:
    """Fit ``logit P(y = 1) = intercept + slope * logit`` by maximum likelihood.

    `truth` (cases,) float64, 0 or 1; `logits` (cases,) float64.

    Returns
    -------
    slope, intercept
        NaN where no finite line is best: one logit for all, or classes that do not overlap.

    References
    ----------
    Cox, Biometrika 45, 1958; Platt 1999 fits the same line to recalibrate.
    """
    positive = logits[truth == 1]
    negative = logits[truth == 0]
    apart = positive.min() >= negative.max() or positive.max() <= negative.min()
    if apart:
        return UNKNOWN, UNKNOWN
    # Standardised: the optimiser then needs no more steps for log odds far from 0.
    mean = logits.mean()
    deviation = logits.std()
    intercept, slope = _minimise_log_loss(truth, (logits - mean) / deviation)
    return slope / deviation, intercept - slope / deviation * mean


def find_shift(truth: Floats, logits: Floats) -> float:
    """Find the intercept beside a slope of 1, calibration-in-the-large: the mean becomes the prevalence.

    `truth` (cases,) float64, 0 or 1; `logits` (cases,) float64.

    References
    ----------
    Van Calster et al., BMC Medicine 17, 2019, article 230.

    Examples
    --------
    Predicted 1/2, observed 3/4: the log odds are log 3 too low.

    >>> round(find_shift(np.array([1.0, 1, 1, 0]), np.zeros(4)), 4)
    1.0986
    """
    observed = truth.mean()
    # The farthest shifts that bring the highest, and the lowest, of the probabilities to the prevalence.
    ends = logit(observed) - np.array([logits.max() + 1, logits.min() - 1])

    def compute_excess(shift: float) -> float:
        return float(sigmoid(logits + shift).mean() - observed)

    return float(brentq(compute_excess, *ends, xtol=1e-10))


def _minimise_log_loss(truth: Floats, values: Floats) -> tuple[float, float]:
    """Minimise the log loss of a line by Newton steps; sums, not products: threads change no digit."""

    def compute_loss(line: Floats) -> float:
        odds = line[0] + line[1] * values
        return float(np.mean(np.logaddexp(0, odds) - truth * odds))

    def compute_gradient(line: Floats) -> Floats:
        excess = sigmoid(line[0] + line[1] * values) - truth
        return np.array([excess.mean(), (excess * values).mean()])

    def compute_curvature(line: Floats) -> Floats:
        found = sigmoid(line[0] + line[1] * values)
        weights = found * (1 - found)
        mixed = (weights * values).mean()
        return np.array([[weights.mean(), mixed], [mixed, (weights * values**2).mean()]])

    found = minimize(
        compute_loss,
        np.zeros(2),
        method="trust-exact",
        jac=compute_gradient,
        hess=compute_curvature,
        options={"gtol": 1e-12},
    )
    return float(found.x[0]), float(found.x[1])
