"""Every metric of one run, from all patients of the test set and from each resample of them."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.metrics import BY_ROUND
from radpipe.evaluation.competition_scores import hemorrhage
from radpipe.evaluation.competition_scores.predicted import compute_score
from radpipe.evaluation.estimates import Resampled, Values
from radpipe.evaluation.intervals.ranking import compute_auroc_draws, compute_ranking_draws
from radpipe.evaluation.intervals.resampling import sum_by_patient, sum_by_resample
from radpipe.evaluation.metrics import RATES, compute_rates, find_missing_class, sigmoid
from radpipe.evaluation.operating_points.resampled import count_flagged
from radpipe.predictions import ROUND, Predictions

AVERAGES = ("macro", "pooled")  # are listed where a finding is
CELLS = ("tp", "fn", "fp", "tn")
HALF = 0.5
Table = dict[str, dict[str, Values]]  # finding -> metric -> values
Rates = Mapping[str, Values | float]  # name -> false-positive rate


def compute_threshold_values(test: Predictions, resampled: Resampled, chosen: Mapping[str, Values]) -> Table:
    """Compute the rates at 0.5 and at the chosen thresholds, and the Brier score.

    Thresholds and rates are (1 + resamples,) float64.

    Parameters
    ----------
    test
        The test set of a run.
    resampled
        The resamples of its patients.
    chosen
        The threshold of each finding [probability]; NaN where there is none.

    Returns
    -------
    dict
        Of each finding and pooled: brier, `<rate>@0.5`, `<rate>@chosen`.
    """
    probabilities = sigmoid(test.logits)
    counts = {}
    for j, target in enumerate(test.targets):
        thresholds = np.stack([np.full_like(chosen[target], HALF), chosen[target]])
        counts[target] = count_flagged(test.labels[:, j], probabilities[:, j], resampled, thresholds)
    counts["pooled"] = {
        cell: np.sum([np.nan_to_num(counts[target][cell]) for target in test.targets], axis=0)
        for cell in CELLS
    }
    errors = compute_brier_values(test, probabilities, resampled)
    table: Table = {}
    for finding, cells in counts.items():
        table[finding] = {"brier": errors[finding]}
        for row, suffix in enumerate(("0.5", "chosen")):
            found = compute_rates(pd.DataFrame({cell: cells[cell][row] for cell in CELLS}))
            table[finding] |= {f"{name}@{suffix}": found[name].to_numpy() for name in RATES}
    return table


def compute_brier_values(
    test: Predictions, probabilities: NDArray[np.float64], resampled: Resampled
) -> dict[str, Values]:
    """Compute the Brier score of each finding and pooled; NaN where a class is absent.

    `probabilities` (cases, findings) float64; returned (1 + resamples,) float64 each.

    References
    ----------
    Brier, Monthly Weather Review 78, 1950.
    """
    totals, counts = sum_known((probabilities - test.labels) ** 2, resampled)
    with np.errstate(invalid="ignore"):  # 0 / 0: nothing is known
        table = dict(zip(test.targets, (totals / counts).T, strict=True))
        table["pooled"] = totals.sum(axis=1) / counts.sum(axis=1)
    for finding, labels in split_columns(test.labels, test.targets).items():
        if find_missing_class(labels):
            table[finding] = np.full_like(table[finding], np.nan)
    return table


def compute_curve_values(test: Predictions, resampled: Resampled, rates: Mapping[str, Rates]) -> Table:
    """Compute AUROC, average precision and the recall at false-positive rates.

    Parameters
    ----------
    rates
        Of each finding and pooled: the rates, by the name that the recall gets.
    """
    labels = split_columns(test.labels, test.targets)
    logits = split_columns(test.logits, test.targets)
    codes = dict.fromkeys(test.targets, resampled.codes)
    codes["pooled"] = np.repeat(resampled.codes, len(test.targets))
    table: Table = {}
    for finding, wanted in rates.items():
        draws = compute_ranking_draws(
            labels[finding], logits[finding], codes[finding], resampled.multiplicities, list(wanted.values())
        )
        recalls = dict(zip(wanted, draws["recalls"], strict=True))
        table[finding] = {name: draws[name] for name in ("auroc", "average_precision")} | recalls
    return table


def compute_round_values(test: Predictions, resampled: Resampled) -> Table:
    """Compute the mean AUROC over the rounds of a cross-validation; empty outside of one.

    A round in which a finding, or in a resample its last patient, lacks a class does not count; see
    `evaluation.rounds`.

    Returns
    -------
    dict
        Of each finding and macro.
    """
    if ROUND not in test.cases:
        return {}
    number = test.cases[ROUND].to_numpy()
    chosen = [number == each for each in np.unique(number)]
    codes = resampled.codes
    table = {}
    for j, target in enumerate(test.targets):
        rounds = [
            compute_auroc_draws(
                test.labels[rows, j], test.logits[rows, j], codes[rows], resampled.multiplicities
            )
            for rows in chosen
        ]
        table[target] = average_defined(rounds)
    table["macro"] = average_defined(list(table.values()))
    return {finding: {BY_ROUND: values} for finding, values in table.items()}


def compute_score_values(name: str, test: Predictions, resampled: Resampled) -> dict[str, Values]:
    """Compute the score of the data set and its parts; empty for the name `none`.

    The haemorrhage score is a mean of mean losses, and has resamples. The others take the mean over a study's
    images or the most probable class before they sum: they are computed from all patients alone.

    Returned (1 + resamples,) float64 each.
    """
    found = compute_score(name, test)
    if not found:
        return {}
    values = {name: found["value"], **found["parts"]}
    points = {key: np.array([value], np.float64) for key, value in values.items()}
    return points | (compute_hemorrhage_values(test, resampled) if name == "hemorrhage" else {})


def compute_hemorrhage_values(test: Predictions, resampled: Resampled) -> dict[str, Values]:
    """Compute the weighted log loss and those of the targets in each resample.

    Returned (1 + resamples,) float64 each.
    """
    targets = [target for target in test.targets if target in hemorrhage.WEIGHTS]
    columns = [test.targets.index(target) for target in targets]
    losses = hemorrhage.compute_losses(test.labels[:, columns], sigmoid(test.logits[:, columns]))
    totals, counts = sum_known(losses, resampled)
    with np.errstate(invalid="ignore"):  # 0 / 0: nothing is known
        means = totals / counts
        weights = ~np.isnan(means) * np.array([hemorrhage.WEIGHTS[target] for target in targets])
        value = (np.nan_to_num(means) * weights).sum(axis=1) / weights.sum(axis=1)
    return {"hemorrhage": value, **dict(zip(targets, means.T, strict=True))}


def average_table(table: Table, usable: Sequence[str]) -> dict[str, Values]:
    """Average each metric over the findings that can be ranked; what is undefined does not count.

    So a finding that a resample lacks leaves the mean of this resample, and a precision of nothing found
    that of its arm.

    Values are (1 + resamples,) float64.
    """
    names = table["pooled"]
    if not usable:
        return {name: np.full_like(values, np.nan) for name, values in names.items()}
    return {name: average_defined([table[target][name] for target in usable]) for name in names}


def average_defined(values: Sequence[Values]) -> Values:
    """Return the mean of what is not NaN, in all patients and in each resample; NaN where all is.

    Values are (1 + resamples,) float64.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice")
        mean: Values = np.nanmean(values, axis=0)
    return mean


def sum_known(
    values: NDArray[np.float64], resampled: Resampled
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum what is not NaN in each column, and count it, in all patients and in each resample.

    Parameters
    ----------
    values : (cases, columns) float64

    Returns
    -------
    totals, counts : (1 + resamples, columns) float64
    """
    known = ~np.isnan(values)
    sums = sum_by_patient(np.hstack([np.where(known, values, 0), known]), resampled.codes)
    totals, counts = np.hsplit(sum_by_resample(resampled.multiplicities, sums), 2)
    return totals, counts


def split_columns(values: NDArray[Any], targets: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Return the values of each target, and all of them as one list.

    `values` (cases, targets) float32 or float64; returned (cases,) each, and (cases * targets,) for all.
    """
    return {**{target: values[:, j] for j, target in enumerate(targets)}, "pooled": values.ravel()}
