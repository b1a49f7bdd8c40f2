"""Body, bones, vessels and signs -> one 8-bit image. Attenuation is 0 for air, near 1 for bone."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.radiograph.anatomy import Thorax
from radpipe.phantoms.radiograph.signs import AIR, FLUID
from radpipe.phantoms.shared.painting import Field, draw_cloud, rise

BRANCHES = 14  # vessels of one lung
NOISE = 0.028  # of one pixel of a 256 px image


def develop(
    thorax: Thorax, signs: Mapping[str, Field], strengths: Mapping[str, float], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw a body with its signs: (size, size) grey levels; strengths are how much of each sign shows."""
    body = draw_body(thorax) + draw_bones(thorax) + draw_markings(thorax, signs["Pneumothorax"], strengths)
    return expose(show_signs(body, signs, strengths), thorax, rng)


def draw_body(thorax: Thorax) -> Field:
    """Soft tissue, aerated lungs, mediastinum, heart and spine.

    Returned (size, size) float32.
    """
    x, y = thorax.grid
    bulk = thorax.anatomy.bulk
    shoulder = y + np.float32(0.98) - 0.30 * rise(np.abs(x) - np.float32(0.42), 0.6)
    body = np.maximum(rise(shoulder, 0.06), rise(np.float32(0.24) - np.abs(x), 0.1))
    body = body * rise(np.float32(0.93 + 0.1 * bulk) - np.abs(x) + 0.1 * y, 0.06)
    tissue = (0.60 + 0.06 * bulk) + 0.10 * rise(y - thorax.base, 0.3) + 0.05 * thorax.heart
    centre = np.exp(-np.square(x / np.float32(0.12 * thorax.anatomy.mediastinum)))
    knob = np.exp(-(np.square(x - np.float32(0.13)) + np.square(y + np.float32(0.3))) / np.float32(0.012))
    tissue += 0.10 * centre + 0.12 * knob * rise(np.float32(0.4) - y, 0.2)
    trachea = np.exp(-np.square((x + 0.02) / np.float32(0.045))) * rise(np.float32(-0.3) - y, 0.2)
    breath = 0.38 - 0.05 * bulk + 0.04 * rise(y, 1.2)  # lower lung: more tissue lies before it
    return np.asarray(body * (tissue - 0.14 * trachea - breath * thorax.lungs), np.float32)


def draw_bones(thorax: Thorax) -> Field:
    """Posterior and anterior ribs, clavicles, vertebrae; the shoulder blades in a bedside image.

    Returned (size, size) float32.
    """
    x, y = thorax.grid
    anatomy = thorax.anatomy
    out = np.abs(x)
    cage = rise(thorax.wall + np.float32(0.05) - out, 0.05) * rise(y - np.float32(thorax.top - 0.05), 0.1)
    cage = cage * rise(thorax.base + np.float32(0.25) - y, 0.4)
    behind = (y - anatomy.rib_tilt * (out - 1.6 * np.square(out - 0.15))) / np.float32(anatomy.rib_spacing)
    before = (y - 0.75 * out) / np.float32(1.25 * anatomy.rib_spacing)
    ribs = 0.085 * np.exp(4 * np.cos(2 * np.pi * behind) - 4) * rise(out - np.float32(0.1), 0.1)
    ribs += 0.04 * np.exp(3 * np.cos(2 * np.pi * before) - 3) * rise(out - np.float32(0.35), 0.3)
    lift = thorax.top + 0.24 - (0.07 if thorax.view == "AP" else 0.0)
    line = y - np.float32(lift) + anatomy.clavicle_tilt * (out - 0.1) - 0.03 * np.sin(7 * out)
    clavicle = np.exp(-np.square(line / np.float32(0.035))) * rise(out - np.float32(0.1), 0.06)
    clavicle = clavicle * rise(np.float32(0.78) - out, 0.1)
    spine = np.exp(-np.square(x / np.float32(0.075))) * (0.7 + 0.3 * np.cos(2 * np.pi * y / np.float32(0.13)))
    bones = ribs * cage + 0.12 * clavicle + 0.07 * spine
    if thorax.view == "AP":
        bones += 0.07 * rise(out - np.float32(0.62) - 0.25 * y, 0.05) * rise(np.float32(0.12) - y, 0.3) * cage
    return np.asarray(bones, np.float32)


