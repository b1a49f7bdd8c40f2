"""Pixels that are no part of the image: padding, for example around a circle of tomography."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from radpipe.images.files.dicom.elements import decode_short, parse_tags
from radpipe.images.files.dicom.pixel_description import Shape
from radpipe.images.picture import Levels
from radpipe.images.problems import ImageProblem

VALUE, LIMIT = "PixelPaddingValue", "PixelPaddingRangeLimit"
PADDING_TAGS = parse_tags(f"{VALUE} {LIMIT}")


def find_padding(
    raw: NDArray[Any], levels: Levels, dataset: Dataset, shape: Shape
) -> NDArray[np.bool_] | None:
    """Find the pixels between the padding value and its limit, both stored values.

    Parameters
    ----------
    raw : (height, width)
        Levels with all their allocated bits: a padding value may need more bits than are stored.
    levels : (height, width)
        Levels of the stored bits only.

    Returns
    -------
    (height, width) bool, or None where there is none

    Raises
    ------
    ImageProblem
        constant, if there is nothing else; unreadable, if there is a limit without a value.

    References
    ----------
    DICOM PS3.3 C.7.5.1.1.2.
    """
    value, limit = decode_short(dataset, VALUE), decode_short(dataset, LIMIT)
    if value is None and limit is not None:
        raise ImageProblem("unreadable", f"{LIMIT} without {VALUE}")
    if value is None or shape.samples > 1:
        return None
    bounds = [interpret(bound, shape.signed) for bound in (value, value if limit is None else limit)]
    low, high = min(bounds), max(bounds)
    least = -(2 ** (shape.bits - 1)) if shape.signed else 0
    fits = least <= low and high < least + 2**shape.bits
    searched = levels if fits else raw
    padding: NDArray[np.bool_] = (searched >= low) & (searched <= high)
    if padding.all():
        raise ImageProblem("constant", f"every pixel is padding ({VALUE} {low})")
    return padding if padding.any() else None


def interpret(short: int, signed: bool) -> int:
    """Return the value of 16 bits, whether or not the file takes them for signed."""
    short &= 0xFFFF
    return short - 2**16 if signed and short >= 2**15 else short
