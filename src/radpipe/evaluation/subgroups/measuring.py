"""The metrics of one group of cases, from all its patients and from each resample of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import CompareSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.estimates import Resampled, Values, lacking
from radpipe.evaluation.intervals.limits import effective_patients
from radpipe.evaluation.intervals.ranking import auroc_draws
from radpipe.evaluation.metrics import sigmoid
from radpipe.evaluation.operating_points.points import Thresholds
from radpipe.evaluation.operating_points.resampled import count_flagged
from radpipe.predictions import Predictions

METRICS = ("auroc", "recall@chosen", "recall@0.5")
Mask = NDArray[np.bool_]


class Context(NamedTuple):
    """What every subgroup is computed from: the test part of each run, and the choices made for it."""

    tests: dict[RunName, Predictions]
    thresholds: Thresholds
    part: Resampled
    choices: list[int]
    plan: CompareSpec


class Group(NamedTuple):
    """One finding in one group: how many cases have it, and each metric of each run.

    `few` says why nothing is concluded, None if something is; `carriers` are the effective patients.
    """

    positives: int
    negatives: int
    few: str | None
    carriers: float
    draws: dict[str, dict[RunName, Values]]


def measure(context: Context, mask: Mask) -> dict[str, Group]:
    """Compute all metrics of all runs and findings among some cases."""
    part = Resampled(context.part.codes[mask], context.part.multiplicities)
    reference = next(iter(context.tests.values()))
    groups = {}
    for j, target in enumerate(reference.targets):
        labels = reference.labels[mask, j].astype(np.float64)
        positives, negatives = int((labels == 1).sum()), int((labels == 0).sum())
        least = context.plan.subgroups.min_positives
        few = next(
            (
                f"{count} {words}, expected {least} or more"
                for count, words in ((positives, "positive"), (negatives, "negative"))
                if count < least
            ),
            None,
        )
        draws = {} if few else measure_finding(context, part, mask, j)
        carriers = 0 if few else effective_patients(labels, part.codes)
        groups[target] = Group(positives, negatives, few, carriers, draws)
    return groups


def measure_finding(
    context: Context, part: Resampled, mask: Mask, j: int
) -> dict[str, dict[RunName, Values]]:
    """Compute the metrics of one finding among some cases: metric -> run -> (1 + resamples,)."""
    found: dict[str, dict[RunName, Values]] = {metric: {} for metric in METRICS}
    for run, test in context.tests.items():
        labels, logits = test.labels[mask, j].astype(np.float64), test.logits[mask, j].astype(np.float64)
        kept = slice(None)
        if lacking(labels, part.codes, context.plan.intervals.min_positive_patients):
            kept = slice(1)
        drawn = Resampled(part.codes, part.multiplicities[kept])
        cuts = context.thresholds[run][test.targets[j]][context.choices, kept]
        counts = count_flagged(labels, sigmoid(logits), drawn, cuts)
        with np.errstate(invalid="ignore"):
            recall = counts["tp"] / (counts["tp"] + counts["fn"])
        auroc = auroc_draws(labels, logits, drawn.codes, drawn.multiplicities)
        for metric, values in zip(METRICS, (auroc, *recall), strict=True):
            found[metric][run] = values
    return found
