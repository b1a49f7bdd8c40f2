"""One picture -> the square that training sees: grey levels, the crop around its mark, the resize."""

import numpy as np
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec
from radpipe.images.picture import Picture
from radpipe.images.prepare.crop import Mark, cut_out, find_region
from radpipe.images.prepare.grey import to_grey
from radpipe.images.prepare.resize import to_square


def prepare(picture: Picture, spec: ImageSpec, mark: Mark | None = None) -> NDArray[np.uint8]:
    """Make (size, size, channels) uint8 of a picture.

    Parameters
    ----------
    picture : Picture
        Any image.
    spec : ImageSpec
        How. Grey levels are made of the whole image, before a part of it is cut out.
    mark : (x, y) or None
        What is cropped around [px of the image]; used if `spec.crop` is set.

    Raises
    ------
    ImageProblem
        If the image does not have what `spec` asks for.
    """
    grey = to_grey(picture, spec)
    if spec.crop is not None:
        grey = cut_out(grey, find_region(picture, spec.crop, mark))
    return to_square(grey, spec)
