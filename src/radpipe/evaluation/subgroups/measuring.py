"""The metrics of one group of cases, from all its patients and from each resample of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import CompareSpec
from radpipe.config.metrics import select_metrics
from radpipe.config.runs import RunName
from radpipe.evaluation.estimates import Resampled, Values, find_shortage
from radpipe.evaluation.intervals.limits import count_effective_patients
from radpipe.evaluation.intervals.ranking import compute_auroc_draws
from radpipe.evaluation.metrics import sigmoid
from radpipe.evaluation.operating_points.points import Thresholds
from radpipe.evaluation.operating_points.resampled import count_flagged
from radpipe.predictions import Predictions

METRICS = tuple(select_metrics("subgroups"))
Mask = NDArray[np.bool_]


class Context(NamedTuple):
    """What every subgroup is computed from: the test set of each run, and the choices made for it."""

    tests: dict[RunName, Predictions]
    thresholds: Thresholds
    resampled: Resampled
    choices: list[int]
    plan: CompareSpec


class Group(NamedTuple):
    """One finding in one group: how many cases have it, and each metric of each run.

    `few` is why nothing is concluded, None if something is; `patients` is the effective number of patients.
    """

    positives: int
    negatives: int
    few: str | None
    patients: float
    draws: dict[str, dict[RunName, Values]]


def measure_group(context: Context, mask: Mask) -> dict[str, Group]:
    """Compute all metrics of all runs and findings among some cases.

    `mask` (cases,) bool.
    """
    resampled = Resampled(context.resampled.codes[mask], context.resampled.multiplicities)
    reference = next(iter(context.tests.values()))
    groups = {}
    for j, target in enumerate(reference.targets):
        labels = reference.labels[mask, j].astype(np.float64)
        positives = int((labels == 1).sum())
        negatives = int((labels == 0).sum())
        few = find_few(positives, negatives, context.plan.subgroups.min_positives)
        draws = {} if few else measure_finding(context, resampled, mask, j)
        patients = 0 if few else count_effective_patients(labels, resampled.codes)
        groups[target] = Group(positives, negatives, few, patients, draws)
    return groups


def find_few(positives: int, negatives: int, least: int) -> str | None:
    """Return of which class there are too few cases, None if of neither."""
    for count, words in ((positives, "positive"), (negatives, "negative")):
        if count < least:
            return f"{count} {words}, expected {least} or more"
    return None


def measure_finding(
    context: Context, resampled: Resampled, mask: Mask, j: int
) -> dict[str, dict[RunName, Values]]:
    """Compute the metrics of one finding among some cases: metric -> run -> (1 + resamples,).

    `mask` (cases,) bool; values are float64.
    """
    found: dict[str, dict[RunName, Values]] = {metric: {} for metric in METRICS}
    for run, test in context.tests.items():
        labels = test.labels[mask, j].astype(np.float64)
        logits = test.logits[mask, j].astype(np.float64)
        kept = slice(None)
        if find_shortage(labels, resampled.codes, context.plan.intervals.min_positive_patients):
            kept = slice(1)
        drawn = Resampled(resampled.codes, resampled.multiplicities[kept])
        cuts = context.thresholds[run][test.targets[j]][context.choices, kept]
        counts = count_flagged(labels, sigmoid(logits), drawn, cuts)
        with np.errstate(invalid="ignore"):
            recall = counts["tp"] / (counts["tp"] + counts["fn"])
        auroc = compute_auroc_draws(labels, logits, drawn.codes, drawn.multiplicities)
        for metric, values in zip(METRICS, (auroc, *recall), strict=True):
            found[metric][run] = values
    return found
