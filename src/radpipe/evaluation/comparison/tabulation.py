"""The metrics of every run: run -> finding -> metric -> values of all patients and of each resample."""

from collections.abc import Mapping

from radpipe.config.evaluation import EvaluateSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.comparison.by_round import round_values
from radpipe.evaluation.comparison.runs import arms_of
from radpipe.evaluation.comparison.scores import score_values
from radpipe.evaluation.comparison.values import (
    MATCHED,
    Rates,
    Table,
    average,
    curve_values,
    threshold_values,
)
from radpipe.evaluation.estimates import Resampled, Runs, Values
from radpipe.evaluation.metrics import undefined_because
from radpipe.predictions import Predictions

SCORE = "score"  # stands where a finding does
# In this order in every table.
ORDER = ("auroc", "average_precision", "brier")


def tabulate(
    runs: Runs, part: Resampled, chosen: Mapping[RunName, Mapping[str, Values]], spec: EvaluateSpec
) -> dict[RunName, Table]:
    """Compute every metric of every run.

    Parameters
    ----------
    part
        The resamples of the test part's patients: the same for all runs, so that differences are paired.
    chosen
        Of each run and finding, the threshold of each resample [probability].

    Returns
    -------
    dict
        RunName -> finding, `macro`, `pooled`, and `score` where there is one -> metric -> values.
    """
    tests = {run: predictions.of_split("test") for run, predictions in runs.items()}
    fixed = {run: threshold_values(test, part, chosen[run]) for run, test in tests.items()}
    readings = rates_to_match(fixed, spec, arms_of(runs))
    scored = {run: score_values(spec.score, test, part) for run, test in tests.items()}
    return {
        run: _complete(test, fixed[run], curve_values(test, part, readings[run]), round_values(test, part))
        | ({SCORE: scored[run]} if scored[run] else {})
        for run, test in tests.items()
    }


def rates_to_match(
    values: Mapping[RunName, Table], spec: EvaluateSpec, arms: tuple[str, ...]
) -> dict[RunName, dict[str, Rates]]:
    """List, for each run, the false-positive rates at which each finding's curve is read.

    Both arms of a seed are read at the rate that the second, the weighted one, has at 0.5, and at the wanted
    specificities. In a resample that is the rate of this resample.
    """
    wanted = {f"recall@specificity{value:.2f}": 1 - value for value in spec.specificities}

    def matched(seed: int, finding: str) -> Rates:
        if len(arms) < 2:
            return {}
        return {MATCHED: 1 - values[RunName(arms[1], seed)][finding]["specificity@0.5"]}

    return {
        RunName(arm, seed): {finding: {**matched(seed, finding), **wanted} for finding in table}
        for (arm, seed), table in values.items()
    }


def usable(test: Predictions) -> list[str]:
    """List the findings that can be ranked: those of the macro values."""
    return [target for j, target in enumerate(test.targets) if undefined_because(test.labels[:, j]) is None]


def _complete(test: Predictions, fixed: Table, curves: Table, by_round: Table) -> Table:
    """Join the tables, and add the means over the findings."""
    table = {finding: _ordered(fixed[finding] | curves[finding]) for finding in fixed}
    table["macro"] = average(table, usable(test))
    for finding, values in by_round.items():
        table[finding] |= values
    return table


def _ordered(values: dict[str, Values]) -> dict[str, Values]:
    return {name: values[name] for name in dict.fromkeys([*ORDER, *values])}
