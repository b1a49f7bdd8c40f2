"""Who is imaged how often, at which age and in which view; and how often a finding occurs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

# Images of a patient: a Pareto tail, more than half have one, the mean is 3.
MOST_IMAGES = 20
TAIL = 1.15
BEDSIDE_PATIENTS = 0.4


@dataclass(frozen=True)
class Finding:
    """How often a finding occurs and how its evidence lies.

    Attributes
    ----------
    share
        Positive share of the images.
    slope
        Change of the log odds from no sign to the full sign.
    bedside_slope, bedside_evidence
        What a bedside (AP) image adds to the slope and to the latent evidence: the planted shortcut.
    """

    share: float
    slope: float
    bedside_slope: float = 0.0
    bedside_evidence: float = 0.0


def draw_images(patients: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who was imaged how often, at which age and in which view."""
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


def name_images(images: pd.DataFrame) -> list[str]:
    """Return the file names: patient and number."""
    return [
        f"{patient:08d}_{number:03d}.png"
        for patient, number in zip(images["patient"], images["number"], strict=True)
    ]
