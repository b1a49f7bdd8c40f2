"""Every metric of one run, from all patients of the test part and from each resample of them."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.evaluation.estimates import Resampled, Values
from radpipe.evaluation.intervals.ranking import ranking_draws
from radpipe.evaluation.intervals.resampling import resample_sums, sum_by_patient
from radpipe.evaluation.metrics import RATES, rates, sigmoid, undefined_because
from radpipe.evaluation.operating_points.resampled import count_flagged
from radpipe.predictions import Predictions

MATCHED = "recall@matched_fpr"
AVERAGES = ("macro", "pooled")  # they stand where a finding does
HALF = 0.5
Table = dict[str, dict[str, Values]]  # finding -> metric -> values
Rates = Mapping[str, Values | float]  # name -> false-positive rate


def threshold_values(test: Predictions, part: Resampled, chosen: Mapping[str, Values]) -> Table:
    """Compute the rates at 0.5 and at the chosen thresholds, and the Brier score.

    Parameters
    ----------
    test
        The test part of a run.
    part
        The resamples of its patients.
    chosen
        The threshold of each finding [probability]; NaN where there is none.

    Returns
    -------
    dict
        Of each finding and pooled: `<rate>@0.5`, `<rate>@chosen`, brier.
    """
    probabilities = sigmoid(test.logits)
    counts = {
        target: count_flagged(
            test.labels[:, j],
            probabilities[:, j],
            part,
            np.stack([np.full_like(chosen[target], HALF), chosen[target]]),
        )
        for j, target in enumerate(test.targets)
    }
    names = ("tp", "fn", "fp", "tn")
    counts["pooled"] = {
        name: np.sum([np.nan_to_num(counts[target][name]) for target in test.targets], axis=0)
        for name in names
    }
    errors = brier_values(test, probabilities, part)
    return {
        finding: {
            "brier": errors[finding],
            **{
                f"{name}@{suffix}": values
                for row, suffix in enumerate(("0.5", "chosen"))
                for name, values in _rates({cell: of[cell][row] for cell in names}).items()
            },
        }
        for finding, of in counts.items()
    }


def brier_values(test: Predictions, probabilities: NDArray[np.float64], part: Resampled) -> dict[str, Values]:
    """Compute the Brier score of each finding and pooled; NaN where a class is absent.

    References
    ----------
    Brier, Monthly Weather Review 78, 1950.
    """
    known = ~np.isnan(test.labels)
    squares = np.where(known, probabilities - test.labels, 0) ** 2
    sums = sum_by_patient(np.hstack([squares, known]), part.codes)
    totals, counts = np.hsplit(resample_sums(part.multiplicities, sums), 2)
    with np.errstate(invalid="ignore"):  # 0 / 0: nothing is known
        table = dict(zip(test.targets, (totals / counts).T, strict=True))
        table["pooled"] = totals.sum(axis=1) / counts.sum(axis=1)
    for finding, labels in columns_of(test.labels, test.targets).items():
        if undefined_because(labels):
            table[finding] = np.full_like(table[finding], np.nan)
    return table


def curve_values(test: Predictions, part: Resampled, readings: Mapping[str, Rates]) -> Table:
    """Compute AUROC, average precision and the recall at false-positive rates.

    Parameters
    ----------
    readings
        Of each finding and pooled: the rates, by the name that the recall gets.
    """
    labels, logits = (columns_of(values, test.targets) for values in (test.labels, test.logits))
    codes = dict.fromkeys(test.targets, part.codes)
    codes["pooled"] = np.repeat(part.codes, len(test.targets))
    table: Table = {}
    for finding, wanted in readings.items():
        draws = ranking_draws(
            labels[finding], logits[finding], codes[finding], part.multiplicities, list(wanted.values())
        )
        recalls = dict(zip(wanted, draws["recalls"], strict=True))
        table[finding] = {name: draws[name] for name in ("auroc", "average_precision")} | recalls
    return table


def average(table: Table, usable: list[str]) -> dict[str, Values]:
    """Average each metric over the findings that can be ranked; what is undefined does not count.

    So a finding that a resample lacks leaves the mean of this resample, and a precision of nothing found
    that of its arm.
    """
    names = table["pooled"]
    if not usable:
        return {name: np.full_like(values, np.nan) for name, values in names.items()}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice")
        return {name: np.nanmean([table[target][name] for target in usable], axis=0) for name in names}


def columns_of(values: NDArray[Any], targets: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Return the values of each target, and all of them as one list."""
    return {**{target: values[:, j] for j, target in enumerate(targets)}, "pooled": values.ravel()}


def _rates(counts: Mapping[str, NDArray[np.float64]]) -> dict[str, Values]:
    table = rates(pd.DataFrame(counts))
    return {name: table[name].to_numpy() for name in RATES}
