"""What a DICOM data set says of its pixels, or the reason why it holds no image."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radpipe.images.files.dicom.elements import (
    build_damage_problem,
    decode_numbers,
    decode_short,
    decode_text,
    parse_tags,
)
from radpipe.images.problems import ImageProblem

# Modalities (PS3.3 C.7.3.1.1.1) whose files hold text, plans, curves, masks or doses: no picture of anybody.
NOT_IMAGES = frozenset(
    """ANN AR ASMT AU DOC ECG EPS FID HC HD KER KO LEN M3D PLAN POS PR REG RESP RTDOSE RTINTENT RTPLAN RTRAD
    RTRECORD RTSEGANN RTSTRUCT RWV SEG SMR SR SRF STAIN TEXTUREMAP VA""".split()  # noqa: SIM905
)


SHAPE_TAGS = parse_tags(
    "Modality SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns"
    " BitsAllocated BitsStored PixelRepresentation"
)


@dataclass(frozen=True)
class Shape:
    """What a header says of the pixels: size [px], samples of a pixel, frames, bits of a sample; modality."""

    height: int
    width: int
    samples: int
    frames: int
    allocated: int
    bits: int
    signed: bool
    photometric: str
    modality: str | None

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame that is not compressed."""
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return (self.height * self.width * samples * self.allocated + 7) // 8


def read_shape(dataset: Dataset) -> Shape:
    """Read what the header says of the pixels.

    Raises
    ------
    ImageProblem
        wrong modality, no pixels, or unreadable.
    """
    try:
        modality = decode_text(dataset, "Modality")
        if modality in NOT_IMAGES:
            raise ImageProblem("wrong modality", f"{modality}, expected an image")
        height, width = decode_short(dataset, "Rows"), decode_short(dataset, "Columns")
        if not height or not width:
            raise ImageProblem("no pixels", f"no rows or columns, modality {modality or 'not given'}")
        allocated = decode_short(dataset, "BitsAllocated") or 0
        shape = Shape(
            height=height,
            width=width,
            samples=decode_short(dataset, "SamplesPerPixel") or 1,
            frames=int(next(iter(decode_numbers(dataset, "NumberOfFrames")), 1)),
            allocated=allocated,
            bits=decode_short(dataset, "BitsStored") or allocated,
            signed=bool(decode_short(dataset, "PixelRepresentation")),
            photometric=decode_text(dataset, "PhotometricInterpretation") or "MONOCHROME2",
            modality=modality,
        )
    except Exception as error:  # any element may hold anything
        raise build_damage_problem(error) from None
    return refuse_implausible(shape)


def refuse_implausible(shape: Shape) -> Shape:
    """Return `shape`, or raise ImageProblem if no image has it."""
    if shape.samples not in (1, 3) or shape.allocated not in (1, 8, 16, 32):
        found = f"{shape.samples} samples of {shape.allocated} bits"
        raise ImageProblem("unsupported format", f"{found}, expected 1 or 3 of 1, 8, 16 or 32")
    if not 0 < shape.bits <= shape.allocated or shape.frames < 1:
        raise ImageProblem("unreadable", f"{shape.bits} of {shape.allocated} bits, {shape.frames} frames")
    return shape


def find_syntax(dataset: Dataset) -> Any:
    """Return the transfer syntax UID; where the file does not name it, the one it was read with."""
    syntax = getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")
    if syntax:
        return syntax
    implicit, little = dataset.original_encoding
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian


def is_finite(values: Iterable[float]) -> bool:
    """Return whether no value is infinite or NaN."""
    return all(map(math.isfinite, values))


def read_spacing(dataset: Dataset) -> tuple[float, float] | None:
    """Return the distance between rows and between columns [mm], at the detector if not in the patient."""
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        found = decode_numbers(dataset, keyword)
        if len(found) == 2 and min(found) > 0 and is_finite(found):
            return found[0], found[1]
    return None
