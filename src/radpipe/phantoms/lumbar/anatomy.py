"""A spine in millimetres, and the brush that all images of it are painted with.

Sagittal images: x from the front to the back, y downwards. Axial images: x from the patient's right to
the left, y from the front to the back. The origin is the middle of the image.
"""

from dataclasses import dataclass

import numpy as np

from radpipe.phantoms.lumbar.plan import Series, Study
from radpipe.phantoms.shared.painting import Field, rise

SPACING = 36.0  # [mm] from disc to disc
DEPTH = 17.0  # [mm]; half of a vertebral body from front to back
FORAMEN_PLACE = (7.0, -2.0)  # [mm] behind a body and from a disc
RECESS = (12.5, 6.5)  # [mm] in an axial image


@dataclass(frozen=True)
class Spine:
    """What stays the same in all images of one study.

    Attributes
    ----------
    scale
        Of all lengths.
    bow, tilt
        Lordosis [mm], and slope of the whole spine.
    canal
        Width of the open canal from front to back [mm].
    discs
        Brightness of each disc, 0..1: a nuisance, unrelated to the grades.
    fat
        Brightness of fat, 0..1.
    shift
        How far from the middle of the image it lies, across and down [mm].
    """

    scale: float
    bow: float
    tilt: float
    canal: float
    discs: tuple[float, ...]
    fat: float
    shift: tuple[float, float]


def draw_spine(rng: np.random.Generator) -> Spine:
    """Draw a spine."""
    across, down = rng.normal(0, 3, 2)
    return Spine(
        scale=float(np.clip(1 + rng.normal(0, 0.04), 0.9, 1.1)),
        bow=float(rng.normal(14, 4)),
        tilt=float(rng.normal(0, 0.05)),
        canal=float(np.clip(rng.normal(16, 0.8), 14, 18)),
        discs=tuple(float(level) for level in rng.uniform(0.25, 0.65, 5)),
        fat=float(rng.uniform(0.80, 0.95)),
        shift=(float(across), float(down)),
    )


def draw_study_spine(seed: int, study: Study) -> Spine:
    """Draw the spine of a study; the generator's key is the study's alone (populations have 0 there)."""
    return draw_spine(np.random.default_rng([seed, study.number + 1, 0]))


def compute_level_height(spine: Spine, level: float) -> float:
    """Return y of a disc [mm]."""
    return (level - 2) * SPACING * spine.scale


def compute_back_wall(spine: Spine, y: Field) -> Field:
    """Return x of the back of the vertebral bodies at the heights y [mm]; the sacrum turns backwards.

    `y` (...,) float32, of any shape; returned likewise.
    """
    turn = 9 * np.logaddexp(
        (y - np.float32(compute_level_height(spine, 4) + 6)) / np.float32(9), np.float32(0)
    )
    bow = spine.bow * (np.square(y / np.float32(85)) - 0.5)
    return np.asarray(bow + spine.tilt * y + 0.6 * turn + DEPTH * spine.scale - 12, np.float32)


def find_place(spine: Spine, condition: str, level: int) -> tuple[float, float]:
    """Return x and y [mm] of what a grade is about: the middle of the canal, foramen or recess."""
    if "subarticular" in condition:
        return (1 if condition.startswith("left") else -1) * RECESS[0] * spine.scale, RECESS[1] * spine.scale
    height = compute_level_height(spine, level)
    behind = FORAMEN_PLACE if "foraminal" in condition else (spine.canal * spine.scale / 2, 0.0)
    wall = float(compute_back_wall(spine, np.array([height], np.float32))[0])
    return wall + behind[0], height + behind[1]


def rise_sharply(distance: Field) -> Field:
    """Go smoothly from 0 to 1 while `distance` [mm] crosses 0, as sharply as most borders are.

    Both (height, width) float32.
    """
    return rise(distance, 2.0)


def fill_ellipse(x: Field, y: Field, place: tuple[float, float], axes: tuple[float, float]) -> Field:
    """Fill an ellipse: 1 inside, 0 outside; `axes` are its half widths [mm].

    `x`, `y` and what is returned: (height, width) float32.
    """
    across, down = (x - np.float32(place[0])) / axes[0], (y - np.float32(place[1])) / axes[1]
    return rise((1 - np.sqrt(np.square(across) + np.square(down))) * np.float32(min(axes)), 1.6)


def paint(image: Field, mask: Field, value: float | Field) -> None:
    """Lay a colour over an image where the mask is 1.

    `image` and `mask` (height, width) float32; the image is changed in place.
    """
    image += mask * (np.asarray(value, np.float32) - image)


def make_grid(series: Series, shift: tuple[float, float]) -> tuple[Field, Field]:
    """Return x and y [mm] of every pixel's centre, (rows, columns).

    Both are float32.
    """
    x = (np.arange(series.columns, dtype=np.float32) - (series.columns - 1) / 2) * series.spacing
    y = (np.arange(series.rows, dtype=np.float32) - (series.rows - 1) / 2) * series.spacing
    across, down = np.meshgrid(x - shift[0], y - shift[1])
    return across.astype(np.float32), down.astype(np.float32)


def map_to_pixels(series: Series, shift: tuple[float, float], x: float, y: float) -> tuple[float, float]:
    """Map millimetres to pixels: the inverse of `make_grid`."""
    across, down = (x + shift[0]) / series.spacing, (y + shift[1]) / series.spacing
    return across + (series.columns - 1) / 2, down + (series.rows - 1) / 2
