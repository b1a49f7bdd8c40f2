"""Which of the possible phantoms is published: one that can be split, with positives of every finding."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.chest_oddities import plant_oddities
from radpipe.phantoms.chest_population import NAMES, Population, Table, draw_once, positive_patients

LEAST_PATIENTS, LEAST_LISTED = 12, 3  # positive patients: in all, and in either official list
AUROC_LIMITS = 0.755, 0.965  # of truth against labels; within the promised 0.75 to 0.97
LISTED_AS_TEST = 0.2
REDRAWS, SHUFFLES = 500, 5000


def draw_population(spec: PhantomSpec) -> Population:
    """Draw populations until one has what a 60/20/20 split by patient needs; see `is_usable`.

    Raises
    ------
    ConfigError
        If none of `REDRAWS` has.
    """
    for attempt in range(REDRAWS):
        rng = np.random.default_rng([spec.seed, 0, attempt])  # 0 is no patient: draw_picture's keys differ
        population = plant_oddities(draw_once(spec.patients, rng), rng)
        if population is not None and is_usable(population):
            listed = draw_test_list(population, rng)
            if listed is not None:
                return replace(population, images=population.images.assign(test=listed))
    raise ConfigError(
        f"phantoms: {spec.patients} patients from seed {spec.seed} gave too few positive patients in "
        f"{REDRAWS} tries, expected {LEAST_PATIENTS} of each finding: raise `patients` or change `seed`"
    )


def is_usable(population: Population) -> bool:
    """Tell whether all findings have enough positive and negative patients, and truth a sensible AUROC."""
    positive = positive_patients(population)
    counts = positive.sum(axis=0)
    if counts.min() < LEAST_PATIENTS or (len(positive) - counts).min() < LEAST_PATIENTS:
        return False
    scores = [auroc(population.truth[:, i], population.labels[:, i]) for i in range(len(NAMES))]
    return AUROC_LIMITS[0] <= min(scores) and max(scores) <= AUROC_LIMITS[1]


def auroc(scores: Table, labels: NDArray[np.int64]) -> float:
    """Return the area under the ROC curve, from the rank sum of the positives (Mann and Whitney)."""
    positives = int(labels.sum())
    ranks = pd.Series(scores).rank().to_numpy()[labels > 0].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))


def draw_test_list(population: Population, rng: np.random.Generator) -> NDArray[np.bool_] | None:
    """Draw the patients of the official test list, so that both lists have positives of every finding.

    Returns
    -------
    NDArray or None
        Whether each picture is on the list; None if no shuffle in `SHUFFLES` satisfies.
    """
    positive = positive_patients(population)
    listed = np.arange(len(positive)) < round(LISTED_AS_TEST * len(positive))
    for _ in range(SHUFFLES):
        listed = rng.permutation(listed)
        found = positive[listed].sum(axis=0)
        if found.min() >= LEAST_LISTED and (positive.sum(axis=0) - found).min() >= LEAST_LISTED:
            return np.asarray(listed[population.images["patient"].to_numpy() - 1])
    return None
