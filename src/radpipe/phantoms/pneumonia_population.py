"""Patients, their pictures, what shows in each, and the class drawn from what shows.

A picture has evidence of an opacity and of another sign, each a strength of 0..1, which is also how
strongly it is drawn. The class is drawn from P(opacity | strength, view) and, where it is none, from P(not
normal | strength of the other sign), both logistic, so that truth is known exactly.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.chest_population import BEDSIDE_PATIENTS, Finding, Table, draw_images, find_truth
from radpipe.phantoms.chest_selection import AUROC_LIMITS, LEAST_PATIENTS, REDRAWS, auroc

CLASSES = ("Normal", "No Lung Opacity / Not Normal", "Lung Opacity")
OPACITY = Finding(0.225, 10.0, bedside_slope=2.0, bedside_evidence=0.5)  # bedside pictures have more of them
OTHER = Finding(0.57, 9.0)  # share of the pictures without an opacity that are not normal
OTHER_SIGNS = {"Effusion": 0.45, "Cardiomegaly": 0.35, "Mass": 0.2}  # one for each patient, and how often
WITHIN_PATIENT = 0.5  # share of the variance of the latent evidence
STRONG_EACH = 1.1  # pictures with a strength above 0.5 for each positive one
ODDITIES = {"truncated": 1, "impossible age": 1, "matched twice": 2}  # for each PATIENTS_EACH, once at least
PATIENTS_EACH, IMPOSSIBLE_AGE = 360, 155


@dataclass(frozen=True)
class Population:
    """All pictures of a phantom, patient by patient.

    Attributes
    ----------
    images
        patient (from 1), number (from 0, within the patient), age [years], sex, view, and the patient's other
        sign.
    strengths
        (images, 2): evidence of an opacity and of the other sign.
    truth
        (images, 3): the probabilities that the class was drawn from, in the order of `CLASSES`.
    labels
        (images,): the class, a position in `CLASSES`.
    oddities
        Rows by what is wrong with them; of two matched twice, the second has the first one's NIH name.
    """

    images: pd.DataFrame
    strengths: Table
    truth: Table
    labels: NDArray[np.int64]
    oddities: dict[str, NDArray[np.int64]]


def draw_population(spec: PhantomSpec) -> Population:
    """Draw populations until one has what a split by patient needs; see `is_usable`.

    Raises
    ------
    ConfigError
        If none of `REDRAWS` has.
    """
    for attempt in range(REDRAWS):
        rng = np.random.default_rng([spec.seed, 0, attempt])  # 0 is no patient: the pictures' keys differ
        population = draw_once(spec.patients, rng)
        if is_usable(population):
            return population
    raise ConfigError(
        f"phantoms: {spec.patients} patients from seed {spec.seed} gave too few patients of one class in "
        f"{REDRAWS} tries, expected {LEAST_PATIENTS} of each: raise `patients` or change `seed`"
    )


def draw_once(patients: int, rng: np.random.Generator) -> Population:
    """Draw patients, evidence and classes."""
    images = draw_images(patients, rng)
    signs = rng.choice(list(OTHER_SIGNS), patients, p=list(OTHER_SIGNS.values()))
    images["sign"] = signs[images["patient"] - 1]
    bedside = (images["view"] == "AP").to_numpy()
    strengths = draw_strengths(images["patient"].to_numpy() - 1, bedside, rng)
    truth = find_classes(strengths, bedside)
    drawn = rng.random((len(images), 1))
    labels = (drawn > truth.cumsum(axis=1)[:, :2]).sum(axis=1)
    return plant_oddities(Population(images, strengths, truth, labels, {}), rng)


def draw_strengths(patient: NDArray[np.int64], bedside: NDArray[np.bool_], rng: np.random.Generator) -> Table:
    """Draw the evidence, alike within a patient: (images, 2) in 0..1."""
    latent = rng.standard_normal((int(patient.max()) + 1, 2))[patient] * np.sqrt(WITHIN_PATIENT)
    latent += rng.standard_normal((len(patient), 2)) * np.sqrt(1 - WITHIN_PATIENT)
    latent += np.outer(bedside - BEDSIDE_PATIENTS, [OPACITY.bedside_evidence, OTHER.bedside_evidence])
    # The logistic curve stands in for the normal distribution function, which it follows within 0.01.
    even = 1 / (1 + np.exp(-1.702 * latent))
    strong = STRONG_EACH * np.array([OPACITY.share, OTHER.share])
    return np.asarray(even ** (np.log(0.5) / np.log(1 - strong)))  # so that this share is above 0.5


def find_classes(strengths: Table, bedside: NDArray[np.bool_]) -> Table:
    """Return the probability of each class, (images, 3), from the evidence and the view."""
    opacity = find_truth((OPACITY.slope + OPACITY.bedside_slope * bedside) * strengths[:, 0], OPACITY.share)
    other = find_truth(OTHER.slope * strengths[:, 1], OTHER.share)
    return np.column_stack([(1 - opacity) * (1 - other), (1 - opacity) * other, opacity])


def plant_oddities(population: Population, rng: np.random.Generator) -> Population:
    """Choose the rows of each oddity, at most one of a patient, and none with an opacity."""
    images, labels = population.images, population.labels
    times = max(1, round(images["patient"].max() / PATIENTS_EACH))
    counts = [number * times for number in ODDITIES.values()]
    free = images[labels != CLASSES.index("Lung Opacity")].drop_duplicates("patient").index.to_numpy()
    rows = np.split(rng.permutation(free)[: sum(counts)], np.cumsum(counts)[:-1])
    oddities = dict(zip(ODDITIES, rows, strict=True))
    images.loc[oddities["impossible age"], "age"] = IMPOSSIBLE_AGE
    return Population(images, population.strengths, population.truth, labels, oddities)


def is_usable(population: Population) -> bool:
    """Tell whether each class has enough patients with and without it, and truth a sensible AUROC."""
    for column in range(len(CLASSES)):
        label = (population.labels == column).astype(np.int64)
        patients = int(population.images["patient"][label == 1].nunique())
        others = int(population.images["patient"].max()) - patients
        if min(patients, others) < LEAST_PATIENTS:
            return False
        if not AUROC_LIMITS[0] <= auroc(population.truth[:, column], label) <= AUROC_LIMITS[1]:
            return False
    return True
