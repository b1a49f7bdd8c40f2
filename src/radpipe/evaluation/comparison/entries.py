"""All runs -> for each finding and metric the arms' means, their paired difference and the intervals."""

from collections.abc import Mapping
from typing import Any

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.metrics import MATCHED, format_specificity_key
from radpipe.config.runs import RunName
from radpipe.evaluation.arms import list_arms
from radpipe.evaluation.comparison.uncertainty import (
    compute_delong_intervals,
    refuse_delong,
    tabulate_effective_patients,
)
from radpipe.evaluation.comparison.values import (
    Rates,
    Table,
    average_table,
    compute_curve_values,
    compute_round_values,
    compute_score_values,
    compute_threshold_values,
)
from radpipe.evaluation.estimates import Resampled, Runs, Values, pair
from radpipe.evaluation.metrics import RANKED
from radpipe.evaluation.operating_points.points import CHOICES, Thresholds, find_usable
from radpipe.predictions import Predictions

SCORE = "score"  # is listed where a finding is
Entries = dict[str, dict[str, dict[str, Any]]]  # finding -> metric -> what `estimates.pair` returns


def compute_entries(
    runs: Runs,
    resampled: Resampled,
    thresholds: Thresholds,
    without: Mapping[str, str],
    spec: EvaluateSpec,
    plan: CompareSpec,
) -> Entries:
    """Compute every metric of every run, and pair the arms in each.

    `thresholds` by run and finding: (choices, 1 + resamples) float64.

    Parameters
    ----------
    resampled
        The resamples of the test patients: the same for all runs, so that differences are paired.
    thresholds
        What `points.choose_all_thresholds` returns for these runs.
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
    test = next(iter(runs.values())).select_split("test")
    ranked = find_usable([test])
    patients = tabulate_effective_patients(test, resampled, ranked)
    rule = CHOICES.index(spec.threshold)
    chosen = {run: {target: of[rule] for target, of in found.items()} for run, found in thresholds.items()}
    tables = tabulate(runs, resampled, chosen, spec)
    entries = pair_arms(tables, without, patients, plan.intervals.level)
    if plan.intervals.method == "delong":
        refuse_delong(resampled)
        means = {target: [target] for target in ranked} | {"macro": ranked}
        means = {name: targets for name, targets in means.items() if name not in without}
        for name, ends in compute_delong_intervals(runs, means, patients, plan.intervals.level).items():
            entries[name]["auroc"]["interval"] = ends
    return entries


def pair_arms(
    tables: Mapping[RunName, Table], without: Mapping[str, str], patients: Mapping[str, float], level: float
) -> Entries:
    """Pair the arms in each metric of each finding.

    Parameters
    ----------
    tables
        Of every run.
    without
        The findings that get no interval; nor does their term of a score, nor the score if macro has none.
    patients
        The effective number of patients behind each finding.
    level
        Confidence level.
    """
    first = next(iter(tables.values()))

    def build_entry(finding: str, metric: str) -> dict[str, Any]:
        behind = finding
        if finding == SCORE:
            behind = metric if metric in first else "macro"
        kept = slice(1) if behind in without else slice(None)
        values = {run: table[finding][metric][kept] for run, table in tables.items()}
        return pair(values, level, bounded=finding != SCORE, patients=patients[behind])

    return {finding: {metric: build_entry(finding, metric) for metric in of} for finding, of in first.items()}


def tabulate(
    runs: Runs, resampled: Resampled, chosen: Mapping[RunName, Mapping[str, Values]], spec: EvaluateSpec
) -> dict[RunName, Table]:
    """Compute every metric of every run, from all patients and from each resample.

    Values are (1 + resamples,) float64.

    Parameters
    ----------
    resampled
        The resamples of the test patients: the same for all runs, so that differences are paired.
    chosen
        Of each run and finding, the threshold of each resample [probability].

    Returns
    -------
    dict
        RunName -> finding, `macro`, `pooled`, and `score` where there is one -> metric -> values.
    """
    tests = {run: predictions.select_split("test") for run, predictions in runs.items()}
    fixed = {run: compute_threshold_values(test, resampled, chosen[run]) for run, test in tests.items()}
    rates = list_rates_to_match(fixed, spec, list_arms(runs))
    tables = {}
    for run, test in tests.items():
        curves = compute_curve_values(test, resampled, rates[run])
        tables[run] = _join(test, fixed[run], curves, compute_round_values(test, resampled))
        if scores := compute_score_values(spec.score, test, resampled):
            tables[run][SCORE] = scores
    return tables


def list_rates_to_match(
    values: Mapping[RunName, Table], spec: EvaluateSpec, arms: tuple[str, ...]
) -> dict[RunName, dict[str, Rates]]:
    """List, for each run, the false-positive rates at which each finding's curve is read.

    Both arms of a seed are read at the rate that the second, the weighted one, has at 0.5, and at the wanted
    specificities. In a resample that is the rate of this resample.
    """
    wanted = {format_specificity_key(value): 1 - value for value in spec.specificities}

    def find_matched(seed: int, finding: str) -> Rates:
        if len(arms) < 2:
            return {}
        return {MATCHED: 1 - values[RunName(arms[1], seed)][finding]["specificity@0.5"]}

    return {
        RunName(arm, seed): {finding: {**find_matched(seed, finding), **wanted} for finding in table}
        for (arm, seed), table in values.items()
    }


def _join(test: Predictions, fixed: Table, curves: Table, by_round: Table) -> Table:
    """Join the tables of a run, and add the means over the findings."""
    table = {finding: _sort_metrics(fixed[finding] | curves[finding]) for finding in fixed}
    table["macro"] = average_table(table, find_usable([test]))
    for finding, values in by_round.items():
        table[finding] |= values
    return table


def _sort_metrics(values: dict[str, Values]) -> dict[str, Values]:
    return {name: values[name] for name in dict.fromkeys([*RANKED, *values])}
