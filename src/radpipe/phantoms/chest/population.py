"""Patients, their images, what shows in each, the labels drawn from what shows, and which of them are odd.

An image's evidence of a finding is a strength of 0..1, which is also how strongly the sign is drawn. The
label is drawn from P(finding | strength, view) = logistic(intercept + slope * strength), so that
truth is known exactly: given the strengths, the labels of an image are independent.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.radiograph.patients import BEDSIDE_PATIENTS, Finding, draw_images
from radpipe.phantoms.shared.evidence import (
    Table,
    compute_strengths,
    draw_correlated,
    draw_grouped,
    find_truth,
)
from radpipe.phantoms.shared.population import (
    Population,
    Rows,
    can_be_used,
    copy_rows,
    count_oddities,
    deal_rows,
    find_positive_patients,
)

FINDINGS = {
    "Infiltration": Finding(0.25, 7.0),
    "Effusion": Finding(0.16, 7.0, bedside_slope=3.0, bedside_evidence=0.4),
    "Mass": Finding(0.10, 8.0),
    "Pneumothorax": Finding(0.07, 8.5),
    "Cardiomegaly": Finding(0.045, 9.0),
    "Edema": Finding(0.03, 10.0),
}
NAMES = tuple(FINDINGS)
WITHIN_PATIENT = 0.5  # share of the variance of the latent evidence
ACROSS_FINDINGS = 0.4  # likewise
STRONG_EACH = 1.2  # images with a strength above 0.5 for each positive one
LEAST_EXPECTED = 20  # positive images: in a small population the tail is lifted to this
# Images affected for each `PATIENTS_EACH` patients, once at least; of a pair, the second shows the first.
ODDITIES = {
    "rgba": 3,
    "missing": 1,
    "truncated": 1,
    "empty": 1,
    "constant": 1,
    "identical": 2,
    "conflicting": 2,
    "impossible age": 1,
}
PATIENTS_EACH = 360
IMPOSSIBLE_AGE = 411
COMMONEST = NAMES.index("Infiltration")
LEAST_PATIENTS = 12  # positive patients of each finding, and negative ones
LEAST_LISTED = 3  # positive patients of each finding in either official list
LISTED_AS_TEST = 0.2
SHUFFLES = 5000


def draw_population(patients: int, rng: np.random.Generator) -> Population:
    """Draw patients, evidence and labels.

    Returns
    -------
    Population
        Its images are those of `draw_images`; its signs and targets are `NAMES`. Once selected, the images
        also have test (whether on the official test list) and source (the row whose image it shows).
    """
    images = draw_images(patients, rng)
    bedside = (images["view"] == "AP").to_numpy()
    strengths = draw_strengths(images["patient"].to_numpy() - 1, bedside, rng)
    each = zip(strengths.T, FINDINGS.values(), compute_shares(len(images)), strict=True)
    truth = np.column_stack(
        [
            find_truth((finding.slope + finding.bedside_slope * bedside) * strength, share)
            for strength, finding, share in each
        ]
    )
    return Population(images, strengths, truth, (rng.random(truth.shape) < truth).astype(np.int64))


def draw_strengths(patient: NDArray[np.int64], bedside: NDArray[np.bool_], rng: np.random.Generator) -> Table:
    """Draw the evidence: correlated within a patient and across findings, (images, findings) in 0..1.

    `patient` (images,) int64, `bedside` (images,) bool; returned as float64.
    """
    ill = partial(
        draw_correlated, columns=len(FINDINGS), share=ACROSS_FINDINGS, rng=rng
    )  # how ill a patient is
    shift = [finding.bedside_evidence for finding in FINDINGS.values()]
    latent = draw_grouped(patient, WITHIN_PATIENT, ill) + np.outer(bedside - BEDSIDE_PATIENTS, shift)
    return compute_strengths(latent, STRONG_EACH * compute_shares(len(patient)))


def compute_shares(images: int) -> Table:
    """Return the wanted positive share of each finding among so many images, (findings,) float64."""
    return np.array([max(finding.share, LEAST_EXPECTED / images) for finding in FINDINGS.values()])


def find_expendable(population: Population) -> NDArray[np.int64]:
    """Return the patients without any but the commonest finding: a lost image costs no rare positive.

    Returned (patients,) int64.
    """
    positive = find_positive_patients(population.labels, population.images["patient"])
    others = np.delete(positive, COMMONEST, axis=1)
    return np.flatnonzero(~others.any(axis=1)) + 1


def choose_rows(population: Population, rng: np.random.Generator) -> Rows | None:
    """Choose the rows of each oddity, at most one of a patient; None if too few patients are expendable.

    Rows are (rows,) int64.
    """
    counts = count_oddities(ODDITIES, int(population.images["patient"].max()), PATIENTS_EACH)
    patients = rng.permutation(find_expendable(population))
    if len(patients) < sum(counts.values()):
        return None
    last = ~population.images["patient"].duplicated(keep="last")
    return deal_rows(np.flatnonzero(last)[patients - 1], counts)


def plant_oddities(population: Population, rng: np.random.Generator) -> Population | None:
    """Choose all oddities, and plant those of the tables; None if too few patients are expendable."""
    oddities = choose_rows(population, rng)
    if oddities is None:
        return None
    copied = copy_rows(replace(population, oddities=oddities), COMMONEST)
    images = copied.images
    images["view"] = images["view"].to_numpy()[images["source"]]
    images.loc[oddities["impossible age"], "age"] = IMPOSSIBLE_AGE
    return copied


def is_usable(population: Population) -> bool:
    """Return whether a 60/20/20 split by patient has every finding, and a sensible AUROC."""
    return can_be_used(population, population.labels, LEAST_PATIENTS, LEAST_PATIENTS)


def add_test_list(population: Population, rng: np.random.Generator) -> Population | None:
    """Add whether each image's patient is on the official test list; None if no list satisfies."""
    positive = find_positive_patients(population.labels, population.images["patient"])
    listed = draw_test_list(positive, rng)
    if listed is None:
        return None
    test = listed[population.images["patient"].to_numpy() - 1]
    return replace(population, images=population.images.assign(test=test))


def draw_test_list(positive: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_] | None:
    """Draw the patients of the official test list, so that both lists have positives of every finding.

    `positive` (patients, findings) bool; returned (patients,) bool.

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
