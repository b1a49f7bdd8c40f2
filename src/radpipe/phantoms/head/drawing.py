"""Head and bleedings -> one slice in Hounsfield units."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.head.anatomy import Head, draw_anatomy, draw_pose
from radpipe.phantoms.head.lesions import add_bleedings
from radpipe.phantoms.head.tissue import draw_head
from radpipe.phantoms.shared.painting import Field

NOISE = 4.0  # [HU] of one pixel of an image of side `GRAIN`
GRAIN = 128  # [px]
LOWEST, HIGHEST = -1000, 3000  # [HU] that every scanner can store


@dataclass(frozen=True)
class Place:
    """Which slice: of a patient, of a study (numbered through all patients), its number and height."""

    patient: int
    study: int
    number: int
    height: float


def draw_slice(seed: int, place: Place, strengths: dict[str, float], size: int) -> NDArray[np.int16]:
    """Draw one slice.

    Parameters
    ----------
    seed, place
        They alone seed the generators, so that the order of drawing does not matter; patients and studies
        count from 1, numbers from 0.
    strengths
        How much of each subtype shows, 0..1, by name.
    size
        Side of the image [px].

    Returns
    -------
    (size, size) int16
        [HU]
    """
    # The third word differs between the three kinds of keys; others are in the driver and `head.tables`.
    anatomy = draw_anatomy(np.random.default_rng([seed, place.patient, 1]))
    pose = draw_pose(np.random.default_rng([seed, place.study, 2]))
    head = Head(anatomy, pose, place.height, size)
    shown = add_bleedings(draw_head(head), head, strengths)
    noise = draw_noise(np.random.default_rng([seed, place.study, 3 + place.number]), size)
    return np.asarray(np.clip(np.rint(shown + noise), LOWEST, HIGHEST), np.int16)


def draw_noise(rng: np.random.Generator, size: int) -> Field:
    """Quantum noise, a little smooth as after reconstruction; larger pixels count more photons.

    Returned (size, size) float32.
    """
    white = cv2.GaussianBlur(rng.standard_normal((size, size), np.float32), (3, 3), 0.5)
    return np.asarray(white * np.float32(NOISE * min(2.0, size / GRAIN)), np.float32)
