"""Which of the possible phantoms is published: one that can be split, with positives of every subtype."""

from functools import partial

import numpy as np

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.head.oddities import plant_oddities
from radpipe.phantoms.head.population import draw_once
from radpipe.phantoms.shared.population import Population
from radpipe.phantoms.shared.selection import (
    can_be_learned,
    can_be_split,
    choose,
    positive_patients,
)

LEAST_POSITIVE, LEAST_NEGATIVE = 12, 10  # patients with, and without, each target


def draw_population(spec: PhantomSpec) -> Population:
    """Draw populations until one has what a 60/20/20 split by patient needs; see `draw_usable`."""
    draw = partial(draw_usable, spec.patients)
    return choose(spec, draw, "patients with or without a target", f"{LEAST_POSITIVE} and {LEAST_NEGATIVE}")


def draw_usable(patients: int, rng: np.random.Generator) -> Population | None:
    """Draw a population; None if a target has too few patients with or without it, or a senseless AUROC."""
    population = plant_oddities(draw_once(patients, rng), rng)
    positive = positive_patients(population.labels, population.images["patient"])
    enough = can_be_split(positive, LEAST_POSITIVE, LEAST_NEGATIVE)
    return population if enough and can_be_learned(population.truth, population.labels) else None
