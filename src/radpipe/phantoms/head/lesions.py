"""Where each bleeding lies in a slice: a field of 0..1, from a strength of 0..1.

Fresh blood has 50 to 80 HU. The subtypes differ in their place and shape: epidural between skull
and dura, a lens; subdural beneath the dura, a crescent along one hemisphere; subarachnoid in sulci and
cisterns; intraventricular in the ventricles, where it sinks; intraparenchymal within the brain.
"""

from collections.abc import Callable

import numpy as np

from radpipe.phantoms.head.anatomy import Head, measure_radii
from radpipe.phantoms.head.population import NAMES
from radpipe.phantoms.head.tissue import draw_subarachnoid_space, draw_ventricles, lay
from radpipe.phantoms.shared.painting import Field, rise

# [HU]
BLOOD = 54.0  # a trace of it
DENSER = 22.0  # what a large bleeding adds
OEDEMA = 20.0  # the rim of a clot


def compute_arc(head: Head, angle: float) -> Field:
    """Distance from a direction along the skull, `angle` [rad] as in `Head.direction`.

    Returned (size, size) float32.
    """
    turn = np.angle(np.exp(1j * (head.direction - angle)))
    return np.asarray(np.abs(turn) * np.mean(head.radius), np.float32)


def compute_angle(head: Head, subtype: str, front: float, back: float) -> float:
    """Turn side and place into a direction: `front` and `back` are angles [rad] from straight sideways."""
    i = NAMES.index(subtype)
    angle = front + (back - front) * head.pose.places[i][0]
    return angle if head.pose.sides[i] > 0 else np.pi - angle


def draw_epidural(head: Head, strength: float) -> Field:
    """Show a lens between skull and brain: thick in its middle, short.

    Returned (size, size) float32.
    """
    far = compute_arc(head, compute_angle(head, "epidural", -0.9, 0.5)) / np.float32(0.20 + 0.16 * strength)
    thickness = np.float32(0.05 + 0.17 * strength) * (1 - np.square(far))
    return rise(thickness - head.depth, 0.025)


def draw_subdural(head: Head, strength: float) -> Field:
    """Show a crescent along one hemisphere, thin and long; it does not cross the midline.

    Returned (size, size) float32.
    """
    i = NAMES.index("subdural")
    far = compute_arc(head, compute_angle(head, "subdural", -0.4, 0.5)) / np.float32(0.55 + 0.5 * strength)
    thickness = np.float32(0.035 + 0.075 * strength) * (1 - np.square(np.square(far)))
    half = rise(head.grid[0] * np.float32(head.pose.sides[i]) - np.float32(0.02), 0.03)
    return rise(thickness - head.depth, 0.025) * half


def draw_intraparenchymal(head: Head, strength: float) -> Field:
    """Show an uneven clot within one hemisphere.

    Returned (size, size) float32.
    """
    return rise(1 - compute_clot_distance(head, strength), 0.3)


def compute_clot_distance(head: Head, strength: float) -> Field:
    """Distance from the middle of the clot in its radii, rough by the folds' noise.

    Returned (size, size) float32.
    """
    i = NAMES.index("intraparenchymal")
    x, y = head.grid
    first, second = head.pose.places[i]
    radius = 0.05 + 0.13 * strength
    offset = x - np.float32(head.pose.sides[i] * (0.20 + 0.16 * second)), y - np.float32(-0.32 + 0.64 * first)
    distance = measure_radii(*offset, (radius, radius * (0.8 + 0.4 * second)), 6 * first)
    return np.asarray(distance * (1 + np.float32(0.10) * np.clip(head.folds, -2, 2)), np.float32)


def draw_intraventricular(head: Head, strength: float) -> Field:
    """Show blood in the ventricles, up to a level that rises from the back, where the patient lies on.

    Returned (size, size) float32.
    """
    _, v = head.place
    level = np.float32(0.30 - 0.55 * strength)
    return draw_ventricles(head) * rise(v - np.float32(head.pose.shift[1]) - level, 0.08)


def draw_subarachnoid(head: Head, strength: float) -> Field:
    """Show blood in the sulci, fissures and cisterns of one region, and a film over them.

    Returned (size, size) float32.
    """
    region = compute_arc(head, compute_angle(head, "subarachnoid", -0.9, 0.6)) - np.float32(
        0.25 + 0.45 * strength
    )
    film = rise(np.float32(0.035) - head.depth, 0.03) * 0.6
    sulci = np.clip(1.6 * draw_subarachnoid_space(head), 0, 1)
    return np.asarray(np.maximum(sulci, film) * rise(-region, 0.2))


Lesion = Callable[[Head, float], Field]
LESIONS: dict[str, Lesion] = {
    "epidural": draw_epidural,
    "intraparenchymal": draw_intraparenchymal,
    "intraventricular": draw_intraventricular,
    "subarachnoid": draw_subarachnoid,
    "subdural": draw_subdural,
}


def add_bleedings(shown: Field, head: Head, strengths: dict[str, float]) -> Field:
    """Lay the bleedings over a healthy slice [HU]; a faint sign has little blood among its tissue.

    Returned (size, size) float32.
    """
    inside = rise(head.depth, 0.02)
    for name, strength in strengths.items():
        if strength <= 0:
            continue
        opacity = np.float32(min(1.0, 2.5 * strength))
        if name == "intraparenchymal":
            rim = rise(1.45 - compute_clot_distance(head, strength), 0.3) * inside
            shown = lay(shown, np.minimum(shown, OEDEMA), opacity * np.float32(strength) * rim)
        blood = BLOOD + DENSER * strength
        shown = lay(shown, blood, opacity * LESIONS[name](head, strength) * inside)
    return shown
