"""A DICOM file -> its data set, with the pixels undecoded, or the reason why it holds no image.

`pydicom` is told, once and for the whole process, to take UIDs, numbers and names as they are: in
published sets most are not valid (anonymised UIDs, long decimals), and it would warn on every file.
"""

import warnings
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from pydicom import Dataset, config, dcmread
from pydicom.tag import BaseTag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from radpipe.images.dicom_elements import numbers, short, tags, text
from radpipe.images.problems import ImageProblem

config.settings.reading_validation_mode = config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom\.")

PREAMBLE = 128  # bytes before the letters DICM (PS3.10 section 7.1)
HEAD = PREAMBLE + 4
LARGEST_INFLATED = 2**28  # bytes of a deflated file whose header alone is wanted
DEFER = 2**26  # bytes; a longer value stays on the disk until the header has been looked at
# Modalities (PS3.3 C.7.3.1.1.1) whose files hold text, plans, curves, masks or doses: no picture of anybody.
NOT_IMAGES = frozenset(
    """ANN AR ASMT AU DOC ECG EPS FID HC HD KER KO LEN M3D PLAN POS PR REG RESP RTDOSE RTINTENT RTPLAN RTRAD
    RTRECORD RTSEGANN RTSTRUCT RWV SEG SMR SR SRF STAIN TEXTUREMAP VA""".split()  # noqa: SIM905
)


SHAPE_TAGS = tags(
    "Modality SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns"
    " BitsAllocated BitsStored PixelRepresentation"
)


@dataclass(frozen=True)
class Shape:
    """What a header says of the pixels: size [px], samples of a pixel, frames, bits of a sample."""

    height: int
    width: int
    samples: int
    frames: int
    allocated: int
    bits: int
    signed: bool
    photometric: str

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame that is not compressed."""
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return (self.height * self.width * samples * self.allocated + 7) // 8


def is_dicom(head: bytes) -> bool:
    """Tell by its first bytes whether a file is DICOM, with or without the preamble of PS3.10.

    Without one, a file starts with an element of group 2 or 8: its tag, then either a value
    representation, two capitals, or a length below 64 KiB.
    """
    if head[PREAMBLE:HEAD] == b"DICM":
        return True
    if head[:2] == b"\0\x08":  # big endian is always explicit
        return head[2:3] == b"\0" and head[4:6].isalpha() and head[4:6].isupper()
    explicit = head[4:6].isalpha() and head[4:6].isupper()
    return head[:2] in (b"\x02\0", b"\x08\0") and head[3:4] == b"\0" and (explicit or head[6:8] == b"\0\0")


def open_dataset(stream: BinaryIO, wanted: Iterable[int | BaseTag], most: int, pixels: bool) -> Dataset:
    """Read the wanted elements of a file.

    Parameters
    ----------
    stream : file
        At its start.
    wanted : tags
        Elements read; all others are stepped over.
    most : int
        Bytes that a deflated file may inflate to.
    pixels : bool
        Read on to the pixels, and through them; they are not decoded.

    Raises
    ------
    ImageProblem
        unreadable, if the file is damaged; too large, if it inflates to more than `most`.
    """
    refuse_bomb(stream, most)
    try:
        dataset = read(stream, wanted, pixels)
        # pydicom drops all elements of a file that ends inside compressed pixels, and says nothing.
        if pixels and not len(dataset) and "Rows" in read(stream, wanted, pixels=False):
            raise ImageProblem("truncated", "the file ends inside its pixels")
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise damaged(error) from None
    return dataset


def read(stream: BinaryIO, wanted: Iterable[int | BaseTag], pixels: bool) -> Dataset:
    """Read elements; `force`: also of files without the preamble, which `is_dicom` has recognised."""
    stream.seek(0)
    return dcmread(
        stream, defer_size=DEFER, stop_before_pixels=not pixels, force=True, specific_tags=list(wanted)
    )


def damaged(error: Exception) -> ImageProblem:
    """Name a failure by its type: its text may hold what the file says of the patient."""
    if isinstance(error, ImageProblem):
        return error
    if isinstance(error, EOFError):
        return ImageProblem("truncated", "the file ends inside an element")
    return ImageProblem("unreadable", f"the DICOM elements are damaged ({type(error).__name__})")


def refuse_bomb(stream: BinaryIO, most: int) -> None:
    """Raise ImageProblem if a deflated file inflates to more than `most` bytes; others are not read."""
    deflated = DeflatedExplicitVRLittleEndian.encode()
    head = stream.read(2048)
    if deflated in head:
        length = int.from_bytes(head[140:144], "little")  # of group 2, which is never deflated
        stream.seek(144 + length)
        inflator, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while size <= most and (content := inflator.unconsumed_tail or stream.read(2**16)):
            try:
                size += len(inflator.decompress(content, 2**20))
            except zlib.error:
                break  # pydicom says what is wrong
        if size > most:
            raise ImageProblem("too large", f"the file inflates to more than {most} bytes")
    stream.seek(0)


def shape_of(dataset: Dataset) -> Shape:
    """Read what the header says of the pixels.

    Raises
    ------
    ImageProblem
        wrong modality, no pixels, or unreadable.
    """
    try:
        modality = text(dataset, "Modality") or ""
        if modality in NOT_IMAGES:
            raise ImageProblem("wrong modality", f"{modality}, expected an image")
        height, width = short(dataset, "Rows"), short(dataset, "Columns")
        if not height or not width:
            raise ImageProblem("no pixels", f"no rows or columns, modality {modality or 'not given'}")
        allocated = short(dataset, "BitsAllocated") or 0
        shape = Shape(
            height=height,
            width=width,
            samples=short(dataset, "SamplesPerPixel") or 1,
            frames=int(next(iter(numbers(dataset, "NumberOfFrames")), 1)),
            allocated=allocated,
            bits=short(dataset, "BitsStored") or allocated,
            signed=bool(short(dataset, "PixelRepresentation")),
            photometric=text(dataset, "PhotometricInterpretation") or "MONOCHROME2",
        )
    except Exception as error:  # any element may hold anything
        raise damaged(error) from None
    return plausible(shape)


def plausible(shape: Shape) -> Shape:
    """Return `shape`, or raise ImageProblem if no image has it."""
    if shape.samples not in (1, 3) or shape.allocated not in (1, 8, 16, 32):
        found = f"{shape.samples} samples of {shape.allocated} bits"
        raise ImageProblem("unsupported format", f"{found}, expected 1 or 3 of 1, 8, 16 or 32")
    if not 0 < shape.bits <= shape.allocated or shape.frames < 1:
        raise ImageProblem("unreadable", f"{shape.bits} of {shape.allocated} bits, {shape.frames} frames")
    return shape


def syntax_of(dataset: Dataset) -> Any:
    """Return the transfer syntax UID; where the file does not name it, the one it was read with."""
    syntax = getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")
    if syntax:
        return syntax
    implicit, little = dataset.original_encoding
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian
