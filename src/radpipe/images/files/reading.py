"""One image file -> a picture, or the reason why there is none."""

import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np

from radpipe.images.files.dicom.file import HEAD, is_dicom
from radpipe.images.files.dicom.image import read_dicom
from radpipe.images.files.headers import Header, parse_header, refuse_large
from radpipe.images.files.integrity import CHECKS
from radpipe.images.picture import Grey, Picture
from radpipe.images.problems import ImageProblem, build_access_problem

BUFFER = 2**14  # bytes; the header of a DICOM file in one read


def read_image(path: str | os.PathLike[str], max_pixels: int) -> Picture:
    """Read one PNG, JPEG or DICOM file.

    Transparency is dropped. Three equal channels are that channel; other colours become their luma.

    Parameters
    ----------
    path : path
        The kind of the file is decided by its first bytes.
    max_pixels : int
        Largest width x height that is decoded [px]; read from the header before anything is decoded.

    Returns
    -------
    Picture
        The levels of a PNG or JPEG file have 8 or 16 bits: 16 stay 16; fewer than 8 are spread over
        0..255. Those of a DICOM file stay as they are stored; `values` are physical.

    Raises
    ------
    ImageProblem
        With the reason why the image cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> import cv2
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = cv2.imwrite(f"{folder}/a.png", np.array([[0, 255], [16, 32]], np.uint8))
    ...     picture = read_image(f"{folder}/a.png", max_pixels=10**6)
    >>> picture.kind, picture.bits, picture.stored.tolist()
    ('png', 8, [[0, 255], [16, 32]])
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 (half the time)
            raise ImageProblem("unreadable", "a folder or a device, not a file")
        with Path(path).open("rb", BUFFER) as stream:
            head = stream.read(HEAD)
            stream.seek(0)
            read = read_dicom if is_dicom(head) else read_levels
            picture = read(stream, max_pixels)
    except (OSError, ValueError) as error:
        raise build_access_problem(error) from None
    lowest, highest = picture.extremes
    if lowest == highest:
        raise ImageProblem("constant", f"every pixel is {lowest * picture.slope + picture.intercept:g}")
    return picture


def read_levels(stream: BinaryIO, max_pixels: int) -> Picture:
    """Read a PNG or JPEG file from its start; `read_image` says what can be wrong."""
    header = parse_header(stream)
    refuse_large(header, max_pixels)
    stream.seek(0)
    content = stream.read()
    CHECKS[header.kind](content)
    grey = to_one_channel(decode_levels(content, header))
    return Picture(grey, "png" if header.kind == "png" else "jpeg", 8 * grey.dtype.itemsize)


def decode_levels(content: bytes, header: Header) -> Grey:
    """Decode a whole file into (height, width[, channels]) with channels in the order BGR or BGRA.

    Returned (height, width) or (height, width, channels) uint8 or uint16.
    """
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

    Both are uint8 or uint16.

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


def hash_pixels(picture: Picture, mark: tuple[float, float] | None = None) -> str:
    """Hash the levels and what makes them physical values, not the file and not its windows.

    An RGBA copy, or another compression without loss, hashes the same. Two marks of an image, cropped
    around, are two images.

    Returns
    -------
    64 hexadecimal digits
        SHA-256 over shape, dtype, rescaling and the levels, row by row, little-endian.
    """
    stored = picture.stored
    height, width = stored.shape
    rescaling = (picture.slope, picture.intercept, picture.inverted)
    # A PNG and a DICOM file of the same grey levels are the same image.
    suffix = "" if rescaling == (1.0, 0.0, False) else " {:g} {:g} {:d}".format(*rescaling)
    suffix += "" if mark is None else " at {:g} {:g}".format(*mark)
    digest = hashlib.sha256(f"{height} {width} {stored.dtype.name}{suffix};".encode())
    digest.update(np.ascontiguousarray(stored, stored.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
