"""How each finding shows: where, a field of 0..1, from a strength of 0..1."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from radpipe.phantoms.radiograph.anatomy import Thorax
from radpipe.phantoms.shared.painting import Box, Field, draw_cloud, rise

# Attenuation of a collapsed space and of an effusion; aerated lung is near 0.3.
AIR = 0.06
FLUID = 0.80
BOX_LEVEL = 0.4


def mask_side(thorax: Thorax, side: int) -> Field:
    """Cover one side of the body: 1 where x has the sign of `side`.

    Returned (size, size) float32.
    """
    return rise(thorax.grid[0] * np.float32(side), 0.02)


def compute_squared_distance(thorax: Thorax, place: tuple[float, float], side: int, radius: float) -> Field:
    """Square the distance, in radii, from a point within a lung; `place` is in shares of its extent.

    Returned (size, size) float32.
    """
    x, y = thorax.grid
    across = side * (0.34 + 0.20 * place[0]) * thorax.anatomy.breadth
    down = thorax.top + 0.28 + 0.58 * place[1]
    return np.asarray(
        (np.square(x - np.float32(across)) + np.square(y - np.float32(down))) / np.float32(radius**2)
    )


def draw_infiltration(thorax: Thorax, strength: float, rng: np.random.Generator) -> Field:
    """Show patchy haze in one lung.

    Returned (size, size) float32.
    """
    side = thorax.anatomy.sides[0]
    place = thorax.anatomy.places[0]
    patch = np.exp(-compute_squared_distance(thorax, place, side, 0.38))
    texture = np.clip(0.75 + 0.3 * draw_cloud(rng, thorax.shape, 14), 0.2, 1.2)
    return np.asarray(patch * texture * thorax.lungs * mask_side(thorax, side), np.float32)


def draw_effusion(thorax: Thorax, strength: float, rng: np.random.Generator) -> Field:
    """Show fluid over one diaphragm, its upper border a meniscus that climbs the chest wall.

    Returned (size, size) float32.
    """
    x, y = thorax.grid
    side = thorax.anatomy.sides[1]
    shown = strength * (1.0 if thorax.view == "AP" else 0.68)  # the shortcut's other half: fainter in PA
    climb = np.float32(0.36 * shown) * np.square(np.clip(np.abs(x) / thorax.wall, 0, 1))
    level = 0.72 + thorax.anatomy.diaphragm + thorax.pose.breath - 0.42 * shown
    space = rise(thorax.wall + np.float32(0.03) - np.abs(x), 0.05) * rise(np.abs(x) - np.float32(0.1), 0.06)
    surface = y - np.float32(level) + climb
    return np.asarray(
        space * rise(surface, 0.07) * mask_side(thorax, side) * rise(0.95 - y, 0.1),
        np.float32,
    )


def draw_mass(thorax: Thorax, strength: float, rng: np.random.Generator) -> Field:
    """Show a round opacity in one lung.

    Returned (size, size) float32.
    """
    place = thorax.anatomy.places[1]
    side = thorax.anatomy.sides[2]
    distance = np.sqrt(compute_squared_distance(thorax, place, side, 0.11 + 0.09 * strength))
    return np.asarray(rise(1 - distance, 0.5) * thorax.pleura, np.float32)


def draw_pneumothorax(thorax: Thorax, strength: float, rng: np.random.Generator) -> Field:
    """Show air between the chest wall and one lung, widest at the apex, without any markings.

    Returned (size, size) float32.
    """
    x, y = thorax.grid
    side = thorax.anatomy.sides[3]
    across = (np.abs(x) - np.float32(0.1)) / (0.62 * np.float32(thorax.anatomy.breadth))
    up = (np.float32(0.42) - y) / np.float32(0.42 - thorax.top)
    rim = rise(np.sqrt(np.square(across) + np.square(up)) - np.float32(1.02 - 0.55 * strength), 0.05)
    return np.asarray(rim * thorax.lungs * mask_side(thorax, side), np.float32)


def draw_cardiomegaly(thorax: Thorax, strength: float, rng: np.random.Generator) -> Field:
    """Show the heart itself: its width is drawn with the body.

    Returned (size, size) float32.
    """
    return thorax.heart


def draw_edema(thorax: Thorax, strength: float, rng: np.random.Generator) -> Field:
    """Show haze around both hila, like the wings of a bat.

    Returned (size, size) float32.
    """
    x, y = thorax.grid
    far = np.square((np.abs(x) - np.float32(0.34)) / np.float32(0.27)) + np.square(
        (y + 0.02) / np.float32(0.36)
    )
    texture = np.clip(0.9 + 0.2 * draw_cloud(rng, thorax.shape, 20), 0.4, 1.3)
    return np.asarray(np.exp(-far) * texture * thorax.lungs, np.float32)


Sign = Callable[[Thorax, float, np.random.Generator], Field]
SIGNS: dict[str, Sign] = {
    "Infiltration": draw_infiltration,
    "Effusion": draw_effusion,
    "Mass": draw_mass,
    "Pneumothorax": draw_pneumothorax,
    "Cardiomegaly": draw_cardiomegaly,
    "Edema": draw_edema,
}


def draw_signs(thorax: Thorax, strengths: Mapping[str, float], rng: np.random.Generator) -> dict[str, Field]:
    """Draw where each finding shows; how much of it, 0..1, is given for all of `SIGNS`.

    Returned (size, size) float32 each.
    """
    return {name: sign(thorax, strengths[name], rng) for name, sign in SIGNS.items()}


def find_box(sign: Field) -> Box:
    """Return x, y, width and height [px] of the rectangle around a sign, x and y its top left corner.

    `sign` (size, size) float32.
    """
    x, y, width, height = cv2.boundingRect((sign > BOX_LEVEL * sign.max()).astype(np.uint8))
    return int(x), int(y), int(width), int(height)
