"""The packed images on disk, read a batch at a time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec
from radpipe.errors import DataError
from radpipe.outputs.writing import read_array


@dataclass(frozen=True)
class Pixels:
    """Where the images are in a .npy file.

    Attributes
    ----------
    path
        The file.
    start : int
        Its header [bytes].
    shape : (images, height, width, channels)
    """

    path: Path
    start: int
    shape: tuple[int, ...]


def open_pixels(path: Path) -> Pixels:
    """Read the header of the packed images.

    Raises
    ------
    DataError
        If the file is absent, or is not a C-ordered uint8 array of four axes.
    """
    try:
        array = read_array(path)
    except FileNotFoundError:
        raise DataError(f"{path}: not found, expected the packed images; run the step `pack`") from None
    if array.dtype != np.uint8 or array.ndim != 4 or not array.flags.c_contiguous:
        found = f"{array.dtype} of shape {array.shape}"
        raise DataError(f"{path}: found {found}, expected uint8 (images, height, width, channels)")
    return Pixels(path, array.offset, array.shape)


def refuse_other_size(pixels: Pixels, image: ImageSpec) -> Pixels:
    """Return packed images, or stop if they are of another size than the section `image` says."""
    expected = (image.size, image.size, image.channels)
    if pixels.shape[1:] != expected:
        found = f"{pixels.path}: images of {pixels.shape[1:]}"
        raise DataError(f"{found}, the section image says {expected}; run the step `pack` again")
    return pixels


def read_rows(pixels: Pixels, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Read some images.

    Plain reads, not a memory map: pages of a map count as the memory of this process, which then seems
    to need as much as the file is large, and each costs a page fault.

    Parameters
    ----------
    pixels
        From `open_pixels`.
    rows : (batch,) int64
        Rows of the file.

    Returns
    -------
    (batch, height, width, channels) uint8

    Raises
    ------
    DataError
        If a row is not in the file.
    """
    images = np.empty((len(rows), *pixels.shape[1:]), np.uint8)
    stride = int(np.prod(pixels.shape[1:]))
    with pixels.path.open("rb", buffering=0) as file:
        for image, row in zip(images, rows.tolist(), strict=True):
            file.seek(pixels.start + row * stride)
            if row < 0 or file.readinto(image.data) != stride:
                raise DataError(f"{pixels.path}: no image {row}, expected 0 to {pixels.shape[0] - 1}")
    return images
