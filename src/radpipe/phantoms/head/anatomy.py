"""The head of a phantom patient, how it lies in the scanner, and the fields that one slice of it spans.

Head coordinates: x from -1 to 1 across the image, y from -1 (front) to 1 (back). One unit is `UNIT` mm.
Height is 0 at the base of the skull and 1 at the vertex. Every length below is in these units, so that a
size scales everything.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from radpipe.phantoms.shared.painting import Field, compute_pixel_centres

UNIT = 112.5  # [mm]: the image shows 225 mm
SCALP = 0.045  # thickness, as that of the skull
SKULL = 0.065
PLANES = 6  # of the folds, from the base to the vertex


@dataclass(frozen=True)
class Anatomy:
    """What stays the same in all studies of one patient; factors around 1."""

    breadth: float
    length: float
    skull: float
    ventricles: float
    atrophy: float
    bulge: float
    texture: int


@dataclass(frozen=True)
class Pose:
    """How the head lies in one study, and where it bleeds; angles in radians.

    Attributes
    ----------
    sides
        -1 or 1, of each subtype in alphabetical order.
    places
        Shares of 0..1 of each subtype: where along its region, and how far in.
    """

    shift: tuple[float, float]
    angle: float
    sides: tuple[int, ...]
    places: tuple[tuple[float, float], ...]


def draw_anatomy(rng: np.random.Generator) -> Anatomy:
    """Draw a patient."""
    breadth, length, skull = 1 + np.clip(rng.normal(0, (0.03, 0.025, 0.15)), -0.3, 0.3)
    return Anatomy(
        breadth=float(breadth),
        length=float(length),
        skull=float(skull),
        ventricles=float(np.clip(rng.lognormal(0, 0.2), 0.65, 1.5)),
        atrophy=float(rng.uniform(0.3, 1.2)),
        bulge=float(rng.uniform(-np.pi, np.pi)),
        texture=int(rng.integers(2**32)),
    )


def draw_pose(rng: np.random.Generator) -> Pose:
    """Draw how a patient was laid down, and the sides and places of what bleeds."""
    dx, dy = np.clip(rng.normal(0, 0.025, 2), -0.06, 0.06)
    return Pose(
        shift=(float(dx), float(dy)),
        angle=float(np.clip(rng.normal(0, 0.07), -0.2, 0.2)),
        sides=tuple(int(side) for side in rng.choice([-1, 1], 5)),
        places=tuple((float(a), float(b)) for a, b in rng.uniform(0, 1, (5, 2))),
    )


def measure_radii(x: Field, y: Field, radius: tuple[float, float], tilt: float = 0.0) -> Field:
    """Return the distance from the origin in radii of an ellipse; `tilt` turns its long axis [rad].

    Returned (size, size) float32.
    """
    cos, sin = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
    along, across = cos * x + sin * y, cos * y - sin * x
    return np.asarray(np.hypot(along / np.float32(radius[0]), across / np.float32(radius[1])), np.float32)


def compute_presence(height: float, low: float, high: float) -> float:
    """Return how much of a structure between two heights a slice shows, 0..1."""
    edge = np.clip((min(height - low, high - height)) / 0.06 + 0.5, 0, 1)
    return float(edge * edge * (3 - 2 * edge))


@dataclass(frozen=True)
class Head:
    """One slice through one patient in one pose; every field is (size, size) float32."""

    anatomy: Anatomy
    pose: Pose
    height: float
    size: int

    @cached_property
    def place(self) -> tuple[Field, Field]:
        """Coordinates in the image of every pixel's centre, as the table lies.

        Both (size, size) float32.
        """
        steps = compute_pixel_centres(self.size)
        u, v = np.meshgrid(steps, steps)
        return u, v

    @cached_property
    def grid(self) -> tuple[Field, Field]:
        """Head coordinates x and y of every pixel's centre.

        Both (size, size) float32.
        """
        u, v = self.place[0] - np.float32(self.pose.shift[0]), self.place[1] - np.float32(self.pose.shift[1])
        cos, sin = np.float32(np.cos(self.pose.angle)), np.float32(np.sin(self.pose.angle))
        return cos * u + sin * v, cos * v - sin * u

    @property
    def radius(self) -> tuple[float, float]:
        """Half the breadth and half the length of this slice: widest above the ears."""
        wide = float(np.sqrt(1 - ((self.height - 0.42) / 0.68) ** 2))
        return 0.68 * self.anatomy.breadth * wide, 0.86 * self.anatomy.length * wide

    @cached_property
    def direction(self) -> Field:
        """Angle around the centre [rad]: 0 at the patient's left, -pi/2 in front.

        Returned (size, size) float32.
        """
        x, y = self.grid
        return np.asarray(np.arctan2(y / np.float32(self.radius[1]), x / np.float32(self.radius[0])))

    @cached_property
    def skin(self) -> Field:
        """Depth below the skin, negative outside; first-order distance to an ellipse that bulges a little.

        Returned (size, size) float32.
        """
        x, y = self.grid
        a, b = self.radius
        bulge = 1 + np.float32(0.02) * np.cos(2 * self.direction + np.float32(self.anatomy.bulge))
        ratio = measure_radii(x, y, (a, b)) / bulge
        slope = np.hypot(x / np.float32(a**2), y / np.float32(b**2)) / np.maximum(ratio, np.float32(0.05))
        return np.asarray((1 - ratio) / np.maximum(slope, np.float32(0.5)), np.float32)

    @cached_property
    def depth(self) -> Field:
        """Depth below the inner table of the skull: positive where the brain is.

        Returned (size, size) float32.
        """
        oblique = 0.68 / max(self.radius[0], 0.3)  # near the vertex the slice cuts the bone at an angle
        return np.asarray(self.skin - np.float32(SCALP + SKULL * self.anatomy.skull * oblique), np.float32)

    @cached_property
    def folds(self) -> Field:
        """Smooth noise that changes slowly with height; it is 0 along the sulci.

        Returned (size, size) float32.
        """
        rng = np.random.default_rng(self.anatomy.texture)
        planes = rng.standard_normal((PLANES, 26, 26), np.float32)
        lower, share = divmod(self.height * (PLANES - 1), 1)
        turn = share * np.pi / 2  # the squares of both weights add up to 1: the noise keeps its variance
        mixed = np.cos(turn) * planes[int(lower)] + np.sin(turn) * planes[int(lower) + 1]
        shape = (self.size, self.size)
        return np.asarray(cv2.resize(mixed, shape, interpolation=cv2.INTER_CUBIC), np.float32)
