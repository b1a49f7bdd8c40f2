"""Patients, their head CT studies, what bleeds in each slice, the labels drawn from it, and which are odd.

A bleeding is an ellipsoid: it is widest in one slice and ends a few slices above and below. How strongly it
shows in a slice is a strength of 0..1; the label is drawn from P(subtype | strength) = logistic(intercept +
slope * strength), so that truth is known exactly. Given the strengths, the labels of a slice are independent,
and P(any) = 1 - product(1 - P(subtype)).
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
)


@dataclass(frozen=True)
class Subtype:
    """How often a bleeding occurs and where it lies.

    Attributes
    ----------
    share
        Positive share of the slices.
    slope
        Change of the log odds from no sign to the full sign.
    lowest, highest
        Heights in which its centre may lie: 0 is the base of the skull, 1 the vertex.
    reach
        Half its extent in height, in the same unit.
    """

    share: float
    slope: float
    lowest: float
    highest: float
    reach: float


SUBTYPES = {
    "epidural": Subtype(0.03, 12.5, 0.35, 0.65, 0.19),
    "intraparenchymal": Subtype(0.115, 10.5, 0.38, 0.72, 0.18),
    "intraventricular": Subtype(0.065, 11.5, 0.46, 0.58, 0.17),
    "subarachnoid": Subtype(0.09, 10.5, 0.32, 0.70, 0.20),
    "subdural": Subtype(0.15, 10.0, 0.45, 0.78, 0.26),
}
NAMES = tuple(SUBTYPES)
TARGETS = (*NAMES, "any")
LEAST_SLICES, MOST_SLICES = 10, 16  # of a study
SCANNERS = (0.4, 0.4, 0.2)  # shares of the studies, in the order of `head.dicom.SCANNERS`
SECOND_STUDY = 0.3  # share of the patients that come back
LOWEST, HIGHEST = 0.14, 0.93  # heights of the first and the last slice
WITHIN_PATIENT = 0.75  # share of the variance of the latent evidence
ACROSS_SUBTYPES = 0.6  # likewise
STRONG_EACH = 1.15  # slices with a strength above 0.5 for each positive one
# Slices affected for each `PATIENTS_EACH` patients, once at least; of a pair, the second shows the first.
ODDITIES = {
    "missing": 1,
    "truncated": 1,
    "empty": 1,
    "constant": 1,
    "identical": 2,
    "conflicting": 2,
    "repeated rows": 4,
}
PATIENTS_EACH = 100
COMMONEST = NAMES.index("subdural")
LEAST_POSITIVE = 12  # patients with each target
LEAST_NEGATIVE = 10  # patients without it


def draw_population(patients: int, rng: np.random.Generator) -> Population:
    """Draw patients, evidence and labels, by patient, study and height.

    Returns
    -------
    Population
        Its images have patient, study (from 1, through all patients), number (within the study), height
        (0..1), scanner (a position in `dicom.SCANNERS`) and, once oddities are planted, source (the row whose
        image it shows). Its signs are `NAMES`, its targets `TARGETS`.
    """
    images = draw_images(patients, rng)
    strengths = draw_strengths(images, rng)
    each = zip(strengths.T, SUBTYPES.values(), strict=True)
    truth = np.column_stack([find_truth(kind.slope * strength, kind.share) for strength, kind in each])
    labels = rng.random(truth.shape) < truth
    union = 1 - np.prod(1 - truth, axis=1, keepdims=True)
    return Population(images, strengths, np.hstack([truth, union]), unite(labels.astype(np.int64)))


def unite(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Append `any`, the union of the five subtypes: (slices, 5) -> (slices, 6).

    Both are int64.
    """
    return np.column_stack([labels, labels.max(axis=1)])


def draw_images(patients: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who was scanned how often, and at which heights."""
    patient = np.repeat(np.arange(patients) + 1, 1 + (rng.random(patients) < SECOND_STUDY))
    counts = rng.integers(LEAST_SLICES, MOST_SLICES + 1, len(patient))
    study = np.repeat(np.arange(len(patient)), counts)
    number = np.arange(len(study)) - np.repeat(np.cumsum(counts) - counts, counts)
    height = LOWEST + (HIGHEST - LOWEST) * number / (counts[study] - 1)
    scanner = rng.choice(len(SCANNERS), len(patient), p=SCANNERS)
    return pd.DataFrame(
        {
            "patient": patient[study],
            "study": study + 1,
            "number": number,
            "height": height,
            "scanner": scanner[study],
        }
    )


def draw_strengths(images: pd.DataFrame, rng: np.random.Generator) -> Table:
    """Draw the evidence: correlated within a patient and across subtypes, (slices, 5) float64 in 0..1."""
    study = images["study"].to_numpy() - 1
    patient = images.groupby("study")["patient"].first().to_numpy() - 1
    injury = partial(draw_correlated, columns=len(SUBTYPES), share=ACROSS_SUBTYPES, rng=rng)  # how bad it is
    kinds = SUBTYPES.values()
    covered = np.array([2 * kind.reach / (HIGHEST - LOWEST) for kind in kinds])
    strong = STRONG_EACH * np.array([kind.share for kind in kinds]) / covered
    peaks = compute_strengths(draw_grouped(patient, WITHIN_PATIENT, injury), strong)
    lowest = np.array([kind.lowest for kind in kinds])
    centres = rng.uniform(lowest, np.array([kind.highest for kind in kinds]), peaks.shape)
    away = (images["height"].to_numpy()[:, None] - centres[study]) / [kind.reach for kind in kinds]
    return np.asarray(peaks[study] * np.sqrt(np.clip(1 - away**2, 0, None)))


def choose_rows(population: Population, rng: np.random.Generator) -> Rows:
    """Choose the rows of each oddity: slices without bleeding, at most one of a patient.

    There are more patients than oddities, and every patient has slices below and above any bleeding.

    Rows are (rows,) int64.
    """
    patient = population.images["patient"].to_numpy()
    counts = count_oddities(ODDITIES, int(patient.max()), PATIENTS_EACH)
    clear = rng.permutation(np.flatnonzero(population.labels[:, -1] == 0))
    _, first = np.unique(patient[clear], return_index=True)
    return deal_rows(rng.permutation(clear[first]), counts)


def plant_oddities(population: Population, rng: np.random.Generator) -> Population:
    """Choose all oddities, and plant those of the tables."""
    odd = replace(population, oddities=choose_rows(population, rng))
    copied = copy_rows(odd, COMMONEST)
    return replace(copied, labels=unite(copied.labels[:, :-1]))


def is_usable(population: Population) -> bool:
    """Return whether a 60/20/20 split by patient has every subtype, and a sensible AUROC."""
    return can_be_used(population, population.labels, LEAST_POSITIVE, LEAST_NEGATIVE)
