"""Fields that images are made of, (rows, columns) float32, and boxes around what they show."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]  # x, y, width, height [px]; x and y of the top left corner
Field = NDArray[np.floating[Any]]  # float32 wherever an image is drawn


def compute_pixel_centres(size: int) -> Field:
    """Return where the centres of `size` pixels lie between -1 and 1.

    Returned (size,) float32.
    """
    return np.asarray((np.arange(size, dtype=np.float32) + 0.5) * np.float32(2 / size) - 1, np.float32)


def rise(distance: Field, width: float) -> Field:
    """Go smoothly from 0 to 1 while `distance` crosses 0 within `width`.

    `distance` (...,) float32, of any shape; returned likewise.
    """
    t = np.clip(distance / np.float32(width) + np.float32(0.5), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def draw_cloud(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Field:
    """Draw smooth noise of mean 0 and deviation near 1: `cells` spots along each side.

    Returned float32 of `shape`, (height, width).
    """
    coarse = rng.standard_normal((cells, cells), np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
