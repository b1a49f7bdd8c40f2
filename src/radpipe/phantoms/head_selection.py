"""Which of the possible phantoms is published: one that can be split, with positives of every subtype."""

import numpy as np

from radpipe.config import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.chest_selection import AUROC_LIMITS, auroc
from radpipe.phantoms.head_oddities import plant_oddities
from radpipe.phantoms.head_population import TARGETS, Population, draw_once, positive_patients

LEAST_POSITIVE, LEAST_NEGATIVE = 12, 10  # patients with, and without, each target
REDRAWS = 500


def draw_population(spec: PhantomSpec) -> Population:
    """Draw populations until one has what a 60/20/20 split by patient needs; see `is_usable`.

    Raises
    ------
    ConfigError
        If none of `REDRAWS` has.
    """
    for attempt in range(REDRAWS):
        rng = np.random.default_rng([spec.seed, 0, attempt])  # 0 is no study: draw_slice's keys differ
        population = plant_oddities(draw_once(spec.patients, rng), rng)
        if is_usable(population):
            return population
    raise ConfigError(
        f"phantoms: {spec.patients} patients from seed {spec.seed} gave too few patients with or without a "
        f"target in {REDRAWS} tries, expected {LEAST_POSITIVE} and {LEAST_NEGATIVE}: raise `patients` or "
        "change `seed`"
    )


def is_usable(population: Population) -> bool:
    """Tell whether all targets have enough positive and negative patients, and truth a sensible AUROC."""
    positive = positive_patients(population)
    counts = positive.sum(axis=0)
    if counts.min() < LEAST_POSITIVE or (len(positive) - counts).min() < LEAST_NEGATIVE:
        return False
    scores = [auroc(population.truth[:, i], population.labels[:, i]) for i in range(len(TARGETS))]
    return AUROC_LIMITS[0] <= min(scores) and max(scores) <= AUROC_LIMITS[1]
