"""Calibration of the test set: as predicted, after undoing the class weights, after Platt scaling."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import CompareSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.arms import list_arms
from radpipe.evaluation.calibration.measures import MEASURES, bin_cases, compute_measures, fit_line
from radpipe.evaluation.calibration.undoing import compute_case_offsets, subtract_offsets
from radpipe.evaluation.estimates import Runs
from radpipe.evaluation.metrics import average_known, find_missing_class, nan_to_none, sigmoid
from radpipe.predictions import Predictions

VARIANTS = {
    "trained": "as predicted",
    "undone": "class weights undone",
    "platt": "Platt scaling",
}
UNKNOWN_TRAINING = (
    "Class weights, if there were any, are not undone: the weights and training counts of these predictions "
    "are not known."
)
ONE_AGAINST_THE_REST = (
    "The targets are classes: each is held against the rest of its grade, and Platt scaling treats it so; "
    "the scaled probabilities of a grade need not add up to 1."
)
Floats = NDArray[np.float64]


def compute_calibration(
    runs: Runs,
    plan: CompareSpec,
    weights: Mapping[str, Any] | None,
    trainings: Mapping[RunName, Mapping[str, Any]],
) -> dict[str, Any]:
    """Compute the section calibration of compare.json.

    Parameters
    ----------
    runs
        Predictions of all runs.
    plan
        Its `bins`.
    weights, trainings
        weights.json, and training.json of each run; None and {} for predictions of another model.

    Returns
    -------
    dict
        bins, variants (key -> words), notes (what a reader must know), and arms: arm -> variant ->
        {findings, macro, curves}. Measures are means over the seeds; None where a seed has none. macro is the
        mean over the findings that have the measure, `over` of them. curves: finding -> cases, predicted,
        observed of each bin, all seeds together.
    """
    variants = {run: recalibrate(each, weights, trainings.get(run)) for run, each in runs.items()}
    tests = {run: each.select_split("test") for run, each in runs.items()}
    known = [key for key in VARIANTS if all(key in each for each in variants.values())]
    notes = []
    if "undone" not in known:
        notes.append(UNKNOWN_TRAINING)
    if weights is not None and weights["kind"] == "categorical":
        notes.append(ONE_AGAINST_THE_REST)

    def describe_arm(arm: str) -> dict[str, Any]:
        seeds = [run for run in runs if run[0] == arm]
        return {
            key: describe_variant([(tests[run], variants[run][key]) for run in seeds], plan.bins)
            for key in known
        }

    return {
        "bins": plan.bins,
        "variants": {key: VARIANTS[key] for key in known},
        "notes": notes,
        "arms": {arm: describe_arm(arm) for arm in list_arms(runs)},
    }


def recalibrate(
    predictions: Predictions, weights: Mapping[str, Any] | None, training: Mapping[str, Any] | None
) -> dict[str, Floats]:
    """Compute the log odds of the test set in each variant, (cases, targets) float64."""
    test = predictions.select_split("test")
    val = predictions.select_split("val")
    found = {"trained": test.logits.astype(np.float64)}
    offset = compute_case_offsets(weights, training, test) if weights and training else None
    if weights and offset is not None:
        found["undone"] = subtract_offsets(test.logits, offset, test.targets, weights["kind"])
    if len(val.cases):
        found["platt"] = apply_platt_scaling(val, test)
    return found


def apply_platt_scaling(val: Predictions, test: Predictions) -> Floats:
    """Fit Platt's line to each finding of the validation set, and apply it to the test set.

    Returns
    -------
    (cases, targets) float64
        Log odds; NaN for a finding to which no line can be fitted.

    References
    ----------
    Platt, Advances in Large Margin Classifiers, 1999; without his smoothing of the labels.
    """
    scaled = np.full(test.logits.shape, np.nan)
    for j in range(len(test.targets)):
        known = ~np.isnan(val.labels[:, j])
        truth = val.labels[known, j].astype(np.float64)
        if not find_missing_class(truth):
            slope, intercept = fit_line(truth, val.logits[known, j].astype(np.float64))
            scaled[:, j] = intercept + slope * test.logits[:, j]
    return scaled


def describe_variant(seeds: list[tuple[Predictions, Floats]], bins: int) -> dict[str, Any]:
    """Measure one variant of one arm; `seeds` are the test set and the log odds of each seed.

    Log odds are (cases, findings) float64.
    """
    targets = seeds[0][0].targets
    findings = {
        target: _average_seeds([measure_logits(test.labels[:, j], odds[:, j], bins) for test, odds in seeds])
        for j, target in enumerate(targets)
    }
    macro = {}
    for name in MEASURES:
        mean, over = average_known([means[name] for means in findings.values()])
        macro[name] = {"value": nan_to_none(mean), "over": over}
    return {
        "findings": {
            target: {name: nan_to_none(mean) for name, mean in means.items()}
            for target, means in findings.items()
        },
        "macro": macro,
        "curves": {target: bin_finding(seeds, j, bins) for j, target in enumerate(targets)},
    }


def measure_logits(labels: NDArray[Any], logits: Floats, bins: int) -> dict[str, float]:
    """Compute the measures of one finding; NaN where it could not be recalibrated.

    `labels` (cases,) float32, `logits` (cases,) float64.
    """
    if np.isnan(logits).any():
        return dict.fromkeys(MEASURES, float("nan"))
    return compute_measures(labels, logits, bins)


def bin_finding(seeds: list[tuple[Predictions, Floats]], j: int, bins: int) -> dict[str, list[float]] | None:
    """Bin the known cases of one finding, of all seeds together; None if it could not be recalibrated.

    Log odds are (cases, findings) float64.
    """
    labels = np.concatenate([test.labels[:, j] for test, _ in seeds]).astype(np.float64)
    logits = np.concatenate([odds[:, j] for _, odds in seeds])
    known = ~np.isnan(labels)
    if np.isnan(logits).any() or not known.any():
        return None
    table = bin_cases(labels[known], sigmoid(logits[known]), bins)
    return {str(name): table[name].tolist() for name in ("cases", "predicted", "observed")}


def _average_seeds(seeds: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([measures[name] for measures in seeds])) for name in MEASURES}
