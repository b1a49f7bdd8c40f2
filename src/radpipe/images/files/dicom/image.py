"""One DICOM file -> a picture with physical values, or the reason why there is none."""

from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

from radpipe.images.files.dicom.elements import build_damage_problem, decode_numbers, decode_text, parse_tags
from radpipe.images.files.dicom.file import open_dataset
from radpipe.images.files.dicom.frames import decode_frame
from radpipe.images.files.dicom.pixel_description import (
    SHAPE_TAGS,
    Shape,
    is_finite,
    read_shape,
    read_spacing,
)
from radpipe.images.files.headers import build_header, refuse_large, refuse_several_frames
from radpipe.images.picture import FileWindow, Levels, Picture
from radpipe.images.problems import ImageProblem

TAGS = [
    *SHAPE_TAGS,
    *parse_tags("PixelData RescaleSlope RescaleIntercept ModalityLUTSequence"),
    *parse_tags("WindowCenter WindowWidth VOILUTFunction PixelSpacing ImagerPixelSpacing"),
    *parse_tags("RedPaletteColorLookupTableDescriptor RedPaletteColorLookupTableData"),
    *parse_tags("GreenPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableData"),
    *parse_tags("BluePaletteColorLookupTableDescriptor BluePaletteColorLookupTableData"),
    *parse_tags("ExtendedOffsetTable ExtendedOffsetTableLengths"),
]
BYTES_PER_PIXEL = 16  # more than any pixel has, the rest of the header included
FUNCTIONS = ("linear", "linear_exact", "sigmoid")  # PS3.3 C.11.2.1.3
DEFAULT = "linear"
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
    levels = decode_frame(dataset, shape, find_frame(shape, frame))
    try:
        return build_picture(dataset, shape, levels)
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


def build_picture(dataset: Dataset, shape: Shape, levels: Levels) -> Picture:
    """Join the levels with what the header says of them."""
    slope, intercept = read_rescaling(dataset)
    if "ModalityLUTSequence" in dataset:
        levels = apply_modality_lut(levels, dataset)
        slope = 1.0
        intercept = 0.0
    elif has_lost_intercept(dataset, shape, intercept):
        levels = restore_intercept(levels)
        intercept = float(-OFFSET)
    grey = to_one_channel(levels, dataset, shape)
    function = (decode_text(dataset, "VOILUTFunction") or DEFAULT).lower()
    function = function if function in FUNCTIONS else DEFAULT
    return Picture(
        stored=grey,
        kind="dicom",
        bits=shape.bits if grey is levels else 8 * grey.dtype.itemsize,
        slope=slope,
        intercept=intercept,
        inverted=shape.photometric == "MONOCHROME1",
        windows=read_windows(dataset, function),
        window_function=function,
        spacing=read_spacing(dataset),
    )


def read_rescaling(dataset: Dataset) -> tuple[float, float]:
    """Return slope and intercept; a file without them stores physical values."""
    slope = next(iter(decode_numbers(dataset, "RescaleSlope")), 1.0)
    intercept = next(iter(decode_numbers(dataset, "RescaleIntercept")), 0.0)
    if not is_finite((slope, intercept)) or slope == 0:
        raise ImageProblem("unreadable", f"rescale slope {slope:g}, intercept {intercept:g}")
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


def read_windows(dataset: Dataset, function: str) -> tuple[FileWindow, ...]:
    """Return the windows of the file: the same index from both tags; one of no width is none."""
    least = 1 if function == "linear" else np.nextafter(0, 1)
    pairs = zip(decode_numbers(dataset, "WindowCenter"), decode_numbers(dataset, "WindowWidth"), strict=False)
    return tuple(FileWindow(*pair) for pair in pairs if is_finite(pair) and pair[1] >= least)


def to_one_channel(levels: Any, dataset: Dataset, shape: Shape) -> Levels:
    """Reduce colours, also those of a palette, to their luma (ITU-R BT.601-7, section 2.5.1)."""
    if shape.photometric == "PALETTE COLOR":
        levels = apply_color_lut(levels, dataset)
    if levels.ndim == 2:
        return levels  # type: ignore[no-any-return]
    if levels.dtype.itemsize > 2:
        raise ImageProblem("unsupported format", f"colours of {8 * levels.dtype.itemsize} bits")
    grey: Levels = cv2.cvtColor(np.ascontiguousarray(levels[..., :3]), cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
    return grey
