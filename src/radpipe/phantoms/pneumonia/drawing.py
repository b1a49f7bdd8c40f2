"""The radiographs of the pneumonia phantom: bodies as in the chest phantom, with opacities in both lungs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.radiograph.anatomy import Thorax, View, place_patient
from radpipe.phantoms.radiograph.drawing import develop
from radpipe.phantoms.radiograph.signs import SIGNS, draw_signs, find_box, mask_side
from radpipe.phantoms.shared.painting import Box, Field, draw_cloud

# Boxes of a positive image as published: 2,614 images have one, 3,266 two, 119 three, 13 four.
SHARES = np.array([2614, 3266, 119, 13]) / 6012
RADII = 0.21, 0.30  # across and down, in chest coordinates: published boxes are 1.5 times as high as wide


@dataclass(frozen=True)
class Radiograph:
    """8-bit grey pixels, (size, size), and the boxes around its opacities, however faint these are."""

    pixels: NDArray[np.uint8]
    boxes: list[Box]


def draw_radiograph(
    seed: int, patient: int, number: int, view: View, strengths: Mapping[str, float], size: int
) -> Radiograph:
    """Draw image `number` of a patient, see `place_patient`.

    Strengths are how much of each sign shows, 0..1, by name: of `Opacity`, and of any of `SIGNS`.
    """
    shown = {**dict.fromkeys(SIGNS, 0.0), **strengths, "Infiltration": strengths["Opacity"]}
    thorax, rng = place_patient(seed, patient, number, view, shown["Cardiomegaly"], size)
    signs = draw_signs(thorax, shown, rng)
    opacities = draw_opacities(thorax, rng)
    signs["Infiltration"] = np.maximum.reduce(opacities)  # the haze of one lung makes room
    return Radiograph(develop(thorax, signs, shown, rng), [find_box(opacity) for opacity in opacities])


def draw_opacities(thorax: Thorax, rng: np.random.Generator) -> list[Field]:
    """Draw one to four opacities, by turns in one lung and the other; two of one lung lie apart.

    Returned (size, size) float32 each.
    """
    number = 1 + int(rng.choice(len(SHARES), p=SHARES))
    first = thorax.anatomy.sides[0]
    start = thorax.anatomy.places[0]
    opacities = []
    for i in range(number):
        crowded = number - i > 2 or i >= 2  # the lung contains another one
        across = float(np.clip(start[0] + rng.normal(0, 0.1), 0, 1))
        scatter = rng.normal(0, 0.06)
        down = (0.9 if i >= 2 else 0.1) if crowded else float(np.clip(start[1] + scatter, 0, 1))
        growth = rng.uniform(0.8, 1.2) * (0.7 if crowded else 1.0)
        opacities.append(draw_opacity(thorax, (across, down), first * (-1) ** i, growth, rng))
    return opacities


def draw_opacity(
    thorax: Thorax, place: tuple[float, float], side: int, growth: float, rng: np.random.Generator
) -> Field:
    """Show one patch of haze in a lung; `place` is in shares of the lung's extent.

    Returned (size, size) float32.
    """
    x, y = thorax.grid
    across = side * (0.32 + 0.16 * place[0]) * thorax.anatomy.breadth
    down = thorax.top + 0.30 + 0.62 * place[1]
    far = np.square((x - np.float32(across)) / np.float32(RADII[0] * growth))
    far += np.square((y - np.float32(down)) / np.float32(RADII[1] * growth))
    texture = np.clip(0.9 + 0.15 * draw_cloud(rng, thorax.shape, 14), 0.6, 1.2)
    return np.asarray(np.exp(-far) * texture * thorax.lungs * mask_side(thorax, side), np.float32)
