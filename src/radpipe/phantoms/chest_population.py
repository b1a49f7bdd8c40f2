"""Patients, their pictures, what shows in each, and the labels drawn from what shows.

A picture's evidence of a finding is a strength of 0..1, which is also how strongly the sign is drawn. The
label is drawn from P(finding | strength, view) = logistic(intercept + slope * strength), so that
truth is known exactly: given the strengths, the labels of a picture are independent.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """How often a finding occurs and how its evidence lies.

    Attributes
    ----------
    share
        Positive share of the pictures.
    slope
        Change of the log odds from no sign to the full sign.
    bedside_slope, bedside_evidence
        What a bedside (AP) picture adds to the slope and to the latent evidence: the planted shortcut.
    """

    share: float
    slope: float
    bedside_slope: float = 0.0
    bedside_evidence: float = 0.0


FINDINGS = {
    "Infiltration": Finding(0.25, 7.0),
    "Effusion": Finding(0.16, 7.0, bedside_slope=3.0, bedside_evidence=0.4),
    "Mass": Finding(0.10, 8.0),
    "Pneumothorax": Finding(0.07, 8.5),
    "Cardiomegaly": Finding(0.045, 9.0),
    "Edema": Finding(0.03, 10.0),
}
NAMES = tuple(FINDINGS)
MOST_IMAGES, TAIL = 20, 1.15  # pictures of a patient: a Pareto tail, more than half have one, the mean is 3
BEDSIDE_PATIENTS = 0.4
WITHIN_PATIENT, ACROSS_FINDINGS = 0.5, 0.4  # shares of the variance of the latent evidence
STRONG_EACH = 1.2  # pictures with a strength above 0.5 for each positive one
LEAST_EXPECTED = 20  # positive pictures: in a small population the tail is lifted to this


@dataclass(frozen=True)
class Population:
    """All pictures of a phantom in the order of the published table.

    Attributes
    ----------
    images
        patient (from 1), number (from 0, within the patient), age [years], sex, view; once selected, also
        test (whether on the official test list) and source (the row whose picture it shows).
    strengths, truth, labels
        One row per picture, one column per finding of `NAMES`: evidence, the probability that the label
        was drawn from, and the label, 0 or 1.
    oddities
        Rows by what is wrong with them; see chest_oddities.
    """

    images: pd.DataFrame
    strengths: Table
    truth: Table
    labels: NDArray[np.int64]
    oddities: dict[str, NDArray[np.int64]] = field(default_factory=dict)


def draw_once(patients: int, rng: np.random.Generator) -> Population:
    """Draw patients, evidence and labels."""
    images = draw_images(patients, rng)
    bedside = (images["view"] == "AP").to_numpy()
    strengths = draw_strengths(images["patient"].to_numpy() - 1, bedside, rng)
    each = zip(strengths.T, FINDINGS.values(), find_shares(len(images)), strict=True)
    truth = np.column_stack(
        [
            find_truth((finding.slope + finding.bedside_slope * bedside) * strength, share)
            for strength, finding, share in each
        ]
    )
    return Population(images, strengths, truth, (rng.random(truth.shape) < truth).astype(np.int64))


def draw_images(patients: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who was pictured how often, at which age and in which view."""
    quantiles = (np.arange(patients) + 0.5) / patients
    counts = rng.permutation(np.clip(quantiles ** (-1 / TAIL), 1, MOST_IMAGES).astype(np.int64))
    patient = np.repeat(np.arange(patients), counts)
    number = np.arange(len(patient)) - np.repeat(np.cumsum(counts) - counts, counts)
    age = np.clip(rng.normal(47, 17, patients), 2, 88).astype(np.int64)[patient] + number // 4
    bedridden = rng.beta(BEDSIDE_PATIENTS * 2, (1 - BEDSIDE_PATIENTS) * 2, patients)[patient]
    return pd.DataFrame(
        {
            "patient": patient + 1,
            "number": number,
            "age": age,
            "sex": rng.choice(["F", "M"], patients, p=[0.44, 0.56])[patient],
            "view": np.where(rng.random(len(patient)) < bedridden, "AP", "PA"),
        }
    )


def draw_strengths(patient: NDArray[np.int64], bedside: NDArray[np.bool_], rng: np.random.Generator) -> Table:
    """Draw the evidence: alike within a patient, related across findings, (images, findings) in 0..1."""
    patients = draw_related(int(patient.max()) + 1, rng)
    latent = patients[patient] * np.sqrt(WITHIN_PATIENT)
    latent += draw_related(len(patient), rng) * np.sqrt(1 - WITHIN_PATIENT)
    shift = [finding.bedside_evidence for finding in FINDINGS.values()]
    latent += np.outer(bedside - BEDSIDE_PATIENTS, shift)
    # The logistic curve stands in for the normal distribution function, which it follows within 0.01.
    even = 1 / (1 + np.exp(-1.702 * latent))
    strong = STRONG_EACH * find_shares(len(patient))
    return np.asarray(even ** (np.log(0.5) / np.log(1 - strong)))  # so that this share is above 0.5


def find_shares(images: int) -> Table:
    """Return the wanted positive share of each finding among so many pictures."""
    return np.array([max(finding.share, LEAST_EXPECTED / images) for finding in FINDINGS.values()])


def draw_related(rows: int, rng: np.random.Generator) -> Table:
    """Draw normal numbers of variance 1, (rows, findings), that share one factor: how ill somebody is."""
    illness = rng.standard_normal((rows, 1)) * np.sqrt(ACROSS_FINDINGS)
    return np.asarray(illness + rng.standard_normal((rows, len(FINDINGS))) * np.sqrt(1 - ACROSS_FINDINGS))


def find_truth(log_odds: Table, share: float) -> Table:
    """Return P(finding | strength, view) from log odds that still want the intercept for this mean."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        too_many = np.mean(1 / (1 + np.exp(-(log_odds + middle)))) > share
        low, high = (low, middle) if too_many else (middle, high)
    return np.asarray(1 / (1 + np.exp(-(log_odds + low))))


def positive_patients(population: Population) -> NDArray[np.bool_]:
    """Tell which patient has which finding in any picture, (patients, findings), in order of patient."""
    labels = pd.DataFrame(population.labels)
    return np.asarray(labels.groupby(population.images["patient"].to_numpy()).max() > 0)
