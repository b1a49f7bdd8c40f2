"""Calibration of the test part: as predicted, after undoing the class weights, after Platt scaling."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import CompareSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.arms import list_arms
from radpipe.evaluation.calibration.measures import MEASURES, bin_cases, fit_line, measure
from radpipe.evaluation.calibration.undoing import case_offsets, offsets, undo
from radpipe.evaluation.estimates import Runs
from radpipe.evaluation.metrics import sigmoid, undefined_because
from radpipe.predictions import Predictions

__all__ = ["calibration", "case_offsets", "offsets", "recalibrate", "scale", "undo"]

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
Facts = Mapping[str, Any]


def calibration(
    runs: Runs, plan: CompareSpec, weights: Facts | None, trainings: Mapping[RunName, Facts]
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
    tests = {run: each.of_split("test") for run, each in runs.items()}
    known = [key for key in VARIANTS if all(key in each for each in variants.values())]
    categorical = weights is not None and weights["kind"] == "categorical"
    return {
        "bins": plan.bins,
        "variants": {key: VARIANTS[key] for key in known},
        "notes": [UNKNOWN_TRAINING] * ("undone" not in known) + [ONE_AGAINST_THE_REST] * categorical,
        "arms": {
            arm: {
                key: describe([(tests[run], variants[run][key]) for run in runs if run[0] == arm], plan.bins)
                for key in known
            }
            for arm in list_arms(runs)
        },
    }


def recalibrate(predictions: Predictions, weights: Facts | None, training: Facts | None) -> dict[str, Floats]:
    """Compute the log odds of the test part in each variant, (cases, targets) float64."""
    test, val = predictions.of_split("test"), predictions.of_split("val")
    found = {"trained": test.logits.astype(np.float64)}
    offset = case_offsets(weights, training, test) if weights and training else None
    if weights and offset is not None:
        found["undone"] = undo(test.logits, offset, test.targets, weights["kind"])
    if len(val.cases):
        found["platt"] = scale(val, test)
    return found


def scale(val: Predictions, test: Predictions) -> Floats:
    """Fit Platt's line to each finding of the validation part, and apply it to the test part.

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
        if not undefined_because(truth):
            slope, intercept = fit_line(truth, val.logits[known, j].astype(np.float64))
            scaled[:, j] = intercept + slope * test.logits[:, j]
    return scaled


def describe(seeds: list[tuple[Predictions, Floats]], bins: int) -> dict[str, Any]:
    """Measure one variant of one arm; `seeds` holds the test part and the log odds of each seed."""
    targets = seeds[0][0].targets
    findings = {
        target: _mean([measure_finding(test.labels[:, j], odds[:, j], bins) for test, odds in seeds])
        for j, target in enumerate(targets)
    }
    curves = {target: trace(seeds, j, bins) for j, target in enumerate(targets)}
    return {"findings": findings, "macro": _macro(findings), "curves": curves}


def measure_finding(labels: NDArray[Any], logits: Floats, bins: int) -> dict[str, float]:
    """Compute the measures of one finding; NaN where it could not be recalibrated."""
    if np.isnan(logits).any():
        return dict.fromkeys(MEASURES, float("nan"))
    return measure(labels, logits, bins)


def trace(seeds: list[tuple[Predictions, Floats]], j: int, bins: int) -> dict[str, list[float]] | None:
    """Bin the known cases of one finding, of all seeds together; None if it could not be recalibrated."""
    labels = np.concatenate([test.labels[:, j] for test, _ in seeds]).astype(np.float64)
    logits = np.concatenate([odds[:, j] for _, odds in seeds])
    known = ~np.isnan(labels)
    if np.isnan(logits).any() or not known.any():
        return None
    table = bin_cases(labels[known], sigmoid(logits[known]), bins)
    return {str(name): table[name].tolist() for name in ("cases", "predicted", "observed")}


def _mean(seeds: list[dict[str, float]]) -> dict[str, float | None]:
    return {name: _null(float(np.mean([each[name] for each in seeds]))) for name in MEASURES}


def _macro(findings: Mapping[str, Mapping[str, float | None]]) -> dict[str, dict[str, Any]]:
    macro = {}
    for name in MEASURES:
        values = [value for entry in findings.values() if (value := entry[name]) is not None]
        macro[name] = {"value": float(np.mean(values)) if values else None, "over": len(values)}
    return macro


def _null(value: float) -> float | None:
    return None if np.isnan(value) else value
