"""What lies around a mark of an image."""

import numpy as np

from radpipe.config import Crop
from radpipe.images.picture import Grey, Picture
from radpipe.images.problems import ImageProblem

Mark = tuple[float, float]  # x, y [px of the image]
LARGEST = 2**26  # px; a wrong pixel spacing must not fill the memory


def cut_out(grey: Grey, picture: Picture, crop: Crop, mark: Mark | None) -> Grey:
    """Cut a square around a mark out of an image; what lies beyond the image is black.

    Parameters
    ----------
    grey : (height, width, channels) uint8 or uint16
        The image.
    picture : Picture
        What it was made of.
    crop : Crop
        The side of the square. In mm it may be oblong in pixels, where these are.
    mark : (x, y) or None
        The centre [px of the image]; (0, 0) is the corner of the first pixel.

    Returns
    -------
    (rows, columns, channels), dtype of `grey`

    Raises
    ------
    ImageProblem
        no mark, if there is none within the image; no pixel spacing, if one is needed; too large.
    """
    height, width, channels = grey.shape
    if mark is None or not (0 <= mark[0] <= width and 0 <= mark[1] <= height):
        raise ImageProblem("no mark", "no x and y within the image to crop around")
    rows, columns = sides(crop, picture.spacing)
    top, left = round(mark[1] - rows / 2), round(mark[0] - columns / 2)
    square = np.zeros((rows, columns, channels), grey.dtype)
    inside = grey[max(top, 0) : max(top + rows, 0), max(left, 0) : max(left + columns, 0)]
    below, right = max(-top, 0), max(-left, 0)
    square[below : below + inside.shape[0], right : right + inside.shape[1]] = inside
    return square


def sides(crop: Crop, spacing: tuple[float, float] | None) -> tuple[int, int]:
    """Return the rows and columns of a crop [px]."""
    if crop.unit == "px":
        spacing = (1.0, 1.0)
    if spacing is None:
        raise ImageProblem("no pixel spacing", "image.crop is in mm; the file says no size of a pixel")
    rows, columns = (max(1, round(crop.size / distance)) for distance in spacing)
    if rows * columns > LARGEST:
        raise ImageProblem("too large", f"a crop of {columns} x {rows} px, by the pixel spacing")
    return rows, columns
