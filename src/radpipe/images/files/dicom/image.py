"""One DICOM file -> a picture with physical values, or the reason why there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

from radpipe.images.files.dicom.display import DISPLAY_TAGS, read_display
from radpipe.images.files.dicom.elements import (
    build_damage_problem,
    decode_needed_number,
    decode_text,
    parse_tags,
    quote_element,
)
from radpipe.images.files.dicom.file import open_dataset
from radpipe.images.files.dicom.frames import decode_frame, keep_stored_bits
from radpipe.images.files.dicom.functional_groups import GROUP_TAGS, flatten_groups
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
    *parse_tags("PixelData RescaleSlope RescaleIntercept ModalityLUTSequence"),
    *parse_tags(" ".join(SPACINGS)),
    *parse_tags("RedPaletteColorLookupTableDescriptor RedPaletteColorLookupTableData"),
    *parse_tags("GreenPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableData"),
    *parse_tags("BluePaletteColorLookupTableDescriptor BluePaletteColorLookupTableData"),
    *parse_tags("SegmentedRedPaletteColorLookupTableData SegmentedGreenPaletteColorLookupTableData"),
    *parse_tags("SegmentedBluePaletteColorLookupTableData"),
    *parse_tags("ExtendedOffsetTable ExtendedOffsetTableLengths"),
]
BYTES_PER_PIXEL = 16  # more than any pixel has, the rest of the header included
OFFSET = 1000  # of 12-bit CT that lost its intercept, see `restore_intercept`
WRAP = 4096


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
        return build_picture(flatten_groups(dataset, number), shape, raw)
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


def build_picture(dataset: Dataset, shape: Shape, raw: NDArray[Any]) -> Picture:
    """Join the levels with what the header says of them."""
    levels = keep_stored_bits(raw, shape)
    padding = find_padding(raw, levels, dataset, shape)
    slope, intercept = read_rescaling(dataset)
    if "ModalityLUTSequence" in dataset:
        with name_damage("ModalityLUTSequence"):
            levels = apply_modality_lut(levels, dataset)
    elif has_lost_intercept(dataset, shape, intercept):
        levels = restore_intercept(levels)
        intercept = float(-OFFSET)
    grey = to_one_channel(levels, dataset, shape)
    display = read_display(dataset, shape.signed or intercept < 0)
    spacing, no_spacing = read_spacing(dataset)
    return Picture(
        stored=grey,
        kind="dicom",
        bits=shape.bits if grey is levels else 8 * grey.dtype.itemsize,
        slope=slope,
        intercept=intercept,
        inverted=shape.photometric == "MONOCHROME1",
        windows=display.windows,
        window_function=display.function,
        voi_lut=display.table,
        spacing=spacing,
        padding=padding,
        no_window=display.problem,
        no_spacing=no_spacing,
    )


@contextmanager
def name_damage(what: str) -> Iterator[None]:
    """Name what is damaged or absent, where any error may come of it."""
    try:
        yield
    except Exception as error:
        raise ImageProblem("unreadable", f"{what} is damaged or absent ({type(error).__name__})") from None


def read_rescaling(dataset: Dataset) -> tuple[float, float]:
    """Return slope and intercept; a file without them, or with a table instead, stores physical values."""
    slope = decode_needed_number(dataset, "RescaleSlope", 1.0)
    intercept = decode_needed_number(dataset, "RescaleIntercept", 0.0)
    if slope == 0:
        raise ImageProblem("unreadable", f"{quote_element(dataset, 'RescaleSlope')} makes all values one")
    if "ModalityLUTSequence" in dataset and (slope, intercept) != (1.0, 0.0):
        raise ImageProblem("unreadable", "ModalityLUTSequence and RescaleSlope exclude each other")
    return slope, intercept


def has_lost_intercept(dataset: Dataset, shape: Shape, intercept: float) -> bool:
    """Return whether a CT's 12 unsigned bits carry an offset that its header does not know of."""
    twelve_bit_ct = shape.bits == 12 and not shape.signed and decode_text(dataset, "Modality") == "CT"
    return twelve_bit_ct and "RescaleIntercept" in dataset and intercept > -100


def restore_intercept(levels: Levels) -> NDArray[np.int16]:
    """Shift 12-bit levels so that -1000 is their intercept; what left the 12 bits comes in from below.

    References
    ----------
    Howard, "Cleaning the data for rapid prototyping (fastai)", RSNA haemorrhage competition, 2019.
    """
    shifted = levels.astype(np.int16) + OFFSET
    shifted[shifted >= WRAP] -= WRAP
    return shifted


def to_one_channel(levels: Any, dataset: Dataset, shape: Shape) -> Levels:
    """Reduce colours, also those of a palette, to their luma (ITU-R BT.601-7, section 2.5.1)."""
    if shape.photometric == "PALETTE COLOR":
        with name_damage("palette of PALETTE COLOR"):
            levels = apply_color_lut(levels, dataset)
    if levels.ndim == 2:
        return levels  # type: ignore[no-any-return]
    if levels.dtype.itemsize > 2:
        raise ImageProblem("unsupported format", f"colours of {8 * levels.dtype.itemsize} bits")
    grey: Levels = cv2.cvtColor(np.ascontiguousarray(levels[..., :3]), cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
    return grey
