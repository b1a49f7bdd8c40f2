"""All runs -> for each finding and metric the arms' means, their paired difference and the intervals."""

from collections.abc import Mapping
from typing import Any

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.comparison.tabulation import SCORE, tabulate, usable
from radpipe.evaluation.comparison.uncertainty import (
    count_carriers,
    delong_intervals,
    refuse_delong,
)
from radpipe.evaluation.comparison.values import Table
from radpipe.evaluation.estimates import Resampled, Runs, pair
from radpipe.evaluation.operating_points.points import CHOICES, Thresholds

Entries = dict[str, dict[str, dict[str, Any]]]


def compute_entries(
    runs: Runs,
    part: Resampled,
    thresholds: Thresholds,
    without: Mapping[str, str],
    spec: EvaluateSpec,
    plan: CompareSpec,
) -> Entries:
    """Compute every metric of every run, and pair the arms in each.

    Parameters
    ----------
    part
        The resamples of the test part's patients: the same for all runs, so that differences are paired.
    thresholds
        What `operating.choose_all` returns for these runs.
    without
        The findings that get no interval.

    Returns
    -------
    dict
        Finding, `macro`, `pooled`, and `score` where there is one -> metric -> what `estimates.pair` returns.

    Raises
    ------
    DataError
        If DeLong's intervals are wanted of patients with several images.
    """
    test, rule = next(iter(runs.values())).of_split("test"), CHOICES.index(spec.threshold)
    ranked, level = usable(test), plan.intervals.level
    carriers = count_carriers(test, part, ranked)
    chosen = {run: {target: of[rule] for target, of in found.items()} for run, found in thresholds.items()}
    entries = make_entries(tabulate(runs, part, chosen, spec), without, carriers, level)
    if plan.intervals.method == "delong":
        refuse_delong(part)
        means = {target: [target] for target in ranked} | {"macro": ranked}
        means = {name: targets for name, targets in means.items() if name not in without}
        for name, ends in delong_intervals(runs, means, carriers, level).items():
            entries[name]["auroc"]["interval"] = ends
    return entries


def make_entries(
    values: Mapping[RunName, Table], without: Mapping[str, str], carriers: Mapping[str, float], level: float
) -> Entries:
    """Gather finding -> metric -> entry.

    Parameters
    ----------
    values
        Of every run.
    without
        The findings that get no interval; nor does their part of a score, nor the score if macro has none.
    carriers
        The effective number of patients behind each finding.
    level
        Confidence level.
    """

    def enter(finding: str, metric: str) -> dict[str, Any]:
        behind = finding if finding != SCORE else metric if metric in first else "macro"
        kept = slice(1) if behind in without else slice(None)
        found = {run: table[finding][metric][kept] for run, table in values.items()}
        return pair(found, level, bounded=finding != SCORE, patients=carriers[behind])

    first = next(iter(values.values()))
    return {finding: {metric: enter(finding, metric) for metric in of} for finding, of in first.items()}
