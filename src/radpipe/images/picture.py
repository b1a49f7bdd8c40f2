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
    spacing
        Distance between rows, and between columns [mm]; None where the file does not say.
    """

    stored: Levels
    kind: Kind
    bits: int
    slope: float = 1.0
    intercept: float = 0.0
    inverted: bool = False
    windows: tuple[FileWindow, ...] = ()
    window_function: str = "linear"
    spacing: tuple[float, float] | None = None

    @property
    def grey(self) -> Grey:
        """(height, width) uint8 or uint16: the levels of a PNG or JPEG file, which are grey already."""
        return self.stored  # type: ignore[return-value]  # of any other file it is not asked for

    @cached_property
    def extremes(self) -> tuple[int, int]:
        """The lowest and the highest level."""
        return self.stored.min().item(), self.stored.max().item()

    @property
    def values(self) -> NDArray[np.float32] | Grey:
        """(height, width): float32 physical values of a DICOM file; grey levels of any other."""
        if self.kind != "dicom":
            return self.grey
        return self.stored * np.float32(self.slope) + np.float32(self.intercept)
