"""Studies, how narrow each place of the spine is, and the grades drawn from it, and which studies are odd.

The strength of a narrowing is 0..1, which is also how narrow it is drawn. A grade is drawn by an ordered
logistic model: P(moderate or worse) and P(severe) are logistic(intercept + SLOPE * strength), with the lower
intercept for severe, so that truth is known exactly: given the strengths, grades are independent.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.phantoms.shared.evidence import Table, compute_strengths, find_truth
from radpipe.phantoms.shared.population import (
    Population,
    can_be_split,
    count_oddities,
    deal_rows,
)

CONDITIONS = (
    "spinal_canal_stenosis",
    "left_neural_foraminal_narrowing",
    "right_neural_foraminal_narrowing",
    "left_subarticular_stenosis",
    "right_subarticular_stenosis",
)
LEVELS = ("l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1")
GRADES = tuple(f"{condition}_{level}" for condition in CONDITIONS for level in LEVELS)
WORSE = 0.226  # share of the published grades that are moderate or severe
SEVERE = 0.063  # share of those that are severe
BY_LEVEL = np.array([0.55, 0.85, 1.1, 1.45, 1.05])  # how much more often each level is narrowed; mean 1
SLOPE = 9.0  # change of the log odds from wide open to closed
# Shares of the variance of a strength: what the whole spine, a disc, and both sides have in common.
STUDY = 0.25
LEVEL = 0.35
PAIR = 0.2
STRONG_EACH = 1.1  # strengths above 0.5 for each grade that is moderate or worse
INCOMPLETE = 185 / 1975  # studies without all grades
UNGRADED = 572 / (185 * 25)  # grades that these lack
LEAST_EXPECTED = 14  # severe studies of each grade: in a small set their share is lifted to this
LEAST_SEVERE = 10  # severe studies of each grade that are published
# Studies affected for each 200, once at least; only such as have no severe grade.
ODDITIES = {"without Axial T2": 1, "without Sagittal T1": 1, "without marks": 1, "truncated": 1}
STUDIES_EACH = 200
SPLIT_AXIAL = 335 / 1975  # studies with two axial series, as published


@dataclass(frozen=True)
class GradedPopulation(Population):
    """All studies of a phantom; arrays are (studies, conditions, levels).

    A row is a study and a patient; its images have split_axial once oddities are planted (whether its axial
    slices lie in two series). Strengths are how narrow each place is; truth, (..., 2), is P(moderate or
    worse) and P(severe); labels are 0 normal or mild, 1 moderate, 2 severe.

    Attributes
    ----------
    graded
        Whether the grade is published.
    """

    graded: NDArray[np.bool_]


def draw_population(studies: int, rng: np.random.Generator) -> GradedPopulation:
    """Draw studies, how narrow each place is, and grades."""
    severe = np.maximum(SEVERE * BY_LEVEL, LEAST_EXPECTED / studies)
    worse = np.maximum(WORSE * BY_LEVEL, 2 * severe)
    strengths = draw_strengths(studies, worse, rng)
    compute_truth = partial(
        find_truth, SLOPE * strengths, bracket=(-40.0, 20.0), axes=(0, 1)
    )  # level by level
    truth = np.stack([compute_truth(worse), compute_truth(severe)], axis=-1)
    grades = (rng.random((*strengths.shape, 1)) < truth).sum(axis=-1)
    incomplete = rng.random((studies, 1, 1)) < INCOMPLETE
    graded = ~incomplete | (rng.random(strengths.shape) >= UNGRADED)
    images = pd.DataFrame({"patient": np.arange(studies) + 1})
    return GradedPopulation(images, strengths, truth, grades, graded)


def draw_strengths(studies: int, worse: Table, rng: np.random.Generator) -> Table:
    """Draw how narrow each place is: correlated within a spine, within a level, and on both sides.

    Parameters
    ----------
    worse : (levels,) float
        The wanted share of grades that are moderate or worse.

    Returns
    -------
    (studies, conditions, levels) float64, 0..1
    """
    pairs = rng.standard_normal((studies, 3, len(LEVELS)))[:, [0, 1, 1, 2, 2]]
    latent = np.sqrt(STUDY) * rng.standard_normal((studies, 1, 1))
    latent = latent + np.sqrt(LEVEL) * rng.standard_normal((studies, 1, len(LEVELS))) + np.sqrt(PAIR) * pairs
    own = 1 - STUDY - LEVEL - PAIR
    latent = latent + np.sqrt(own) * rng.standard_normal((studies, len(CONDITIONS), len(LEVELS)))
    return compute_strengths(latent, STRONG_EACH * worse)


def plant_oddities(population: GradedPopulation, rng: np.random.Generator) -> GradedPopulation | None:
    """Choose the studies of each oddity; None if too few have no severe grade."""
    studies = len(population.images)
    expendable = rng.permutation(np.flatnonzero((population.labels < 2).all(axis=(1, 2))))
    counts = count_oddities(ODDITIES, studies, STUDIES_EACH)
    if len(expendable) < sum(counts.values()):
        return None
    images = population.images.assign(split_axial=rng.random(studies) < SPLIT_AXIAL)
    return replace(population, images=images, oddities=deal_rows(expendable, counts))


def is_usable(population: GradedPopulation) -> bool:
    """Return whether every grade has `LEAST_SEVERE` studies where it is severe, and published."""
    return can_be_split(find_severe(population), LEAST_SEVERE, 0)


def find_severe(population: GradedPopulation) -> NDArray[np.bool_]:
    """Return which studies have which grade severe and published, (studies, grades).

    Returned as bool.
    """
    severe = (population.labels == 2) & population.graded
    return np.asarray(severe.reshape(len(severe), -1))
