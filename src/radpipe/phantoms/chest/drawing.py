"""The pictures of the chest phantom: a body, and all findings as strong as their evidence."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.radiograph.anatomy import View, place_patient
from radpipe.phantoms.radiograph.drawing import develop
from radpipe.phantoms.radiograph.signs import draw_signs
from radpipe.phantoms.shared.painting import Field


@dataclass(frozen=True)
class Picture:
    """8-bit grey pixels, (size, size), and where each finding shows."""

    pixels: NDArray[np.uint8]
    signs: dict[str, Field]


def draw_picture(
    seed: int, patient: int, number: int, view: View, strengths: Mapping[str, float], size: int
) -> Picture:
    """Draw picture `number` of a patient, see `place_patient`; strengths are 0..1, by name of the finding."""
    thorax, rng = place_patient(seed, patient, number, view, strengths["Cardiomegaly"], size)
    signs = draw_signs(thorax, strengths, rng)
    return Picture(develop(thorax, signs, strengths, rng), signs)
