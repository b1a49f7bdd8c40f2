"""What a healthy slice shows, in Hounsfield units: skin, bone, brain, the spaces of the fluid, the table."""

import numpy as np

from radpipe.phantoms.head.anatomy import SCALP, Head, compute_presence, measure_radii
from radpipe.phantoms.shared.painting import Field, rise

# [HU]; normal values of textbooks.
AIR = -1000.0
FAT = -60.0
SKIN = 35.0
BONE = 1100.0
MARROW = 750.0
FLUID = 6.0
GREY = 38.0
WHITE = 29.0
FALX = 50.0


def draw_head(head: Head) -> Field:
    """Return the slice of a healthy head on its table [HU], without noise.

    Returned (size, size) float32.
    """
    shown = draw_table(head)
    shown = lay(shown, draw_scalp(head), rise(head.skin, 0.02))
    shown = lay(shown, draw_bone(head), rise(head.skin - np.float32(SCALP), 0.02))
    shown = lay(shown, draw_brain(head), rise(head.depth, 0.02))
    for field, value in draw_base(head):
        shown = lay(shown, value, field)
    return shown


def lay(under: Field, over: Field | float, share: Field) -> Field:
    """Let `over` take the place of `under` where `share` is 1.

    All (size, size) float32; `over` may be a number.
    """
    return np.asarray(under + (over - under) * share, np.float32)


def draw_table(head: Head) -> Field:
    """Air, and the shell of the head rest, filled with foam.

    Returned (size, size) float32.
    """
    u, v = head.place
    ring = np.hypot(u, v - np.float32(0.1))
    shell = rise(np.float32(0.011) - np.abs(ring - np.float32(0.88)), 0.02) * rise(v - np.float32(0.42), 0.05)
    foam = rise(ring - np.float32(0.8), 0.02) * rise(np.float32(0.88) - ring, 0.02) * rise(v - 0.42, 0.05)
    return np.asarray(AIR + 70 * foam + 1050 * shell, np.float32)


def draw_scalp(head: Head) -> Field:
    """Skin over fat.

    Returned (size, size) float32.
    """
    return lay(np.full_like(head.skin, SKIN), FAT, rise(head.skin - np.float32(0.014), 0.012))


def draw_bone(head: Head) -> Field:
    """Two tables with marrow between; `skin` and `depth` are 0 at either side of them.

    Returned (size, size) float32.
    """
    outside, inside = head.skin - np.float32(SCALP), -head.depth
    between = rise(np.minimum(outside, inside) - np.float32(0.018), 0.016)
    return np.asarray(BONE + (MARROW - BONE) * between, np.float32)


def draw_brain(head: Head) -> Field:
    """Cortex, white matter, the grey nuclei, the falx, and the fluid around and within.

    Returned (size, size) float32.
    """
    x, y = head.grid
    thickness = 0.07 + 0.03 * np.clip(head.folds, -1, 1)
    white = rise(head.depth - thickness, 0.05)
    nuclei = measure_radii(np.abs(x) - 0.19, y + 0.04, (0.075, 0.17), 0.1) < 1
    white = white * (1 - compute_presence(head.height, 0.40, 0.62) * nuclei)
    tissue = GREY + (WHITE - GREY) * white + 0.8 * head.folds
    tissue += 5 * np.exp(-np.maximum(head.depth, 0) / np.float32(0.05))  # beam hardening beside the bone
    falx = (
        compute_presence(head.height, 0.5, 1.2) * rise(0.012 - np.abs(x), 0.02) * rise(0.14 - head.depth, 0.1)
    )
    return lay(lay(tissue, FLUID, draw_fluid(head)), FALX, falx)


def draw_fluid(head: Head) -> Field:
    """All spaces of the fluid, 0..1.

    Returned (size, size) float32.
    """
    return np.asarray(np.maximum(draw_ventricles(head), draw_subarachnoid_space(head)))


def draw_ventricles(head: Head) -> Field:
    """Show the two lateral ventricles, the third and the fourth, 0..1.

    Returned (size, size) float32.
    """
    x, y = head.grid
    out = np.abs(x)
    grow = head.anatomy.ventricles
    frontal = measure_radii(out - 0.085, y + 0.20, (0.042 * grow, 0.15), 0.30)
    body = measure_radii(out - 0.10, y - 0.02, (0.034 * grow, 0.20), -0.15)
    atrium = measure_radii(out - 0.19, y - 0.26, (0.050 * grow, 0.15), -0.35)
    lateral = np.minimum(np.minimum(frontal, body), atrium)
    third = measure_radii(x, y - 0.02, (0.018 * grow, 0.11))
    fourth = measure_radii(x, y - 0.33, (0.075, 0.038 * grow))
    shown = compute_presence(head.height, 0.40, 0.76) * rise(1 - lateral, 0.4)
    shown = np.maximum(shown, compute_presence(head.height, 0.30, 0.50) * rise(1 - third, 0.4))
    return np.asarray(np.maximum(shown, compute_presence(head.height, 0.10, 0.34) * rise(1 - fourth, 0.4)))


def draw_subarachnoid_space(head: Head) -> Field:
    """Sulci, the fissures between the hemispheres and lobes, and the cisterns at the base, 0..1.

    Returned (size, size) float32.
    """
    x, y = head.grid
    out = np.abs(x)
    wide = head.anatomy.atrophy
    deep = rise(np.float32(0.13 + 0.05 * wide) - head.depth, 0.08)
    sulci = rise(np.float32(0.05 + 0.11 * wide) - np.abs(head.folds), 0.16) * deep * (0.5 + 0.4 * wide)
    midline = rise(np.float32(0.012 + 0.008 * wide) - out, 0.02) * rise(0.26 - head.depth, 0.1)
    midline = midline * compute_presence(head.height, 0.36, 1.2)
    line = y + 0.10 - 0.35 * (out - 0.3)
    sylvian = rise(0.016 + 0.008 * wide - np.abs(line), 0.025) * rise(out - 0.27, 0.05)
    sylvian = sylvian * compute_presence(head.height, 0.26, 0.58)
    turn = np.arctan2(y + 0.08, x)
    star = np.hypot(x, y + 0.08) / (0.10 + 0.035 * np.cos(5 * turn + np.pi / 2))
    cistern = compute_presence(head.height, 0.20, 0.42) * rise(1 - star, 0.4)
    return np.asarray(np.maximum(np.maximum(sulci, midline), np.maximum(sylvian, cistern)))


def draw_base(head: Head) -> list[tuple[Field, float]]:
    """Petrous ridges, mastoid air and the frontal sinus: where, and the value [HU], in order of laying.

    Masks are (size, size) float32.
    """
    x, y = head.grid
    out = np.abs(x)
    inside = rise(head.skin - np.float32(SCALP), 0.02)
    low = compute_presence(head.height, -1, 0.27)
    ridge = rise(0.045 + 0.05 * (out - 0.2) - np.abs(y - 0.28 * out + 0.02), 0.03) * rise(out - 0.13, 0.05)
    wing = rise(0.022 - np.abs(y + 0.30 + 0.25 * out), 0.02) * rise(out - 0.1, 0.05)
    mastoid = rise(1 - measure_radii(out - 0.50, y - 0.13, (0.075, 0.05)), 0.4)
    sinus = rise(1 - measure_radii(x, y + np.float32(head.radius[1] - 0.085), (0.11, 0.022)), 0.5)
    return [
        (low * inside * np.maximum(ridge, wing), 950.0),
        (low * inside * mastoid, -450.0),
        (compute_presence(head.height, -1, 0.30) * inside * sinus, -900.0),
    ]
