"""The header of an image file: its size and kind, pixels unread.

The kind is decided by the first bytes of the file, never by its name: published sets contain PNG
files named .jpg and the reverse.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset

from radpipe.images.files.dicom.elements import decode_text, parse_tags
from radpipe.images.files.dicom.file import HEAD, LARGEST_INFLATED, is_dicom, open_dataset
from radpipe.images.files.dicom.pixel_description import SHAPE_TAGS, Shape, read_shape
from radpipe.images.files.stream_size import StreamSize, read_jpeg_size, read_png_size
from radpipe.images.picture import Kind
from radpipe.images.problems import ImageProblem, build_access_problem

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"

PATIENT, STUDY = "PatientID", "StudyInstanceUID"
TAGS = [*SHAPE_TAGS, *parse_tags(f"{PATIENT} {STUDY}")]


@dataclass(frozen=True)
class Header:
    """What the first bytes of a file say of its pixels.

    Attributes
    ----------
    width, height
        [px]
    bit_depth
        Bits of a sample, or of a palette index.
    channels
        Samples of a pixel, transparency included: 1 grey, 2, 3 (a palette too) or 4.
    kind
        png, jpeg or dicom.
    frames
        Images in the file; more than one in DICOM files only.
    modality
        That of a DICOM file (PS3.3 C.7.3.1.1.1); None where it does not say, and of any other file.
    patient_id, study_id
        PatientID and StudyInstanceUID of a DICOM file; None where they are absent, blank or unreadable.
    """

    width: int
    height: int
    bit_depth: int
    channels: int
    kind: Kind
    frames: int = 1
    modality: str | None = None
    patient_id: str | None = None
    study_id: str | None = None


def read_header(path: str | os.PathLike[str]) -> Header:
    """Read the header of one file.

    Raises
    ------
    ImageProblem
        If the file is missing, empty, unreadable, truncated, not an image, or none of PNG, JPEG and DICOM.
    """
    try:
        # A Path for each file would take as long as the elements that say whose image it is.
        with open(path, "rb") as stream:  # noqa: PTH123
            return parse_header(stream)
    except (OSError, ValueError) as error:
        raise build_access_problem(error) from None


def parse_header(stream: BinaryIO) -> Header:
    """Read the header at the start of a stream; `read_header` says what can be wrong."""
    head = stream.read(HEAD)
    if not head:
        raise ImageProblem("empty", "the file holds 0 bytes")
    header = PARSERS[find_kind(head)](head, stream)
    if not header.width or not header.height:
        raise ImageProblem("unreadable", f"{header.width} x {header.height} px")
    return header


def read_kind(path: str | os.PathLike[str]) -> str:
    """Return png, jpeg or dicom by the first bytes of a file; raises what `read_header` raises."""
    try:
        with Path(path).open("rb") as stream:
            return find_kind(stream.read(HEAD))
    except (OSError, ValueError) as error:
        raise build_access_problem(error) from None


def find_kind(head: bytes) -> str:
    """Return the kind of a file that begins with `head`."""
    if is_dicom(head):
        return "dicom"
    for kind, signature in (("png", PNG_SIGNATURE), ("jpeg", JPEG_SIGNATURE)):
        if head.startswith(signature):
            return kind
        if signature.startswith(head):
            raise ImageProblem("truncated", f"the file ends after {len(head)} bytes")
    raise ImageProblem("unsupported format", "another or no image format, expected PNG, JPEG or DICOM")


def parse_dicom(_: bytes, stream: BinaryIO) -> Header:
    """Read the elements that say what the pixels are and whose; the rest of the file is not read."""
    stream.seek(0)
    dataset = open_dataset(stream, TAGS, LARGEST_INFLATED, pixels=False)
    return build_header(read_shape(dataset), find_text(dataset, PATIENT), find_text(dataset, STUDY))


def find_text(dataset: Dataset, keyword: str) -> str | None:
    """Return an element as text, or None if it is absent, blank or unreadable: no pixel needs it."""
    try:
        return decode_text(dataset, keyword)
    except Exception:  # any element may hold anything
        return None


def build_header(shape: Shape, patient_id: str | None = None, study_id: str | None = None) -> Header:
    """Return the header of a DICOM file in the form that all files have."""
    size = (shape.width, shape.height, shape.bits, shape.samples)
    return Header(*size, "dicom", shape.frames, shape.modality, patient_id, study_id)


def refuse_large(header: Header, max_pixels: int) -> None:
    """Raise ImageProblem if the image, all frames together, has more than `max_pixels` pixels."""
    if header.width * header.height * header.frames > max_pixels:
        frames = f" x {header.frames} frames" if header.frames > 1 else ""
        size = f"{header.width} x {header.height} px{frames}"
        raise ImageProblem("too large", f"{size}, more than max_pixels = {max_pixels}")


def refuse_several_frames(header: Header) -> None:
    """Raise ImageProblem if there is more than one frame: a label does not say which one it means."""
    if header.frames > 1:
        raise ImageProblem("several frames", f"{header.frames} frames, expected 1")


def refuse_other_modality(header: Header, expected: str) -> None:
    """Raise ImageProblem if a DICOM file is of another modality than those expected, like CT or CR/DX."""
    if expected and header.modality and header.modality not in expected.split("/"):
        raise ImageProblem("wrong modality", f"{header.modality}, expected {expected}")


def parse_png(_: bytes, stream: BinaryIO) -> Header:
    """Read the first chunk of a PNG file."""
    return build_picture_header(read_png_size(stream), "png")


def parse_jpeg(_: bytes, stream: BinaryIO) -> Header:
    """Read the segments of a JPEG file up to its size."""
    stream.seek(0)
    return build_picture_header(read_jpeg_size(stream), "jpeg")


def build_picture_header(size: StreamSize, kind: Kind) -> Header:
    """Return the header of a PNG or JPEG file in the form that all files have."""
    return Header(size.width, size.height, size.bits, size.channels, kind)


PARSERS: dict[str, Callable[[bytes, BinaryIO], Header]] = {
    "png": parse_png,
    "jpeg": parse_jpeg,
    "dicom": parse_dicom,
}
