"""Which of the possible phantoms is published: one that can be split, with positives of every finding."""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.chest.oddities import plant_oddities
from radpipe.phantoms.chest.population import draw_once
from radpipe.phantoms.shared.population import Population
from radpipe.phantoms.shared.selection import (
    can_be_learned,
    can_be_split,
    choose,
    positive_patients,
)

LEAST_PATIENTS, LEAST_LISTED = 12, 3  # positive patients: in all, and in either official list
LISTED_AS_TEST = 0.2
SHUFFLES = 5000


def draw_population(spec: PhantomSpec) -> Population:
    """Draw populations until one has what a 60/20/20 split by patient needs; see `draw_usable`."""
    draw = partial(draw_usable, spec.patients)
    return choose(spec, draw, "positive patients", f"{LEAST_PATIENTS} of each finding")


def draw_usable(patients: int, rng: np.random.Generator) -> Population | None:
    """Draw a population; None if a finding has too few patients with or without it, or a senseless AUROC."""
    population = plant_oddities(draw_once(patients, rng), rng)
    if population is None:
        return None
    positive = positive_patients(population.labels, population.images["patient"])
    if not can_be_split(positive, LEAST_PATIENTS, LEAST_PATIENTS):
        return None
    listed = draw_test_list(positive, rng) if can_be_learned(population.truth, population.labels) else None
    if listed is None:
        return None
    test = listed[population.images["patient"].to_numpy() - 1]
    return replace(population, images=population.images.assign(test=test))


def draw_test_list(positive: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_] | None:
    """Draw the patients of the official test list, so that both lists have positives of every finding.

    Returns
    -------
    NDArray or None
        Whether each patient is on the list; None if no shuffle in `SHUFFLES` satisfies.
    """
    listed = np.arange(len(positive)) < round(LISTED_AS_TEST * len(positive))
    for _ in range(SHUFFLES):
        listed = rng.permutation(listed)
        found = positive[listed].sum(axis=0)
        if found.min() >= LEAST_LISTED and (positive.sum(axis=0) - found).min() >= LEAST_LISTED:
            return listed
    return None
