"""Operating points: thresholds chosen on validation, applied to test, and what follows from them.

The interval of a rate holds the choice, too: each resample of the test part meets a resample of the
validation part, drawn on its own, in which the threshold is chosen again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.estimates import Resampled, Runs, Values, lacking, pair, resample
from radpipe.evaluation.intervals.limits import effective_patients
from radpipe.evaluation.intervals.resampling import encode
from radpipe.evaluation.metrics import sigmoid, undefined_because
from radpipe.evaluation.operating_points.rates import describe
from radpipe.evaluation.operating_points.resampled import choose_in_resamples, count_flagged
from radpipe.evaluation.thresholds import RULES, describe_rule
from radpipe.predictions import Predictions

__all__ = ["CHOICES", "HALF", "Thresholds", "choose_all", "count_flagged", "operating_points"]

HALF = "half"  # beside the rules: 0.5, whatever a loss does to the probabilities
CHOICES = (*RULES, HALF)
Thresholds = dict[RunName, dict[str, NDArray[np.float64]]]  # finding -> (choices, 1 + resamples)
Findings = dict[str, dict[str, NDArray[np.float64]]]  # finding -> what -> (choices, 1 + resamples)


def choose_all(runs: Runs, spec: EvaluateSpec, plan: CompareSpec) -> Thresholds:
    """Choose the thresholds of each run, in the order of `CHOICES`, in all resamples of the validation part.

    They are NaN where the validation part lacks a class, or is empty. Its resamples are drawn on their own,
    but for the patients of a cross-validation, who are in both parts: they are drawn once for both.
    """
    thresholds: Thresholds = {}
    reference = next(iter(runs.values()))
    val, test = (reference.of_split(name) for name in ("val", "test"))
    people = [pd.unique(each.cases["patient_id"]).tolist() for each in (val, test)]
    same = set(people[0]) == set(people[1])
    part = resample(val, plan.intervals, offset=int(not same))
    if same:  # in the order of the test part, whose draws these are
        codes = pd.Index(people[1]).get_indexer(val.cases["patient_id"])
        part = Resampled(codes.astype(np.intp), part.multiplicities)
    for run, predictions in runs.items():
        val = predictions.of_split("val")
        scores = sigmoid(val.logits)
        thresholds[run] = {
            target: _choose(val.labels[:, j], scores[:, j], part, spec, plan)
            for j, target in enumerate(val.targets)
        }
    return thresholds


def operating_points(
    runs: Runs, thresholds: Thresholds, spec: EvaluateSpec, plan: CompareSpec
) -> dict[str, Any]:
    """Compute the section operating_points of compare.json.

    Parameters
    ----------
    runs, thresholds
        Predictions of all runs, and what `choose_all` returns for them.

    Returns
    -------
    dict
        main (the rule of the configuration), prevalence (the stated one), of (how many findings), and
        choices: for each of `CHOICES` its words, without (findings without an interval, and why), over
        (findings of the mean: those with both classes in the parts that count), and the entries of findings
        and macro. An entry is what `estimates.pair` makes of threshold [probability] and of each rate of
        `rates.describe`. A threshold of 0.5 asks nothing of the validation part.
    """
    first = next(iter(runs.values()))
    val, test = first.of_split("val"), first.of_split("test")
    part = resample(test, plan.intervals, offset=0)
    values = {run: _rates(each.of_split("test"), part, thresholds[run], plan) for run, each in runs.items()}

    def carry(targets: list[str]) -> float:
        positions = [test.targets.index(target) for target in targets]
        return effective_patients(test.labels[:, positions], part.codes) if targets else 0

    def read(k: int, choice: str) -> dict[str, Any]:
        parts = {"test": test} if choice == HALF else {"validation": val, "test": test}
        without = explain_without(parts, plan.intervals.min_positive_patients)
        usable = find_usable(parts.values())
        alone = {target: None if target in without else carry([target]) for target in test.targets}
        return {
            "words": "0.5, whatever the loss" if choice == HALF else describe_rule(spec, choice),
            "without": without,
            "over": len(usable),
            "findings": {
                target: _entries(values, [target], k, plan, carriers) for target, carriers in alone.items()
            },
            "macro": _entries(
                values, usable, k, plan, None if set(usable) <= set(without) else carry(usable)
            ),
        }

    return {
        "main": spec.threshold,
        "prevalence": plan.prevalence,
        "of": len(test.targets),
        "choices": {choice: read(k, choice) for k, choice in enumerate(CHOICES)},
    }


def find_usable(parts: Iterable[Predictions]) -> list[str]:
    """Return the findings that have both classes in all parts."""
    lists = [
        [target for j, target in enumerate(part.targets) if undefined_because(part.labels[:, j]) is None]
        for part in parts
    ]
    return [target for target in lists[0] if all(target in known for known in lists)]


def explain_without(parts: Mapping[str, Predictions], least: int) -> dict[str, str]:
    """Say of each finding with too few patients, in one of the parts, why it has no interval."""
    reasons = {}
    for name, part in parts.items():
        codes = encode(part.cases["patient_id"])
        for j, target in enumerate(part.targets):
            reason = lacking(part.labels[:, j], codes, least)
            if reason:
                reasons[target] = f"{name} part: {reason}"
    return reasons


def _choose(
    labels: NDArray[np.float32],
    scores: NDArray[np.float64],
    part: Resampled,
    spec: EvaluateSpec,
    plan: CompareSpec,
) -> NDArray[np.float64]:
    rules = tuple(RULES)
    resamples = 1 + plan.intervals.resamples * (plan.intervals.method == "bootstrap")
    half = np.full((1, resamples), 0.5)
    if undefined_because(labels):
        return np.concatenate([np.full((len(rules), resamples), np.nan), half])
    return np.concatenate([choose_in_resamples(labels, scores, part, spec, rules), half])


def _rates(
    test: Predictions, part: Resampled, thresholds: Mapping[str, NDArray[np.float64]], plan: CompareSpec
) -> Findings:
    scores = sigmoid(test.logits)
    return {
        target: {
            "threshold": thresholds[target],
            **describe(
                count_flagged(test.labels[:, j], scores[:, j], part, thresholds[target]), plan.prevalence
            ),
        }
        for j, target in enumerate(test.targets)
    }


def _entries(
    values: Mapping[RunName, Findings],
    targets: list[str],
    choice: int,
    plan: CompareSpec,
    patients: float | None,
) -> dict[str, Any]:
    """Pair the arms in the mean over some findings; `patients` carry it, None: without the resamples."""
    kept = slice(1) if patients is None else slice(None)
    names = next(iter(next(iter(values.values())).values())) if targets else ()

    def mean(run: RunName, name: str) -> Values:
        return np.asarray(np.mean([values[run][target][name][choice, kept] for target in targets], axis=0))

    return {
        name: pair(
            {run: mean(run, name) for run in values},
            plan.intervals.level,
            bounded=True,
            patients=patients or 0,
        )
        for name in names
    }
