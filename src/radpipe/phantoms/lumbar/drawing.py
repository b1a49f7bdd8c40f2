"""Spine and strengths -> images as MR weighs them: fluid bright in T2, dark in T1, fat bright in both."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.lumbar.anatomy import (
    DEPTH,
    FORAMEN_PLACE,
    RECESS,
    SPACING,
    Spine,
    compute_back_wall,
    compute_level_height,
    fill_ellipse,
    make_grid,
    paint,
    rise_sharply,
)
from radpipe.phantoms.lumbar.plan import FORAMEN, Series, Slice
from radpipe.phantoms.lumbar.population import CONDITIONS
from radpipe.phantoms.shared.painting import Field, draw_cloud, rise

CANAL, LEFT_FORAMEN, RIGHT_FORAMEN, LEFT_RECESS, RIGHT_RECESS = range(len(CONDITIONS))
# How bright each tissue is, from 0 to 1.
T1 = {
    "bone": 0.55,
    "plate": 0.15,
    "muscle": 0.32,
    "fluid": 0.14,
    "root": 0.36,
    "ligament": 0.12,
    "joint": 0.3,
    "disc": 0.7,
}
T2 = {
    "bone": 0.42,
    "plate": 0.10,
    "muscle": 0.22,
    "fluid": 0.97,
    "root": 0.50,
    "ligament": 0.10,
    "joint": 0.3,
    "disc": 1.0,
}
CLOSED = 0.78  # share of the canal's width that full strength takes
NOISE = 0.028
AIR = 0.02

Strengths = NDArray[np.float64]


def draw_slice(
    series: Series, each: Slice, spine: Spine, strengths: Strengths, rng: np.random.Generator
) -> Field:
    """Draw one image.

    Parameters
    ----------
    strengths : (conditions, levels) float
        How narrow each place of the study is, 0..1.
    rng
        For texture and noise.

    Returns
    -------
    (rows, columns) float32, from 0, around 1 where it is brightest
    """
    x, y = make_grid(series, spine.shift)
    if series.view == "Axial T2":
        image = draw_axial(x, y, spine, strengths[:, int(each.place)], spine.discs[int(each.place)])
    else:
        image = draw_sagittal(x, y, spine, strengths, each.place, series.view == "Sagittal T1")
    coil = 1 + 0.18 * (y if series.view == "Axial T2" else x) / np.float32(60)  # it lies behind the back
    texture = 1 + 0.04 * draw_cloud(rng, image.shape, 24) + 0.05 * draw_cloud(rng, image.shape, 4)
    noise = NOISE * rng.standard_normal((2, *image.shape), np.float32)
    return np.asarray(np.hypot(image * coil * texture + noise[0], noise[1]), np.float32)  # Rician


@dataclass(frozen=True)
class Scene:
    """A sagittal slice: distance behind the vertebral bodies and height [mm] of every pixel."""

    behind: Field
    y: Field
    spine: Spine
    tissue: dict[str, float]


def draw_sagittal(x: Field, y: Field, spine: Spine, strengths: Strengths, offset: float, t1: bool) -> Field:
    """Draw a slice `offset` mm left of the midline: bodies and discs, and behind them canal or foramina.

    `x`, `y` and what is returned: (height, width) float32; `strengths` (levels, conditions) float64.
    """
    scene = Scene(x - compute_back_wall(spine, y), y, spine, T1 if t1 else T2)
    image = np.full_like(x, scene.tissue["muscle"])
    paint(image, rise(np.abs(x - 8) - 78, 12), spine.fat)
    paint(image, rise(np.abs(x) - 99, 3), AIR)
    draw_column(image, scene)
    if abs(offset) < FORAMEN:
        shown = 1.0 if offset == 0 else 0.55  # beside the midline the slice cuts the canal's edge
        draw_canal(image, scene, strengths[CANAL], shown)
    else:
        draw_foramina(image, scene, strengths[LEFT_FORAMEN if offset > 0 else RIGHT_FORAMEN])
    return image


def draw_column(image: Field, scene: Scene) -> None:
    """Draw vertebral bodies, their end plates, and the discs.

    `image` (height, width) float32, changed in place.
    """
    scale = scene.spine.scale
    front = scene.behind + np.float32(2 * DEPTH * scale)
    inside = rise_sharply(-scene.behind) * rise_sharply(front)
    paint(image, rise_sharply(1.5 - scene.behind) * rise_sharply(front + 1.5), scene.tissue["plate"])
    paint(image, inside, scene.tissue["bone"])
    for level, brightness in enumerate(scene.spine.discs):
        distance = np.abs(scene.y - np.float32(compute_level_height(scene.spine, level)))
        paint(image, inside * rise_sharply(np.float32(6.2 * scale) - distance), scene.tissue["plate"])
        paint(
            image,
            inside * rise_sharply(np.float32(4.6 * scale) - distance),
            brightness * scene.tissue["disc"],
        )


def draw_canal(image: Field, scene: Scene, strengths: Strengths, shown: float) -> None:
    """Draw the canal, pinched at each disc from the front (disc) and from the back (ligament).

    `image` (height, width) float32, changed in place; `strengths` (levels,) float64.
    """
    behind = scene.behind
    y = scene.y
    spine = scene.spine
    tissue = scene.tissue
    heights = [np.float32(compute_level_height(spine, level)) for level in range(len(strengths))]
    each = zip(strengths.astype(np.float32), heights, strict=True)
    pinch = sum(
        (strength * np.exp(-np.square((y - height) / 7)) for strength, height in each), np.zeros_like(y)
    )
    width = np.float32(spine.canal * spine.scale)
    pinch = CLOSED * width * pinch
    paint(image, rise_sharply(behind) * rise_sharply(width + 5 - behind), tissue["ligament"])
    spaced = np.square(np.sin(y * np.float32(np.pi / (SPACING * spine.scale))))
    paint(image, rise_sharply(behind - width - 2) * rise_sharply(width + 9 - behind) * spaced, spine.fat)
    canal = rise(behind - 0.55 * pinch, 1.5) * rise(width - 0.45 * pinch - behind, 1.5)
    paint(image, canal * np.float32(shown), tissue["fluid"])
    strand = np.exp(-np.square((behind - 0.62 * width) / np.float32(2.2)))
    paint(image, np.float32(0.6) * strand * canal, tissue["root"])


def draw_foramina(image: Field, scene: Scene, strengths: Strengths) -> None:
    """Draw pedicles and joints, and between them the foramina: fat around a root, less of it if narrow.

    `image` (height, width) float32, changed in place; `strengths` (levels,) float64.
    """
    spine = scene.spine
    tissue = scene.tissue
    fill = partial(fill_ellipse, scene.behind, scene.y)
    paint(image, rise_sharply(scene.behind) * rise_sharply(24 - scene.behind), tissue["bone"] * 0.8)
    for level, strength in enumerate(strengths.tolist()):
        height = compute_level_height(spine, level)
        scale = spine.scale * (1 - 0.62 * strength)
        x, y = FORAMEN_PLACE[0] + spine.scale - 2 * strength, height + FORAMEN_PLACE[1]
        paint(image, fill((19, height + 3), (5, 9)), tissue["joint"])
        paint(image, fill((FORAMEN_PLACE[0], y), (8.5, 12.5)), tissue["ligament"])
        paint(image, fill((x, y), (7 * scale, 11 * scale)), spine.fat)
        paint(image, fill((x - 1, y - 4 * scale), (2.6 * spine.scale,) * 2), tissue["root"])


def draw_axial(x: Field, y: Field, spine: Spine, strengths: Strengths, disc: float) -> Field:
    """Draw a slice through one disc: canal, and a recess on each side between disc and joint.

    `x`, `y` and what is returned: (height, width) float32; `strengths` (conditions,) float64.
    """
    fill = partial(fill_ellipse, x / np.float32(spine.scale), y / np.float32(spine.scale))
    image = np.full_like(x, T2["muscle"])
    paint(image, 1 - fill((0, 0), (56, 44)), spine.fat)
    paint(image, 1 - fill((0, 0), (66, 51)), AIR)
    paint(image, fill((0, -38), (24, 8)), 0.6 * spine.fat)
    for side in (-1, 1):
        paint(image, fill((side * 20, 30), (12, 12)), T2["muscle"] + 0.08)
        paint(image, fill((side * 40, -12), (11, 13)), T2["muscle"] - 0.06)
        paint(image, fill((side * 2, 26), (5, 9)), spine.fat * 0.9)
    paint(image, fill((0, -16), (26, 19)), T2["plate"])
    paint(image, fill((0, -16), (23, 16)), disc)
    paint(image, fill((0, 9), (20, 11)), T2["ligament"])
    for side, recess in ((-1, RIGHT_RECESS), (1, LEFT_RECESS)):
        paint(image, fill((side * 22, 13), (8, 9)), T2["joint"] + 0.15)
        paint(image, fill((side * 22, 13), (1.6, 7)), T2["fluid"] * 0.7)
        open_share = 1 - 0.8 * strengths[recess]
        paint(image, fill((side * RECESS[0], RECESS[1]), (5.5 * open_share, 6 * open_share)), spine.fat)
        paint(image, fill((side * RECESS[0], RECESS[1]), (1.8, 1.8)), T2["root"])
    share = 1 - 0.6 * strengths[CANAL]
    paint(image, fill((0, 9), (spine.canal * 0.58 * share**0.5, spine.canal * 0.5 * share)), T2["fluid"])
    for place in ((-3.5, 11), (3.5, 11), (-1.5, 13), (1.5, 13), (0, 10)):
        paint(image, fill((place[0] * share, 9 + (place[1] - 9) * share), (1.1, 1.1)), T2["root"])
    paint(image, fill((0, 27), (2.2, 8)), T2["bone"])
    return image
