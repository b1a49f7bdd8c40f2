"""Colours -> one grey channel: which colour spaces a file may have, its palette, their luma."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut

from radpipe.images.files.dicom.elements import find_tag, parse_tags
from radpipe.images.files.dicom.lookup_tables import ROWS, look_up, read_table
from radpipe.images.files.dicom.pixel_description import Shape
from radpipe.images.picture import Levels, LookupTable
from radpipe.images.problems import ImageProblem

PALETTE = "PALETTE COLOR"
NAMES = ("Red", "Green", "Blue")
DESCRIPTORS = [f"{name}PaletteColorLookupTableDescriptor" for name in NAMES]
ENTRIES = [f"{name}PaletteColorLookupTableData" for name in NAMES]
SEGMENTS = [f"Segmented{name}PaletteColorLookupTableData" for name in NAMES]
PALETTE_TAGS = parse_tags(" ".join([*DESCRIPTORS, *ENTRIES, *SEGMENTS]))
YBR_BITS = 8  # that the formulas of PS3.3 C.7.6.3.1.2 are for


def refuse_colour_space(shape: Shape, known: tuple[str, ...], syntax: str) -> None:
    """Raise ImageProblem unless pixels have a colour space that their transfer syntax allows."""
    if shape.samples == 1:
        return
    if shape.photometric not in known:
        found = f"PhotometricInterpretation {shape.photometric} in {syntax}"
        raise ImageProblem("unsupported format", f"{found}, expected {' or '.join(known)}")
    if shape.photometric.startswith("YBR_FULL") and shape.bits != YBR_BITS:
        raise ImageProblem("unsupported format", f"{shape.photometric} of {shape.bits} bits, expected 8")


def to_one_channel(levels: Any, dataset: Dataset, shape: Shape) -> tuple[Levels, int]:
    """Reduce colours, also those of a palette, to their luma (ITU-R BT.601-7, section 2.5.1).

    Returns
    -------
    (height, width) integers, and how many bits of them are used
    """
    if shape.photometric == PALETTE:
        try:
            return apply_palette(levels, dataset, shape)
        except Exception as error:  # a damaged palette raises whatever its bytes lead to
            words = error.detail if isinstance(error, ImageProblem) else type(error).__name__
            detail = f"palette of PALETTE COLOR is damaged or absent ({words})"
            raise ImageProblem("unreadable", detail) from None
    if levels.ndim == 2:
        return levels, shape.bits
    if levels.dtype.itemsize > 2 or levels.dtype.kind == "i":
        kind = "signed colours" if levels.dtype.kind == "i" else "colours"
        raise ImageProblem("unsupported format", f"{kind} of {8 * levels.dtype.itemsize} bits")
    return compute_luma(levels), shape.bits


def compute_luma(colours: NDArray[Any]) -> Levels:
    """Reduce (height, width, 3) uint8 or uint16, red, green and blue, to (height, width) likewise."""
    grey: Levels = cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
    return grey


def apply_palette(levels: Levels, dataset: Dataset, shape: Shape) -> tuple[Levels, int]:
    """Return the luma of the colours that levels stand for, (height, width) uint16, and its bits."""
    tables = read_palette(dataset, shape.signed)
    bits = {table.bits for table in tables}
    if len(bits) > 1:
        raise ImageProblem("unreadable", "tables of several bits")
    grey = np.empty(levels.shape, np.uint16)
    for start in range(0, len(levels), ROWS):  # three colours of all rows at once would take 6 bytes a pixel
        rows = slice(start, start + ROWS)
        grey[rows] = compute_luma(np.dstack([look_up(levels[rows], table) for table in tables]))
    return grey, bits.pop()


def read_palette(dataset: Dataset, signed: bool) -> list[LookupTable]:
    """Read the tables of red, green and blue."""
    if find_tag(SEGMENTS[0]) not in dataset or find_tag(ENTRIES[0]) in dataset:
        pairs = zip(DESCRIPTORS, ENTRIES, strict=True)
        return [read_table(dataset, signed, descriptor, entries) for descriptor, entries in pairs]
    count, first, bits = (int(value) for value in dataset[find_tag(DESCRIPTORS[0])].value)
    count = count or 2**16
    if bits == 8 and count > 256:
        raise ImageProblem("unreadable", f"{count} entries of 8 bits in segments")
    colours = apply_color_lut(np.arange(first, first + count, dtype=np.int32), dataset)
    return [LookupTable(first, colours[:, place].astype(np.uint16), bits) for place in range(3)]
