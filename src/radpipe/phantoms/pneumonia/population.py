"""Patients, their images, what shows in each, the class drawn from what shows, and which of them are odd.

An image has evidence of an opacity and of another sign, each a strength of 0..1, which is also how
strongly it is drawn. The class is drawn from P(opacity | strength, view) and, where it is none, from P(not
normal | strength of the other sign), both logistic, so that truth is known exactly.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.radiograph.patients import BEDSIDE_PATIENTS, Finding, draw_images
from radpipe.phantoms.shared.evidence import Table, compute_strengths, draw_grouped, find_truth
from radpipe.phantoms.shared.population import (
    Population,
    can_be_used,
    count_oddities,
    deal_rows,
)

CLASSES = ("Normal", "No Lung Opacity / Not Normal", "Lung Opacity")
OPACITY = Finding(0.225, 10.0, bedside_slope=2.0, bedside_evidence=0.5)  # bedside images have more of them
OTHER = Finding(0.57, 9.0)  # share of the images without an opacity that are not normal
OTHER_SIGNS = {"Effusion": 0.45, "Cardiomegaly": 0.35, "Mass": 0.2}  # one for each patient, and how often
LEAST_PATIENTS = 12  # with, and without, each class
WITHIN_PATIENT = 0.5  # share of the variance of the latent evidence
STRONG_EACH = 1.1  # images with a strength above 0.5 for each positive one
ODDITIES = {"truncated": 1, "impossible age": 1, "matched twice": 2}  # for each PATIENTS_EACH, once at least
PATIENTS_EACH = 360
IMPOSSIBLE_AGE = 155


def draw_population(patients: int, rng: np.random.Generator) -> Population:
    """Draw patients, evidence and classes.

    Returns
    -------
    Population
        Its images are those of `draw_images`, with the patient's other sign; strengths are of an opacity and
        of that sign; targets are `CLASSES`, and labels positions in them. Of two rows matched twice, the
        second has the first one's NIH name.
    """
    images = draw_images(patients, rng)
    signs = rng.choice(list(OTHER_SIGNS), patients, p=list(OTHER_SIGNS.values()))
    images["sign"] = signs[images["patient"] - 1]
    bedside = (images["view"] == "AP").to_numpy()
    strengths = draw_strengths(images["patient"].to_numpy() - 1, bedside, rng)
    truth = compute_class_probabilities(strengths, bedside)
    drawn = rng.random((len(images), 1))
    labels = (drawn > truth.cumsum(axis=1)[:, :2]).sum(axis=1)
    return Population(images, strengths, truth, labels)


def draw_strengths(patient: NDArray[np.int64], bedside: NDArray[np.bool_], rng: np.random.Generator) -> Table:
    """Draw the evidence, correlated within a patient: (images, 2) in 0..1.

    `patient` (images,) int64, `bedside` (images,) bool; returned as float64.
    """
    latent = draw_grouped(patient, WITHIN_PATIENT, lambda rows: rng.standard_normal((rows, 2)))
    latent += np.outer(bedside - BEDSIDE_PATIENTS, [OPACITY.bedside_evidence, OTHER.bedside_evidence])
    return compute_strengths(latent, STRONG_EACH * np.array([OPACITY.share, OTHER.share]))


def compute_class_probabilities(strengths: Table, bedside: NDArray[np.bool_]) -> Table:
    """Return the probability of each class, (images, 3), from the evidence and the view.

    `strengths` (images, 2) float64, `bedside` (images,) bool; returned as float64.
    """
    opacity = find_truth((OPACITY.slope + OPACITY.bedside_slope * bedside) * strengths[:, 0], OPACITY.share)
    other = find_truth(OTHER.slope * strengths[:, 1], OTHER.share)
    return np.column_stack([(1 - opacity) * (1 - other), (1 - opacity) * other, opacity])


def plant_oddities(population: Population, rng: np.random.Generator) -> Population:
    """Choose the rows of each oddity, at most one of a patient, and none with an opacity."""
    images = population.images.copy()
    counts = count_oddities(ODDITIES, int(images["patient"].max()), PATIENTS_EACH)
    clear = images[population.labels != CLASSES.index("Lung Opacity")]
    free = clear.drop_duplicates("patient").index.to_numpy()
    oddities = deal_rows(rng.permutation(free), counts)
    images.loc[oddities["impossible age"], "age"] = IMPOSSIBLE_AGE
    return replace(population, images=images, oddities=oddities)


def is_usable(population: Population) -> bool:
    """Return whether a split by patient has every class, and a sensible AUROC."""
    labels = (population.labels[:, None] == np.arange(len(CLASSES))).astype(np.int64)
    return can_be_used(population, labels, LEAST_PATIENTS, LEAST_PATIENTS)
