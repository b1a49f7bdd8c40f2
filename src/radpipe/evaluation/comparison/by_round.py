"""The mean AUROC over the rounds of a cross-validation, from all patients and from each resample."""

import warnings

import numpy as np

from radpipe.evaluation.comparison.values import Table
from radpipe.evaluation.estimates import Resampled, Values
from radpipe.evaluation.intervals.ranking import auroc_draws
from radpipe.evaluation.rounds import BY_ROUND
from radpipe.predictions import ROUND, Predictions


def round_values(test: Predictions, part: Resampled) -> Table:
    """Compute it for each finding and over them; see `evaluation.rounds`. Nothing outside a cross-validation.

    A round in which a finding, or in a resample its last patient, lacks a class does not count.
    """
    if ROUND not in test.cases:
        return {}
    number = test.cases[ROUND].to_numpy()
    chosen = [number == each for each in np.unique(number)]
    table = {
        target: _mean(
            [
                auroc_draws(test.labels[rows, j], test.logits[rows, j], part.codes[rows], part.multiplicities)
                for rows in chosen
            ]
        )
        for j, target in enumerate(test.targets)
    }
    table["macro"] = _mean(list(table.values()))
    return {finding: {BY_ROUND: values} for finding, values in table.items()}


def _mean(values: list[Values]) -> Values:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice")
        mean: Values = np.nanmean(values, axis=0)
    return mean
