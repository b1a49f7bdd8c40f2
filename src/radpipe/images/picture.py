"""One decoded image: its levels as the file holds them, and what turns them into physical values."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Kind = Literal["png", "jpeg", "dicom"]
Grey = NDArray[np.uint8] | NDArray[np.uint16]
Levels = (
    NDArray[np.uint8]
    | NDArray[np.uint16]
    | NDArray[np.int8]
    | NDArray[np.int16]
    | NDArray[np.uint32]
    | NDArray[np.int32]
)


class FileWindow(NamedTuple):
    """A window that a DICOM file names for its display, in the unit of its physical values."""

    center: float
    width: float


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A table that a DICOM file holds for its display, in the place of a window (PS3.3 C.11.2.1.1).

    Attributes
    ----------
    first
        The physical value of the first entry; what lies below has its grey, what lies above that of the last.
    entries : (entries,) uint8 or uint16
        Grey, 0 is black.
    bits
        Bits of an entry: 2 ** bits - 1 is white.
    """

    first: int
    entries: NDArray[np.uint8] | NDArray[np.uint16]
    bits: int

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map physical values to 0..1: black to white."""
        places = (np.rint(values) - self.first).clip(0, len(self.entries) - 1).astype(np.intp)
        return self.entries[places] / (2.0**self.bits - 1)


@dataclass(frozen=True)
class Picture:
    """One image of one channel.

    Attributes
    ----------
    stored
        (height, width): the levels that the file holds.
    kind
        png, jpeg or dicom.
    bits
        Bits of a level that the file uses.
    slope, intercept
        Physical value = slope x level + intercept: Hounsfield units for CT, no unit for MR and CR.
    inverted
        The lowest level is white (MONOCHROME1).
    windows
        The windows that the file names, the first one first.
    window_function
        How the file wants them applied: linear, linear_exact or sigmoid.
    voi_lut
        What the file wants instead of a window; None where it holds no such table.
    spacing
        Distance between rows, and between columns [mm]; None where the file does not say.
    padding
        (height, width) bool: pixels that are no part of the image (PS3.3 C.7.5.1.1.2); None where all are.
    no_window, no_spacing
        Why there are none, although the file has such elements.
    """

    stored: Levels
    kind: Kind
    bits: int
    slope: float = 1.0
    intercept: float = 0.0
    inverted: bool = False
    windows: tuple[FileWindow, ...] = ()
    window_function: str = "linear"
    voi_lut: LookupTable | None = None
    spacing: tuple[float, float] | None = None
    padding: NDArray[np.bool_] | None = None
    no_window: str | None = None
    no_spacing: str | None = None

    @property
    def grey(self) -> Grey:
        """(height, width) uint8 or uint16: the levels of a PNG or JPEG file, which are grey already."""
        return self.stored  # type: ignore[return-value]  # of any other file it is not asked for

    @cached_property
    def extremes(self) -> tuple[int, int]:
        """The lowest and the highest level of the image, without its padding."""
        levels = self.levels
        return levels.min().item(), levels.max().item()

    @property
    def levels(self) -> Levels:
        """The levels of the image: (height, width), or (pixels,) without padding; int8 to uint32."""
        return self.stored if self.padding is None else self.stored[~self.padding]

    @property
    def values(self) -> NDArray[np.float32] | Grey:
        """(height, width): float32 physical values of a DICOM file; grey levels of any other."""
        if self.kind != "dicom":
            return self.grey
        return self.stored * np.float32(self.slope) + np.float32(self.intercept)
