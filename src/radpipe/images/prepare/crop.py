"""What lies around a mark of an image."""

from typing import NamedTuple

import numpy as np

from radpipe.config.data import Crop
from radpipe.images.picture import Grey, Picture
from radpipe.images.problems import ImageProblem

Mark = tuple[float, float]  # x, y [px of the image]
LARGEST_CROP = 2**26  # px; a wrong pixel spacing must not fill the memory


class Region(NamedTuple):
    """A rectangle of an image [px]: its first column and row, its size. It may reach beyond the image."""

    left: int
    top: int
    width: int
    height: int


def find_region(picture: Picture, crop: Crop | None, mark: Mark | None) -> Region:
    """Find the part of an image that is kept: a square around a mark, or without a crop all of it.

    Parameters
    ----------
    picture : Picture
        The image.
    crop : Crop or None
        The side of the square. In mm it may be oblong in pixels, where these are.
    mark : (x, y) or None
        The centre [px of the image]; (0, 0) is the corner of the first pixel.

    Raises
    ------
    ImageProblem
        no mark, if there is none within the image; no pixel spacing, if one is needed; too large.
    """
    height, width = picture.stored.shape
    if crop is None:
        return Region(0, 0, width, height)
    if mark is None or not (0 <= mark[0] <= width and 0 <= mark[1] <= height):
        raise ImageProblem("no mark", "no x and y within the image to crop around")
    rows, columns = compute_sides(crop, picture)
    return Region(round(mark[0] - columns / 2), round(mark[1] - rows / 2), columns, rows)


def cut_out(grey: Grey, region: Region) -> Grey:
    """Cut a region out of an image; what lies beyond the image is black.

    Parameters
    ----------
    grey : (height, width, channels) uint8 or uint16
        The image.

    Returns
    -------
    (region.height, region.width, channels), dtype of `grey`
    """
    left, top, columns, rows = region
    cut = np.zeros((rows, columns, grey.shape[2]), grey.dtype)
    inside = grey[max(top, 0) : max(top + rows, 0), max(left, 0) : max(left + columns, 0)]
    below = max(-top, 0)
    right = max(-left, 0)
    cut[below : below + inside.shape[0], right : right + inside.shape[1]] = inside
    return cut


def compute_sides(crop: Crop, picture: Picture) -> tuple[int, int]:
    """Return the rows and columns of a crop [px]."""
    spacing = (1.0, 1.0) if crop.unit == "px" else picture.spacing
    if spacing is None:
        found = picture.no_spacing or "the file says no size of a pixel"
        raise ImageProblem("no pixel spacing", f"image.crop is in mm; {found}")
    rows, columns = (max(1, round(crop.size / distance)) for distance in spacing)
    if rows * columns > LARGEST_CROP:
        raise ImageProblem("too large", f"a crop of {columns} x {rows} px, by the pixel spacing")
    return rows, columns
