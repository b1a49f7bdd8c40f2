"""One image file -> grey pixels, or the reason why there are none."""

import hashlib
import io
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.images.headers import Header, parse_header
from radpipe.images.integrity import CHECKS
from radpipe.images.problems import REASONS, ImageProblem, Reason, access_problem

__all__ = ["REASONS", "Grey", "ImageProblem", "Reason", "check_size", "pixel_hash", "read_grey"]

Grey = NDArray[np.uint8] | NDArray[np.uint16]


def read_grey(path: str | os.PathLike[str], max_pixels: int) -> Grey:
    """Read one PNG or JPEG file as grey levels.

    Transparency is dropped. Three equal channels are that channel; other colours become their luma.

    Parameters
    ----------
    path : path
        The kind of the file is decided by its first bytes.
    max_pixels : int
        Largest width x height that is decoded [px]; read from the header before anything is decoded.

    Returns
    -------
    (height, width) uint8 or uint16
        16 bits stay 16; fewer than 8 are spread over 0..255.

    Raises
    ------
    ImageProblem
        With the reason why the image cannot be used.
    """
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise access_problem(error) from None
    header = parse_header(io.BytesIO(content))
    check_size(header, max_pixels)
    CHECKS[header.kind](content)
    grey = to_one_channel(decode(content, header))
    darkest, brightest, *_ = cv2.minMaxLoc(grey)
    if darkest == brightest:
        raise ImageProblem("constant", f"every pixel is {grey[0, 0]}")
    return grey


def check_size(header: Header, max_pixels: int) -> None:
    """Raise ImageProblem if the image has more than `max_pixels` pixels."""
    if header.width * header.height > max_pixels:
        size = f"{header.width} x {header.height} px"
        raise ImageProblem("too large", f"{size}, more than max_pixels = {max_pixels}")


def decode(content: bytes, header: Header) -> Grey:
    """Decode a whole file into (height, width[, channels]) with channels in the order BGR or BGRA."""
    try:
        # UNCHANGED keeps 16 bits, and ignores the orientation tag that boxes and labels do not know.
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.shape[:2] != (header.height, header.width):
        raise ImageProblem("unreadable", f"the {header.kind.upper()} decoder failed")
    if pixels.dtype == np.uint16:
        return pixels.view(np.uint16)
    if pixels.dtype == np.uint8:
        return pixels.view(np.uint8)
    raise ImageProblem("unsupported format", f"samples are {pixels.dtype}, expected 8 or 16 bits")


def to_one_channel(pixels: Grey) -> Grey:
    """Reduce (height, width[, channels]) to (height, width).

    References
    ----------
    ITU-R BT.601-7, section 2.5.1: luma = 0.299 R + 0.587 G + 0.114 B.
    """
    if pixels.ndim == 2:
        return pixels
    blue, green, red = (cv2.extractChannel(pixels, channel) for channel in range(3))
    if np.array_equal(blue, green) and np.array_equal(green, red):
        return blue  # type: ignore[return-value]  # OpenCV's stubs know arrays of any dtype only
    return cv2.cvtColor(pixels[:, :, :3], cv2.COLOR_BGR2GRAY)  # type: ignore[return-value]


def pixel_hash(grey: Grey) -> str:
    """Hash the grey levels, not the file: an RGBA copy, or another compression, hashes the same.

    Returns
    -------
    64 hexadecimal digits
        SHA-256 over shape, dtype and the pixels, row by row, 16 bits little-endian.
    """
    height, width = grey.shape
    digest = hashlib.sha256(f"{height} {width} {grey.dtype.name};".encode())
    digest.update(np.ascontiguousarray(grey, grey.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