def draw_markings(thorax: Thorax, collapsed: Field, strengths: Mapping[str, float]) -> Field:
    """Hila and branching vessels of the lungs, none where the lung has collapsed.

    `collapsed` and what is returned: (size, size) float32.
    """
    rng = np.random.default_rng(thorax.anatomy.texture)
    branches = np.cumsum(draw_steps(rng), axis=2)
    branches[0, ..., 0] *= -1
    hilum = np.array([[[[-0.17, -0.05]]], [[[0.17, -0.09]]]])
    points = np.rint(thorax.map_to_pixels(branches + hilum) * 16).astype(np.int32)
    canvas = np.zeros((thorax.size, thorax.size), np.uint8)
    thick = thorax.size * 0.011
    cv2.polylines(canvas, list(points.reshape(-1, 7, 2)), False, 255, max(1, round(thick)), cv2.LINE_AA, 4)
    vessels = cv2.GaussianBlur(canvas, (0, 0), max(0.5, thorax.size * 0.006)).astype(np.float32)
    x, y = thorax.grid
    hila = np.exp(-np.square((np.abs(x) - 0.2) / np.float32(0.1)) - np.square((y + 0.06) / np.float32(0.17)))
    spots = 0.014 * draw_cloud(rng, thorax.shape, 24) + 0.010 * draw_cloud(rng, thorax.shape, 60)
    fade = np.exp(-np.square(np.abs(x) / np.float32(0.6))) * min(1.0, thick)
    lungs = thorax.lungs * (1 - min(1.0, 2 * strengths["Pneumothorax"]) * collapsed)
    return np.asarray(lungs * (0.11 / 255 * vessels * fade + 0.09 * hila + spots), np.float32)


def draw_steps(rng: np.random.Generator) -> NDArray[np.float64]:
    """Six steps of each vessel away from its hilum: (lung, vessel, step, xy), the first at the hilum.

    Returned (2, vessels, 7, 2) float64.
    """
    angles = np.linspace(-1.25, 1.25, BRANCHES) + rng.normal(0, 0.1, (2, BRANCHES))
    bends = angles[..., None] + np.cumsum(rng.normal(0, 0.16, (2, BRANCHES, 6)), axis=-1)
    lengths = rng.uniform(0.06, 0.11, (2, BRANCHES, 1))
    steps = np.stack([np.cos(bends) * lengths, np.sin(bends) * lengths], axis=-1)
    return np.concatenate([np.zeros((2, BRANCHES, 1, 2)), steps], axis=2)


def show_signs(body: Field, signs: Mapping[str, Field], strengths: Mapping[str, float]) -> Field:
    """Lay the signs over the body: air and fluid take the place of lung, haze and mass add to it.

    `body`, each sign and what is returned: (size, size) float32.
    """
    air = min(1.0, 2.2 * strengths["Pneumothorax"]) * signs["Pneumothorax"]
    shown = body * (1 - 0.9 * air) + 0.9 * AIR * air
    shown = shown + 0.55 * strengths["Infiltration"] * signs["Infiltration"]
    shown += 0.45 * strengths["Edema"] * signs["Edema"]
    shown += 0.40 * min(1.0, 1.5 * strengths["Mass"]) * signs["Mass"]
    fluid = min(1.0, 2 * strengths["Effusion"]) * signs["Effusion"]
    return np.asarray(shown + np.maximum(FLUID - shown, 0) * fluid, np.float32)


def expose(shown: Field, thorax: Thorax, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Add what the apparatus does: exposure, vignette, scatter, noise, the marker of the view.

    `shown` (size, size) float32; returned (size, size) uint8.
    """
    size = thorax.size
    u = np.linspace(-1, 1, size, dtype=np.float32)
    vignette = 1 - 0.07 * (np.square(u)[:, None] + np.square(u)[None, :])
    scatter = 0.010 * draw_cloud(rng, thorax.shape, 5) + 0.010 * draw_cloud(rng, thorax.shape, 12)
    noise = np.float32(NOISE * min(1.0, size / 256)) * rng.standard_normal((size, size), np.float32)
    gain = 1 + thorax.anatomy.exposure + thorax.pose.exposure
    haze = 0.05 if thorax.view == "AP" else 0.0
    grey = 255 * ((haze + (0.94 - haze) * gain * shown + scatter) * vignette + noise)
    pixels: NDArray[np.uint8] = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    text, corner = ("AP", (0.03, 0.07)) if thorax.view == "AP" else ("L", (0.90, 0.09))
    place = (round(corner[0] * size), round(corner[1] * size))
    cv2.putText(
        pixels, text, place, cv2.FONT_HERSHEY_SIMPLEX, size / 420, 235, max(1, size // 170), cv2.LINE_AA
    )
    return pixels
