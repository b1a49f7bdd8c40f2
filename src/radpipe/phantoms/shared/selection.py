"""Which of the possible phantoms is published: one that can be split, with positives of every target."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.shared.evidence import Table

AUROC_LIMITS = 0.755, 0.965  # of truth against labels; within the promised 0.75 to 0.97
REDRAWS = 500

Population = TypeVar("Population")


def choose(
    spec: PhantomSpec, draw: Callable[[np.random.Generator], Population | None], lacking: str, expected: str
) -> Population:
    """Draw populations until one is usable.

    Parameters
    ----------
    spec : PhantomSpec
        The seed of the generators; they are keyed by three words of which the second, 0, is no patient.
    draw : function
        Generator -> population, or None if it is not usable.
    lacking, expected : str
        What too few of were drawn, and how many are needed, for the error.

    Raises
    ------
    ConfigError
        If none of `REDRAWS` is.
    """
    for attempt in range(REDRAWS):
        population = draw(np.random.default_rng([spec.seed, 0, attempt]))
        if population is not None:
            return population
    raise ConfigError(
        f"phantoms: {spec.patients} patients from seed {spec.seed} gave too few {lacking} in {REDRAWS} "
        f"tries, expected {expected}: raise `patients` or change `seed`"
    )


def positive_patients(labels: NDArray[np.int64], patient: pd.Series) -> NDArray[np.bool_]:
    """Tell which patient has which target in any row, (patients, targets), in order of patient."""
    return np.asarray(pd.DataFrame(labels).groupby(patient.to_numpy()).max() > 0)


def can_be_split(positive: NDArray[np.bool_], least_positive: int, least_negative: int) -> bool:
    """Tell whether every target has so many patients with it, and so many without."""
    counts = positive.sum(axis=0)
    return bool(counts.min() >= least_positive and (len(positive) - counts).min() >= least_negative)


def can_be_learned(truth: Table, labels: NDArray[np.int64]) -> bool:
    """Tell whether truth ranks the labels of every target well, but not too well; both (rows, targets)."""
    scores = [auroc(*column) for column in zip(truth.T, labels.T, strict=True)]
    return AUROC_LIMITS[0] <= min(scores) and max(scores) <= AUROC_LIMITS[1]


def auroc(scores: Table, labels: NDArray[np.int64]) -> float:
    """Return the area under the ROC curve, from the rank sum of the positives (Mann and Whitney)."""
    positives = int(labels.sum())
    ranks = pd.Series(scores).rank().to_numpy()[labels > 0].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))
