"""One DICOM file -> a picture with physical values, or the reason why there is none."""

from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from radpipe.images.files.dicom.colours import PALETTE, PALETTE_TAGS, to_one_channel
from radpipe.images.files.dicom.display import DISPLAY_TAGS, read_display
from radpipe.images.files.dicom.elements import (
    build_damage_problem,
    decode_needed_number,
    has_value,
    parse_tags,
    quote_element,
)
from radpipe.images.files.dicom.file import open_dataset
from radpipe.images.files.dicom.frames import decode_frame, keep_stored_bits
from radpipe.images.files.dicom.functional_groups import DISPLAY, GROUP_TAGS, MEASURES, VALUES, flatten_groups
from radpipe.images.files.dicom.lookup_tables import look_up, read_first_table
from radpipe.images.files.dicom.padding import PADDING_TAGS, find_padding
from radpipe.images.files.dicom.pixel_description import (
    REFUSED_TAGS,
    SHAPE_TAGS,
    SPACINGS,
    Shape,
    read_shape,
    read_spacing,
    refuse_other_meaning,
)
from radpipe.images.files.headers import build_header, refuse_large, refuse_several_frames
from radpipe.images.picture import Levels, Picture
from radpipe.images.problems import ImageProblem

TAGS = [
    *SHAPE_TAGS,
    *REFUSED_TAGS,
    *GROUP_TAGS,
    *DISPLAY_TAGS,
    *PADDING_TAGS,
    *PALETTE_TAGS,
    *parse_tags("PixelData RescaleSlope RescaleIntercept ModalityLUTSequence"),
    *parse_tags(" ".join(SPACINGS)),
    *parse_tags("ExtendedOffsetTable ExtendedOffsetTableLengths"),
]
BYTES_PER_PIXEL = 16  # more than any pixel has, the rest of the header included
OFFSET = 1000  # of 12-bit CT that lost its intercept, see `restore_intercept`
WRAP = 4096
MODALITY_LUT = "ModalityLUTSequence"
PRECISION = 23  # bits behind the point of a number of single precision


def read_dicom(stream: BinaryIO, max_pixels: int, frame: int | None = None) -> Picture:
    """Read one frame of a DICOM file.

    Parameters
    ----------
    stream : file
        At its start.
    max_pixels : int
        Largest rows x columns x frames that is decoded [px].
    frame : int or None
        From 0; None: the file must hold one only, for a label says nothing of several.

    Raises
    ------
    ImageProblem
        With the reason why the image cannot be used.

    References
    ----------
    DICOM PS3.3 C.11.1.1.2: physical value = slope x stored value + intercept.
    """
    dataset = open_dataset(stream, TAGS, BYTES_PER_PIXEL * max_pixels + 2**24, pixels=True)
    shape = read_shape(dataset)
    refuse_large(build_header(shape), max_pixels)
    number = find_frame(shape, frame)
    try:
        refuse_other_meaning(dataset, shape)
        raw = decode_frame(dataset, shape, number)
        return build_picture(dataset, shape, raw, flatten_groups(dataset, number))
    except Exception as error:  # any element may hold anything
        raise build_damage_problem(error) from None


def find_frame(shape: Shape, frame: int | None) -> int:
    """Return the index of the frame wanted, or raise ImageProblem if it is not the only one."""
    if frame is None:
        refuse_several_frames(build_header(shape))
        return 0
    if not 0 <= frame < shape.frames:
        raise ImageProblem("no pixels", f"frame {frame} of {shape.frames}")
    return frame


def build_picture(dataset: Dataset, shape: Shape, raw: NDArray[Any], problems: dict[str, str]) -> Picture:
    """Join the levels with what the header says of them.

    Parameters
    ----------
    raw : (height, width) or (height, width, 3) integers
        With all their allocated bits.
    problems
        By functional group, why it cannot be used.
    """
    levels = keep_stored_bits(raw, shape)
    padding = find_padding(raw, levels, dataset, shape)
    if VALUES in problems:
        raise ImageProblem("unreadable", problems[VALUES])
    slope, intercept = read_rescaling(dataset, shape)
    if has_value(dataset, MODALITY_LUT):
        table = read_first_table(dataset, MODALITY_LUT, shape.signed)
        levels, shape = look_up(levels, table), replace(shape, bits=table.bits, signed=False)
    elif has_lost_intercept(dataset, shape, intercept):
        levels = restore_intercept(levels)
        intercept = float(-OFFSET)
    grey, bits = to_one_channel(levels, dataset, shape)
    display = read_display(dataset, shape.signed or intercept < 0)
    spacing, no_spacing = read_spacing(dataset)
    return Picture(
        stored=grey,
        kind="dicom",
        bits=bits,
        slope=slope,
        intercept=intercept,
        inverted=shape.photometric == "MONOCHROME1",
        windows=display.windows,
        window_function=display.function,
        voi_lut=display.table,
        spacing=spacing,
        padding=padding,
        no_window=problems.get(DISPLAY, display.problem),
        no_spacing=problems.get(MEASURES, no_spacing),
    )


def read_rescaling(dataset: Dataset, shape: Shape) -> tuple[float, float]:
    """Return slope and intercept; a file without them, or with a table instead, stores physical values."""
    slope = decode_needed_number(dataset, "RescaleSlope", 1.0)
    intercept = decode_needed_number(dataset, "RescaleIntercept", 0.0)
    if not is_distinct(slope, intercept, shape.bits):
        words = f"{quote_element(dataset, 'RescaleSlope')} with {quote_element(dataset, 'RescaleIntercept')}"
        raise ImageProblem("unreadable", f"{words} makes different levels one value, or no number")
    if has_value(dataset, MODALITY_LUT) and (slope, intercept) != (1.0, 0.0):
        raise ImageProblem("unreadable", "ModalityLUTSequence and RescaleSlope exclude each other")
    return slope, intercept


def is_distinct(slope: float, intercept: float, bits: int) -> bool:
    """Return whether levels of so many bits stay apart as physical values, which have single precision."""
    with np.errstate(over="ignore"):
        highest = np.float32(abs(slope) * 2.0**bits + abs(intercept))
    step = abs(slope) * 2.0 ** max(0, bits - PRECISION)
    return bool(np.isfinite(highest) and 0 < np.spacing(highest) <= step)


def has_lost_intercept(dataset: Dataset, shape: Shape, intercept: float) -> bool:
    """Return whether a CT's 12 unsigned bits carry an offset that its header does not know of."""
    grey = shape.samples == 1 and shape.photometric != PALETTE
    twelve_bit_ct = grey and shape.bits == 12 and not shape.signed and shape.modality == "CT"
    return twelve_bit_ct and "RescaleIntercept" in dataset and intercept > -100


def restore_intercept(levels: Levels) -> NDArray[np.int16]:
    """Shift 12-bit levels so that -1000 is their intercept; what left the 12 bits comes in from below.

    `levels` (height, width) uint16; returned (height, width) int16.

    References
    ----------
    Howard, "Cleaning the data for rapid prototyping (fastai)", RSNA haemorrhage competition, 2019.
    """
    shifted = levels.astype(np.int16) + OFFSET
    shifted[shifted >= WRAP] -= WRAP
    return shifted
