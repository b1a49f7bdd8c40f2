"""The operating point on a finding's ROC curve: four rules, all applied to the validation set.

A rule takes how many positives and negatives are flagged at each possible threshold, highest threshold
first, and returns the position of one. Counts may be those of many resamples at once.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from radpipe.config.evaluation import EvaluateSpec
from radpipe.evaluation.metrics import UNKNOWN, Floats, find_missing_class

Counts = NDArray[np.floating[Any]]
Positions = NDArray[np.intp]
Rule = Callable[[Counts, Counts, EvaluateSpec], Positions]
SLACK = 1e-9  # in cases: 1 - 0.9 is not exactly a tenth, and a tenth of 70 cases is 7


def maximise_youden(found: Counts, alarms: Counts, spec: EvaluateSpec) -> Positions:
    """Take the largest recall + specificity - 1.

    `found` and `alarms` (thresholds, resamples) float64; returned (resamples,) intp, places of thresholds.
    """
    gain = found * alarms[-1] - alarms * found[-1]  # over a common denominator: no rounding between ties
    return np.asarray(np.argmax(gain, axis=0))


def reach_recall(found: Counts, alarms: Counts, spec: EvaluateSpec) -> Positions:
    """Take the highest threshold that reaches `spec.recall`.

    `found` and `alarms` (thresholds, resamples) float64; returned (resamples,) intp, places of thresholds.
    """
    return np.asarray(np.argmax(found >= spec.recall * found[-1] - SLACK, axis=0))


def keep_specificity(found: Counts, alarms: Counts, spec: EvaluateSpec) -> Positions:
    """Take the largest recall among the thresholds that keep `spec.specificity`.

    `found` and `alarms` (thresholds, resamples) float64; returned (resamples,) intp, places of thresholds.
    """
    kept = alarms <= (1 - spec.specificity) * alarms[-1] + SLACK
    return np.asarray(np.argmax(np.where(kept, found, -1), axis=0))


def minimise_cost(found: Counts, alarms: Counts, spec: EvaluateSpec) -> Positions:
    """Take the least `spec.cost_ratio` * missed positives + false alarms.

    `found` and `alarms` (thresholds, resamples) float64; returned (resamples,) intp, places of thresholds.
    """
    return np.asarray(np.argmin(spec.cost_ratio * (found[-1] - found) + alarms, axis=0))


RULES: dict[str, Rule] = {
    "youden": maximise_youden,
    "recall": reach_recall,
    "specificity": keep_specificity,
    "cost": minimise_cost,
}


def format_rule(spec: EvaluateSpec, rule: str | None = None) -> str:
    """Return a rule in words; None: `spec.threshold`."""
    words = {
        "youden": "the largest recall + specificity \N{MINUS SIGN} 1 (Youden)",
        "recall": f"the highest threshold that reaches a recall of {spec.recall:g}",
        "specificity": f"the largest recall that keeps a specificity of {spec.specificity:g}",
        "cost": f"the least cost, where a missed positive costs as much as {spec.cost_ratio:g} false alarms",
    }
    return words[rule or spec.threshold]


def choose_threshold(
    labels: Floats, probabilities: Floats, spec: EvaluateSpec, rule: str | None = None
) -> float:
    """Choose an operating point on one finding's ROC curve; NaN where there is none.

    Parameters
    ----------
    labels, probabilities : (cases,) floating
        Of the validation set: a threshold chosen on the test set would be biased in its favour.
    spec
        Its rule, and what that rule has to reach.
    rule
        A key of `RULES`; None: `spec.threshold`.

    Returns
    -------
    float
        Of several equally good thresholds the highest. 1 where it is best to flag nothing.

    References
    ----------
    youden: Youden, Cancer 3, 1950. cost: the expected cost of a decision rule, as in Metz, Seminars in
    Nuclear Medicine 8, 1978.
    """
    known = ~np.isnan(labels)
    truth = labels[known]
    if find_missing_class(truth):
        return UNKNOWN
    fpr, tpr, thresholds = roc_curve(truth, probabilities[known], drop_intermediate=False)
    found = np.rint(tpr * (truth == 1).sum())
    alarms = np.rint(fpr * (truth == 0).sum())
    best = RULES[rule or spec.threshold](found, alarms, spec)
    return float(min(thresholds[best], 1.0))  # the curve starts at infinity: nothing is flagged
