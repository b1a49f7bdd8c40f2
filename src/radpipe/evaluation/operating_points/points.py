"""Operating points: thresholds chosen on validation, applied to test, and what follows from them.

The interval of a rate includes the choice: each resample of the test set is paired with an independent
resample of the validation set, in which the threshold is chosen.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.estimates import Resampled, Runs, average_findings, find_shortages, pair, resample
from radpipe.evaluation.intervals.limits import count_effective_patients
from radpipe.evaluation.intervals.resampling import encode_patients
from radpipe.evaluation.metrics import find_missing_class, sigmoid
from radpipe.evaluation.operating_points.rates import compute_operating_rates
from radpipe.evaluation.operating_points.resampled import choose_in_resamples, count_flagged
from radpipe.evaluation.thresholds import RULES, format_rule
from radpipe.predictions import Predictions

HALF = "half"  # beside the rules: 0.5, whatever a loss does to the probabilities
CHOICES = (*RULES, HALF)
Thresholds = dict[RunName, dict[str, NDArray[np.float64]]]  # finding -> (choices, 1 + resamples)
Findings = dict[str, dict[str, NDArray[np.float64]]]  # finding -> what -> (choices, 1 + resamples)


def choose_all_thresholds(runs: Runs, spec: EvaluateSpec, plan: CompareSpec) -> Thresholds:
    """Choose the thresholds of each run, in the order of `CHOICES`, in all resamples of the validation set.

    They are NaN where the validation set lacks a class, or is empty. Its patients are resampled on their own,
    but for those of a cross-validation, who are in both sets: they are resampled once for both.

    Returned by run and finding: (choices, 1 + resamples) float64.
    """
    thresholds: Thresholds = {}
    reference = next(iter(runs.values()))
    val = reference.select_split("val")
    val_patients, test_patients = (
        pd.unique(reference.select_split(name).cases["patient_id"]).tolist() for name in ("val", "test")
    )
    same = set(val_patients) == set(test_patients)
    resampled = resample(val, plan.intervals, offset=int(not same))
    if same:  # in the order of the test set, whose draws these are
        codes = pd.Index(test_patients).get_indexer(val.cases["patient_id"])
        resampled = Resampled(codes.astype(np.intp), resampled.multiplicities)
    for run, predictions in runs.items():
        val = predictions.select_split("val")
        scores = sigmoid(val.logits)
        thresholds[run] = {
            target: _choose_thresholds(val.labels[:, j], scores[:, j], resampled, spec, plan)
            for j, target in enumerate(val.targets)
        }
    return thresholds


def compute_operating_points(
    runs: Runs, thresholds: Thresholds, spec: EvaluateSpec, plan: CompareSpec
) -> dict[str, Any]:
    """Compute the section operating_points of compare.json.

    Parameters
    ----------
    runs, thresholds
        Predictions of all runs, and what `choose_all_thresholds` returns for them.

    Returns
    -------
    dict
        main (the rule of the configuration), prevalence (the stated one), of (how many findings), and
        choices: for each of `CHOICES` its words, without (findings without an interval, and why), over
        (findings of the mean: those with both classes in the sets that count), and the entries of findings
        and macro. An entry is what `estimates.pair` makes of threshold [probability] and of each rate of
        `compute_operating_rates`. A threshold of 0.5 does not depend on the validation set.
    """
    reference = next(iter(runs.values()))
    val, test = (reference.select_split(name) for name in ("val", "test"))
    resampled = resample(test, plan.intervals, offset=0)
    values = _tabulate_runs(runs, resampled, thresholds, plan)

    def describe_choice(k: int, choice: str) -> dict[str, Any]:
        splits = {"test": test} if choice == HALF else {"validation": val, "test": test}
        without = find_shortages_by_split(splits, plan.intervals.min_positive_patients)
        usable = find_usable(splits.values())

        def build_entries(targets: list[str]) -> dict[str, Any]:
            known = not set(targets) <= set(without)
            patients = _count_patients(test, resampled, targets) if known else None
            return _build_entries(values, targets, k, plan, patients)

        return {
            "words": "0.5, whatever the loss" if choice == HALF else format_rule(spec, choice),
            "without": without,
            "over": len(usable),
            "findings": {target: build_entries([target]) for target in test.targets},
            "macro": build_entries(usable),
        }

    return {
        "main": spec.threshold,
        "prevalence": plan.prevalence,
        "of": len(test.targets),
        "choices": {choice: describe_choice(k, choice) for k, choice in enumerate(CHOICES)},
    }


def find_usable(splits: Iterable[Predictions]) -> list[str]:
    """Return the findings that have both classes in all of some splits."""
    lists = [
        [target for j, target in enumerate(split.targets) if find_missing_class(split.labels[:, j]) is None]
        for split in splits
    ]
    return [target for target in lists[0] if all(target in known for known in lists)]


def find_shortages_by_split(splits: Mapping[str, Predictions], least: int) -> dict[str, str]:
    """Return the findings with too few patients for an interval in one of the splits, and why."""
    reasons = {}
    for name, split in splits.items():
        codes = encode_patients(split.cases["patient_id"])
        for target, reason in find_shortages(split, codes, least).items():
            reasons[target] = f"{name} part: {reason}"
    return reasons


def _choose_thresholds(
    labels: NDArray[np.float32],
    scores: NDArray[np.float64],
    resampled: Resampled,
    spec: EvaluateSpec,
    plan: CompareSpec,
) -> NDArray[np.float64]:
    rules = tuple(RULES)
    columns = 1 + (plan.intervals.resamples if plan.intervals.method == "bootstrap" else 0)
    half = np.full((1, columns), 0.5)
    if find_missing_class(labels):
        return np.concatenate([np.full((len(rules), columns), np.nan), half])
    return np.concatenate([choose_in_resamples(labels, scores, resampled, spec, rules), half])


def _tabulate_runs(
    runs: Runs, resampled: Resampled, thresholds: Thresholds, plan: CompareSpec
) -> dict[RunName, Findings]:
    return {
        run: _tabulate(predictions.select_split("test"), resampled, thresholds[run], plan)
        for run, predictions in runs.items()
    }


def _tabulate(
    test: Predictions,
    resampled: Resampled,
    thresholds: Mapping[str, NDArray[np.float64]],
    plan: CompareSpec,
) -> Findings:
    scores = sigmoid(test.logits)
    table = {}
    for j, target in enumerate(test.targets):
        counts = count_flagged(test.labels[:, j], scores[:, j], resampled, thresholds[target])
        rates = compute_operating_rates(counts, plan.prevalence)
        table[target] = {"threshold": thresholds[target], **rates}
    return table


def _count_patients(test: Predictions, resampled: Resampled, targets: list[str]) -> float:
    """Return the effective number of patients behind the mean over some findings."""
    columns = [test.targets.index(target) for target in targets]
    return count_effective_patients(test.labels[:, columns], resampled.codes)


def _build_entries(
    values: Mapping[RunName, Findings],
    targets: list[str],
    choice: int,
    plan: CompareSpec,
    patients: float | None,
) -> dict[str, Any]:
    """Pair the arms in the mean over some findings of so many patients; None: without the resamples."""
    kept = slice(1) if patients is None else slice(None)
    names = next(iter(next(iter(values.values())).values())) if targets else ()
    entries = {}
    for name in names:
        means = {
            run: average_findings([table[target][name][choice, kept] for target in targets])
            for run, table in values.items()
        }
        entries[name] = pair(means, plan.intervals.level, bounded=True, patients=patients or 0)
    return entries
