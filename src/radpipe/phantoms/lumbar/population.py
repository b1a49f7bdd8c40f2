"""Studies, how narrow each place of the spine is, and the grades drawn from it.

The strength of a narrowing is 0..1, which is also how narrow it is drawn. A grade is drawn by an ordered
logistic model: P(moderate or worse) and P(severe) are logistic(intercept + SLOPE * strength), with the lower
intercept for severe, so that truth is known exactly: given the strengths, grades are independent.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.shared.evidence import Table, find_truth, to_strengths
from radpipe.phantoms.shared.oddities import Rows, count_oddities, deal
from radpipe.phantoms.shared.selection import choose

CONDITIONS = (
    "spinal_canal_stenosis",
    "left_neural_foraminal_narrowing",
    "right_neural_foraminal_narrowing",
    "left_subarticular_stenosis",
    "right_subarticular_stenosis",
)
LEVELS = ("l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1")
GRADES = tuple(f"{condition}_{level}" for condition in CONDITIONS for level in LEVELS)
WORSE, SEVERE = 0.226, 0.063  # shares of the published grades: moderate or severe, and severe
BY_LEVEL = np.array([0.55, 0.85, 1.1, 1.45, 1.05])  # how much more often each level is narrowed; mean 1
SLOPE = 9.0  # change of the log odds from wide open to closed
STUDY, LEVEL, PAIR = 0.25, 0.35, 0.2  # shares of the variance of a strength: whole spine, disc, both sides
STRONG_EACH = 1.1  # strengths above 0.5 for each grade that is moderate or worse
INCOMPLETE, UNGRADED = 185 / 1975, 572 / (185 * 25)  # studies without all grades, and what they lack
LEAST_EXPECTED, LEAST_SEVERE = 14, 10  # severe studies of each grade: in a small set their share is lifted
# Studies affected for each 200, once at least; only such as have no severe grade.
ODDITIES = {"without Axial T2": 1, "without Sagittal T1": 1, "without marks": 1, "truncated": 1}
STUDIES_EACH = 200
SPLIT_AXIAL = 335 / 1975  # studies with two axial series, as published


@dataclass(frozen=True)
class Population:
    """All studies of a phantom; arrays are (studies, conditions, levels).

    Attributes
    ----------
    strengths
        How narrow each place is, 0..1.
    truth
        (studies, conditions, levels, 2): P(moderate or worse), P(severe).
    grades
        0 normal or mild, 1 moderate, 2 severe.
    graded
        Whether the grade is published.
    split_axial
        (studies,): whether the axial slices lie in two series.
    oddities
        Study by what is wrong with it.
    """

    strengths: Table
    truth: Table
    grades: NDArray[np.int64]
    graded: NDArray[np.bool_]
    split_axial: NDArray[np.bool_]
    oddities: Rows


def draw_population(spec: PhantomSpec) -> Population:
    """Draw populations until every grade has `LEAST_SEVERE` studies where it is severe, and known."""
    draw = partial(draw_usable, spec.patients)
    return choose(spec, draw, "severe grades", f"{LEAST_SEVERE} of each condition and level")


def draw_usable(studies: int, rng: np.random.Generator) -> Population | None:
    """Draw a population; None if a grade has too few severe studies, or too few lack any."""
    population = draw_once(studies, rng)
    enough = population is not None and count_severe(population).min() >= LEAST_SEVERE
    return population if enough else None


def count_severe(population: Population) -> NDArray[np.int64]:
    """Count the studies in which a grade is severe and published, (conditions, levels)."""
    return np.asarray(((population.grades == 2) & population.graded).sum(axis=0))


def draw_once(studies: int, rng: np.random.Generator) -> Population | None:
    """Draw studies with their oddities; None if too few have no severe grade to plant these in."""
    severe = np.maximum(SEVERE * BY_LEVEL, LEAST_EXPECTED / studies)
    worse = np.maximum(WORSE * BY_LEVEL, 2 * severe)
    strengths = draw_strengths(studies, worse, rng)
    truth_of = partial(find_truth, SLOPE * strengths, bracket=(-40.0, 20.0), axes=(0, 1))  # level by level
    truth = np.stack([truth_of(worse), truth_of(severe)], axis=-1)
    grades = (rng.random((*strengths.shape, 1)) < truth).sum(axis=-1)
    incomplete = rng.random((studies, 1, 1)) < INCOMPLETE
    graded = ~incomplete | (rng.random(strengths.shape) >= UNGRADED)
    expendable = rng.permutation(np.flatnonzero((grades < 2).all(axis=(1, 2))))
    counts = count_oddities(ODDITIES, studies, STUDIES_EACH)
    if len(expendable) < sum(counts.values()):
        return None
    split_axial = rng.random(studies) < SPLIT_AXIAL
    return Population(strengths, truth, grades, graded, split_axial, deal(expendable, counts))


def draw_strengths(studies: int, worse: Table, rng: np.random.Generator) -> Table:
    """Draw how narrow each place is: alike within a spine, within a level, and on both sides.

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
    return to_strengths(latent, STRONG_EACH * worse)
