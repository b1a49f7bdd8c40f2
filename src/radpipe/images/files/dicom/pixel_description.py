"""What a DICOM data set says of its pixels, or the reason why it holds no image."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radpipe.images.files.dicom.elements import (
    build_damage_problem,
    decode_needed_number,
    decode_numbers,
    decode_short,
    decode_text,
    has_value,
    parse_tags,
    quote_element,
)
from radpipe.images.problems import ImageProblem

# Modalities (PS3.3 C.7.3.1.1.1) whose files hold text, plans, curves, masks or doses: no picture of anybody.
NOT_IMAGES = frozenset(
    """ANN AR ASMT AU DOC ECG EPS FID HC HD KER KO LEN M3D PLAN POS PR REG RESP RTDOSE RTINTENT RTPLAN RTRAD
    RTRECORD RTSEGANN RTSTRUCT RWV SEG SMR SR SRF STAIN TEXTUREMAP VA""".split()  # noqa: SIM905
)


SHAPE_TAGS = parse_tags(
    "Modality SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns"
    " BitsAllocated BitsStored HighBit PixelRepresentation"
)
ASPECT = "PixelAspectRatio"
LONGEST = 16  # characters of a code string
# Samples of a pixel (PS3.3 C.7.6.3.1.2); what is retired there is not known here.
SAMPLES = {
    **dict.fromkeys(("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"), 1),
    **dict.fromkeys(
        ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT"), 3
    ),
}
SPACINGS = ("PixelSpacing", "ImagerPixelSpacing")
SHAPES = {"IDENTITY": "MONOCHROME2", "INVERSE": "MONOCHROME1"}  # PS3.3 C.8.11.3.1.2
# What a file may hold instead of, or beside, pixels that are understood, and what it is.
REFUSED = {
    "FloatPixelData": "pixels that are floating-point numbers",
    "DoubleFloatPixelData": "pixels that are floating-point numbers",
    "PixelDataProviderURL": "pixels that lie at an address",
    "PresentationLUTSequence": "a table for a printer",
}
REFUSED_TAGS = parse_tags(f"{' '.join(REFUSED)} {ASPECT} PresentationLUTShape")


@dataclass(frozen=True)
class Shape:
    """What a header says of the pixels: size [px], samples of a pixel, frames, bits of a sample; modality.

    Of the `allocated` bits of a sample, `bits` hold its level; `high_bit` is the number of the highest one.
    """

    height: int
    width: int
    samples: int
    frames: int
    allocated: int
    bits: int
    high_bit: int
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
        bits = use_default(decode_short(dataset, "BitsStored"), allocated)
        high_bit = decode_short(dataset, "HighBit")
        shape = Shape(
            height=height,
            width=width,
            samples=use_default(decode_short(dataset, "SamplesPerPixel"), 1),
            frames=read_frames(dataset),
            allocated=allocated,
            bits=bits,
            high_bit=use_default(high_bit, bits - 1),
            signed=read_sign(dataset),
            photometric=(decode_text(dataset, "PhotometricInterpretation") or "MONOCHROME2").upper(),
            modality=modality,
        )
    except Exception as error:  # any element may hold anything
        raise build_damage_problem(error) from None
    return refuse_implausible(shape)


def read_sign(dataset: Dataset) -> bool:
    """Return whether levels are signed; a file that does not say so has unsigned ones."""
    found = use_default(decode_short(dataset, "PixelRepresentation"), 0)
    if found not in (0, 1):
        raise ImageProblem("unreadable", f"PixelRepresentation {found}, expected 0 or 1")
    return found == 1


def use_default(found: int | None, default: int) -> int:
    """Return what an element holds, or the default where it is absent or empty; 0 is neither."""
    return default if found is None else found


def read_frames(dataset: Dataset) -> int:
    """Return the number of frames, 1 where the file does not say."""
    frames = decode_needed_number(dataset, "NumberOfFrames", 1.0)
    if not frames.is_integer():
        raise ImageProblem("unreadable", f"{quote_element(dataset, 'NumberOfFrames')} is no whole number")
    return int(frames)


def refuse_implausible(shape: Shape) -> Shape:
    """Return `shape`, or raise ImageProblem if no image has it."""
    if shape.samples not in (1, 3) or shape.allocated not in (1, 8, 16, 32):
        found = f"{shape.samples} samples of {shape.allocated} bits"
        raise ImageProblem("unsupported format", f"{found}, expected 1 or 3 of 1, 8, 16 or 32")
    if shape.photometric not in SAMPLES:
        raise ImageProblem("unsupported format", f"PhotometricInterpretation {shape.photometric[:LONGEST]}")
    if shape.samples != SAMPLES[shape.photometric]:
        found = f"PhotometricInterpretation {shape.photometric} with {shape.samples} samples of a pixel"
        raise ImageProblem("unreadable", found)
    if not 0 < shape.bits <= shape.allocated or shape.frames < 1:
        raise ImageProblem("unreadable", f"{shape.bits} of {shape.allocated} bits, {shape.frames} frames")
    if not shape.bits <= shape.high_bit + 1 <= shape.allocated:
        found = f"HighBit {shape.high_bit} with {shape.bits} of {shape.allocated} bits"
        raise ImageProblem("unreadable", found)
    return shape


def refuse_other_meaning(dataset: Dataset, shape: Shape) -> None:
    """Raise ImageProblem, naming the element, if it gives the pixels a meaning that is not applied."""
    for keyword, words in REFUSED.items():
        if has_value(dataset, keyword):
            raise ImageProblem("unsupported format", f"{keyword}: {words}")
    wanted = (decode_text(dataset, "PresentationLUTShape") or "").upper()
    if wanted and shape.photometric in SHAPES.values() and SHAPES.get(wanted) != shape.photometric:
        raise ImageProblem("unsupported format", f"PresentationLUTShape {wanted} with {shape.photometric}")
    ratio = decode_numbers(dataset, ASPECT)
    if ratio and (len(ratio) != 2 or ratio[0] != ratio[1]):
        raise ImageProblem(
            "unsupported format", f"{quote_element(dataset, ASPECT)}, expected pixels as high as wide"
        )


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


def read_spacing(dataset: Dataset) -> tuple[tuple[float, float] | None, str | None]:
    """Return the distance between rows and between columns [mm], at the detector if not in the patient.

    Returns
    -------
    spacing, problem
        Both None where the file does not say.
    """
    for keyword in SPACINGS:
        found = decode_numbers(dataset, keyword)
        if len(found) == 2 and min(found) > 0 and is_finite(found):
            return (found[0], found[1]), None
        if found:
            return None, f"{quote_element(dataset, keyword)} is no size of a pixel"
    return None, None
