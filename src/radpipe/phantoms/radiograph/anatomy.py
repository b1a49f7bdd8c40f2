"""The body of a phantom patient, its position before the detector, and the fields that both span.

Chest coordinates: x from -1 to 1 across the image, y from -1 (top) to 1; the patient's left, where the
heart lies, is at positive x. Every length below is in these units, so that a size scales everything.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.shared.painting import Field, compute_pixel_centres, rise

View = Literal["PA", "AP"]


@dataclass(frozen=True)
class Anatomy:
    """What stays the same in all images of one patient; factors around 1 unless a unit is given."""

    breadth: float
    lung_height: float
    heart: float
    mediastinum: float
    diaphragm: float
    clavicle_tilt: float
    rib_spacing: float
    rib_tilt: float
    bulk: float
    exposure: float
    texture: int
    sides: tuple[int, ...]
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Pose:
    """What differs from image to image of one patient; angle in radians."""

    shift: tuple[float, float]
    angle: float
    scale: float
    breath: float
    exposure: float


def draw_anatomy(rng: np.random.Generator) -> Anatomy:
    """Draw a patient; side (-1 or 1) and place (shares of the lung) are those of a one-sided sign."""
    breadth, height, heart, mediastinum = 1 + rng.normal(0, (0.04, 0.04, 0.045, 0.10))
    diaphragm, clavicle, spacing, tilt = rng.normal(0, (0.035, 0.05, 0.012, 0.06))
    return Anatomy(
        breadth=float(np.clip(breadth, 0.88, 1.12)),
        lung_height=float(np.clip(height, 0.88, 1.12)),
        heart=float(np.clip(heart, 0.88, 1.12)),
        mediastinum=float(np.clip(mediastinum, 0.75, 1.3)),
        diaphragm=float(diaphragm),
        clavicle_tilt=float(0.16 + clavicle),
        rib_spacing=float(np.clip(0.165 + spacing, 0.135, 0.195)),
        rib_tilt=float(0.30 + tilt),
        bulk=float(rng.uniform(0, 1)),
        exposure=float(rng.normal(0, 0.025)),
        texture=int(rng.integers(2**32)),
        sides=tuple(int(side) for side in rng.choice([-1, 1], 4)),
        places=tuple((float(a), float(b)) for a, b in rng.uniform(0, 1, (2, 2))),
    )


def draw_pose(rng: np.random.Generator, view: View) -> Pose:
    """Draw how a patient was placed; a bedside image (AP) is less straight and less inspired."""
    bedside = view == "AP"
    dx, dy = rng.normal(0, 0.025 if bedside else 0.018, 2)
    return Pose(
        shift=(float(dx), float(dy)),
        angle=float(rng.normal(0, 0.04 if bedside else 0.018)),
        scale=float(1 + rng.normal(0, 0.02)),
        breath=float(rng.normal(-0.08 if bedside else 0.0, 0.025)),
        exposure=float(rng.normal(0, 0.015)),
    )


@dataclass(frozen=True)
class Thorax:
    """One patient in one pose; every field is (size, size) float32.

    Attributes
    ----------
    cardiomegaly, view
        They shape the heart: the strength of the sign in 0..1, and the magnification of a bedside image.
    """

    anatomy: Anatomy
    pose: Pose
    view: View
    cardiomegaly: float
    size: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the image."""
        return self.size, self.size

    @cached_property
    def grid(self) -> tuple[Field, Field]:
        """Chest coordinates x and y of every pixel's centre.

        Both (size, size) float32.
        """
        steps = compute_pixel_centres(self.size)
        u, v = np.meshgrid(steps - np.float32(self.pose.shift[0]), steps - np.float32(self.pose.shift[1]))
        cos, sin = np.cos(self.pose.angle) / self.pose.scale, np.sin(self.pose.angle) / self.pose.scale
        return np.float32(cos) * u + np.float32(sin) * v, np.float32(cos) * v - np.float32(sin) * u

    def map_to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map chest coordinates (..., 2) to pixel coordinates: the inverse of `grid`.

        Both are float64.
        """
        cos, sin = np.cos(self.pose.angle) * self.pose.scale, np.sin(self.pose.angle) * self.pose.scale
        turned = points @ np.array([[cos, sin], [-sin, cos]]) + np.array(self.pose.shift)
        return np.asarray((turned + 1) * (self.size / 2) - 0.5)

    @property
    def top(self) -> float:
        """Height of the lung apex."""
        return -0.74 * self.anatomy.lung_height

    @cached_property
    def base(self) -> Field:
        """Height of the diaphragm: a dome on each side, the patient's right one higher.

        Returned (size, size) float32.
        """
        x, _ = self.grid
        level = 0.44 + self.anatomy.diaphragm + self.pose.breath
        dome = np.square((np.abs(x) - np.float32(0.36 * self.anatomy.breadth)) / np.float32(0.36))
        return np.asarray(level + 0.04 * np.tanh(x * 8) + 0.17 * dome, np.float32)

    @cached_property
    def wall(self) -> Field:
        """Distance of the chest wall from the midline: narrow at the apex, widest near the base.

        Returned (size, size) float32.
        """
        _, y = self.grid
        depth = np.clip((y - self.top) / np.float32(1.25), 0, 1)
        return np.asarray(self.anatomy.breadth * (0.30 + 0.50 * np.sqrt(depth)), np.float32)

    @cached_property
    def pleura(self) -> Field:
        """The two pleural spaces: 1 within the chest wall, above the diaphragm, beside the mediastinum.

        Returned (size, size) float32.
        """
        x, y = self.grid
        inner = np.abs(x) - np.float32(0.11 * self.anatomy.mediastinum)
        arch = np.float32(0.8) * np.square(np.abs(x) - np.float32(0.28))
        space = rise(self.wall - np.abs(x), 0.05) * rise(inner, 0.06)
        return space * rise(self.base - y, 0.04) * rise(y - np.float32(self.top) - arch, 0.07)

    @cached_property
    def heart(self) -> Field:
        """An oblique egg left of the midline, resting on the diaphragm.

        Returned (size, size) float32.
        """
        x, y = self.grid
        wide = (
            0.33 * self.anatomy.heart * (1.06 if self.view == "AP" else 1.0) * (1 + 0.75 * self.cardiomegaly)
        )
        floor = 0.40 + self.anatomy.diaphragm + self.pose.breath
        right, down = x - np.float32(0.10 + 0.3 * (wide - 0.33)), y - np.float32(floor - 0.20 + 0.15 * wide)
        along, across = 0.88 * right + 0.48 * down, 0.88 * down - 0.48 * right
        radius = np.sqrt(np.square(along / np.float32(wide)) + np.square(across / np.float32(0.32)))
        return rise(1 - radius, 0.18)

    @cached_property
    def lungs(self) -> Field:
        """What of the pleural spaces the heart leaves free.

        Returned (size, size) float32.
        """
        return np.asarray(self.pleura * (1 - self.heart), np.float32)


def place_patient(
    seed: int, patient: int, number: int, view: View, cardiomegaly: float, size: int
) -> tuple[Thorax, np.random.Generator]:
    """Draw a patient and its pose in one image.

    Parameters
    ----------
    seed, patient, number : int
        They alone seed the generators, so that the order of drawing does not matter; patients count
        from 1, numbers from 0.
    view, cardiomegaly, size
        As of `Thorax`.

    Returns
    -------
    Thorax, Generator
        The generator is for what else differs from image to image.
    """
    # A generator's key is filled up with zeros: (seed, 7) and (seed, 7, 0) are one key.
    anatomy = draw_anatomy(np.random.default_rng([seed, patient, 0]))
    rng = np.random.default_rng([seed, patient, number + 1])
    return Thorax(anatomy, draw_pose(rng, view), view, cardiomegaly, size), rng
