"""Grey pixels of any size -> a square of 8 bits; boxes move along."""

from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec
from radpipe.images.picture import Grey
from radpipe.images.prepare.grey import to_eight_bits

INTERPOLATIONS = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}


@dataclass(frozen=True)
class Placement:
    """Where an image lies in its square: top left corner, width and height [px of the square]."""

    left: int
    top: int
    width: int
    height: int


def compute_placement(width: int, height: int, spec: ImageSpec) -> Placement:
    """Fit an image into the square: `stretch` fills it, `pad` keeps the shape and centres it.

    Where the border cannot be divided evenly, its odd pixel goes to the right and below.
    """
    if spec.fit == "stretch":
        return Placement(0, 0, spec.size, spec.size)
    scale = spec.size / max(width, height)
    inner_width = max(1, round(width * scale))
    inner_height = max(1, round(height * scale))
    left = (spec.size - inner_width) // 2
    top = (spec.size - inner_height) // 2
    return Placement(left, top, inner_width, inner_height)


def to_square(grey: Grey, spec: ImageSpec) -> NDArray[np.uint8]:
    """Resize an image into a square; what `pad` adds is black.

    Parameters
    ----------
    grey : (height, width) or (height, width, channels) uint8 or uint16
        16 bits are scaled by 255 / 65535, whatever range the image uses: levels stay comparable
        between images.
    spec : ImageSpec
        `interpolation: area` averages the pixels that fall into one. It has no meaning where an
        image is enlarged, in width or in height: `linear` is used there instead.

    Returns
    -------
    (size, size) or (size, size, channels) uint8
    """
    height, width, *channels = grey.shape
    inner = compute_placement(width, height, spec)
    if (inner.width, inner.height) != (width, height):
        enlarged = inner.width > width or inner.height > height
        name = "linear" if enlarged and spec.interpolation == "area" else spec.interpolation
        size = (inner.width, inner.height)
        grey = cv2.resize(grey, size, interpolation=INTERPOLATIONS[name])  # type: ignore[assignment]
    square = np.zeros((spec.size, spec.size, *channels), np.uint8)
    rows = slice(inner.top, inner.top + inner.height)
    resized = to_eight_bits(grey).reshape(inner.height, inner.width, *channels)  # OpenCV drops one channel
    square[rows, inner.left : inner.left + inner.width] = resized
    return square


def move_boxes(
    boxes: pd.DataFrame, width: int, height: int, spec: ImageSpec, corner: tuple[int, int] = (0, 0)
) -> pd.DataFrame:
    """Move the boxes of one image to where `to_square` puts what they enclose.

    A box is cut off where the image, or the crop of it, ends; one that lies outside is left out.

    Parameters
    ----------
    boxes : DataFrame
        x, y, width, height [px of the image]; (x, y) is the top left corner. Other columns are kept.
    width, height : int
        Of the image, or of the crop that was made of it [px].
    spec : ImageSpec
        As given to `to_square`.
    corner : (left, top)
        Where the crop begins [px of the image].

    Returns
    -------
    DataFrame
        The same columns, [px of the square], float32.
    """
    corners = boxes[["x", "y"]].to_numpy(np.float64)
    ends = corners + boxes[["width", "height"]].to_numpy(np.float64)
    starts, stops = (move_points(ends_of, width, height, spec, corner) for ends_of in (corners, ends))
    moved = pd.DataFrame(np.hstack([starts, stops - starts]), boxes.index, ["x", "y", "width", "height"])
    inside = np.flatnonzero((stops > starts).all(axis=1))
    return boxes.assign(**moved.astype("float32")).iloc[inside]


def move_points(
    points: NDArray[np.float64], width: int, height: int, spec: ImageSpec, corner: tuple[int, int] = (0, 0)
) -> NDArray[np.float64]:
    """Move points of one image to where `to_square` puts them; one outside goes to the nearest edge.

    Parameters
    ----------
    points : (points, 2) float64
        x, y [px of the image].
    width, height, spec, corner
        As for `move_boxes`.

    Returns
    -------
    (points, 2) float64
        x, y [px of the square].
    """
    inner = compute_placement(width, height, spec)
    size = np.array([width, height])
    kept = (points - corner).clip(0, size)
    return np.asarray([inner.left, inner.top] + kept * ([inner.width, inner.height] / size), np.float64)
