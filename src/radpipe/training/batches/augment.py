"""Random changes of one image, each a function of the image and a random generator alone."""

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.config.training import AugmentSpec, RareSpec

Image = NDArray[np.uint8]  # (height, width, channels)


def augment(image: Image, spec: AugmentSpec, random: np.random.Generator) -> tuple[Image, bool]:
    """Apply the changes that `spec` switches on, in the order crop, turn, mirror, contrast, brightness.

    Parameters
    ----------
    image : (side, side, channels) uint8
    spec
        The largest change of each kind; 0 and false leave the image as it is.
    random
        Draws the size of each change.

    Returns
    -------
    (side, side, channels) uint8, bool
        The image, and whether it was mirrored: then left and right of the patient have changed places.
    """
    mirrored = False
    if spec.crop:
        image = crop(image, 1 - random.uniform(0, spec.crop), *random.uniform(0, 1, 2))
    if spec.quarter_turns:
        image = np.rot90(image, int(random.integers(4)))
    if spec.mirror and random.integers(2):
        image = image[:, ::-1]
        mirrored = True
    if spec.contrast or spec.brightness:
        factor = 1 + random.uniform(-spec.contrast, spec.contrast)
        image = change_grey(image, factor, 255 * random.uniform(-spec.brightness, spec.brightness))
    return np.ascontiguousarray(image), mirrored


def rotate_and_zoom(image: Image, spec: RareSpec, random: np.random.Generator) -> Image:
    """Turn and scale a repeat of a rare finding by random amounts; edges are mirrored outwards.

    Parameters
    ----------
    image : (side, side, channels) uint8
    spec
        Largest rotation, as a share of a full turn, and largest change of scale.
    random
        Draws both.
    """
    angle = 360 * random.uniform(-spec.rotation, spec.rotation)
    return warp(image, angle, 1 + random.uniform(-spec.zoom, spec.zoom))


def warp(image: Image, angle: float, scale: float) -> Image:
    """Rotate about the middle, counter-clockwise, and enlarge; bilinear, mirrored at the edges.

    Parameters
    ----------
    image : (height, width, channels) uint8
    angle : float
        [degrees]
    scale : float
        Above 1 enlarges.
    """
    height, width = image.shape[:2]
    middle = ((width - 1) / 2, (height - 1) / 2)  # OpenCV counts from the centre of the first pixel
    matrix = cv2.getRotationMatrix2D(middle, angle, scale)
    moved = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8).reshape(image.shape)


def crop(image: Image, kept: float, left: float, top: float) -> Image:
    """Cut out a region of the same proportions and resize it to the size of the image.

    Parameters
    ----------
    image : (height, width, channels) uint8
    kept : float
        Share of each side that is kept, 0..1.
    left, top : float
        Where the region lies, from 0 (left, top) to 1 (right, bottom).
    """
    height, width = image.shape[:2]
    rows = max(1, round(kept * height))
    columns = max(1, round(kept * width))
    y = round(top * (height - rows))
    x = round(left * (width - columns))
    region = np.ascontiguousarray(image[y : y + rows, x : x + columns])
    resized = cv2.resize(region, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8).reshape(image.shape)


def change_grey(image: Image, factor: float, shift: float) -> Image:
    """Stretch the grey values around their mean, then shift them; clipped to 0..255.

    Parameters
    ----------
    image : (height, width, channels) uint8
    factor : float
        Of the contrast; 1 keeps it.
    shift : float
        Of the brightness [grey levels].
    """
    mean = image.mean(dtype=np.float64)
    grey = (image - mean) * factor + mean + shift
    changed: Image = np.rint(grey.clip(0, 255)).astype(np.uint8)
    return changed
