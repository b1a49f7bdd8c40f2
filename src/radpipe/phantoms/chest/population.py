"""Patients, their pictures, what shows in each, and the labels drawn from what shows.

A picture's evidence of a finding is a strength of 0..1, which is also how strongly the sign is drawn. The
label is drawn from P(finding | strength, view) = logistic(intercept + slope * strength), so that
truth is known exactly: given the strengths, the labels of a picture are independent.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.radiograph.patients import BEDSIDE_PATIENTS, Finding, draw_images
from radpipe.phantoms.shared.evidence import (
    Table,
    draw_alike,
    draw_related,
    find_truth,
    to_strengths,
)
from radpipe.phantoms.shared.population import Population

FINDINGS = {
    "Infiltration": Finding(0.25, 7.0),
    "Effusion": Finding(0.16, 7.0, bedside_slope=3.0, bedside_evidence=0.4),
    "Mass": Finding(0.10, 8.0),
    "Pneumothorax": Finding(0.07, 8.5),
    "Cardiomegaly": Finding(0.045, 9.0),
    "Edema": Finding(0.03, 10.0),
}
NAMES = tuple(FINDINGS)
WITHIN_PATIENT, ACROSS_FINDINGS = 0.5, 0.4  # shares of the variance of the latent evidence
STRONG_EACH = 1.2  # pictures with a strength above 0.5 for each positive one
LEAST_EXPECTED = 20  # positive pictures: in a small population the tail is lifted to this


def draw_once(patients: int, rng: np.random.Generator) -> Population:
    """Draw patients, evidence and labels.

    Returns
    -------
    Population
        Its images are those of `draw_images`; its signs and targets are `NAMES`. Once selected, the images
        also have test (whether on the official test list) and source (the row whose picture it shows).
    """
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


def draw_strengths(patient: NDArray[np.int64], bedside: NDArray[np.bool_], rng: np.random.Generator) -> Table:
    """Draw the evidence: alike within a patient, related across findings, (images, findings) in 0..1."""
    ill = partial(draw_related, columns=len(FINDINGS), share=ACROSS_FINDINGS, rng=rng)  # how ill somebody is
    shift = [finding.bedside_evidence for finding in FINDINGS.values()]
    latent = draw_alike(patient, WITHIN_PATIENT, ill) + np.outer(bedside - BEDSIDE_PATIENTS, shift)
    return to_strengths(latent, STRONG_EACH * find_shares(len(patient)))


def find_shares(images: int) -> Table:
    """Return the wanted positive share of each finding among so many pictures."""
    return np.array([max(finding.share, LEAST_EXPECTED / images) for finding in FINDINGS.values()])
