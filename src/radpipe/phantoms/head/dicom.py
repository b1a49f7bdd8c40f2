"""Hounsfield units -> the DICOM files of the haemorrhage set: the kinds of scanner that occur in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radpipe.phantoms.head.anatomy import UNIT
from radpipe.phantoms.shared.dicom import build_dataset, encode_dataset, set_pixels

WRAP = 4096  # 12 bits
WRITER = UID("1.2.3.4"), "radpipe"
HEIGHT = 150.0  # [mm] from the base of the skull to the vertex


@dataclass(frozen=True)
class Scanner:
    """How a scanner stores its values.

    Attributes
    ----------
    bits, signed
        Bits stored of 16, and their representation.
    intercept
        The value in the header. With 12 unsigned bits and 0 the values carry an offset that it does not name:
        air, -1000 HU, is stored as 3096.
    windows
        Center and width: one pair or two equal ones, as text of the file.
    """

    bits: int
    signed: bool
    intercept: int
    syntax: UID
    windows: tuple[list[str], list[str]]


SCANNERS = (
    Scanner(16, True, -1024, ExplicitVRLittleEndian, (["35.000000"], ["135.000000"])),
    Scanner(12, False, -1024, ImplicitVRLittleEndian, (["00036", "00036"], ["00080", "00080"])),
    Scanner(12, False, 0, ImplicitVRLittleEndian, (["40"], ["150"])),
)


def encode(pixels: NDArray[np.int16], scanner: Scanner, facts: dict[str, str], height: float) -> bytes:
    """Return a file's content; its end is the pixels.

    Parameters
    ----------
    pixels : (size, size) int16
        [HU]
    facts
        Values by keyword: PatientID and the UIDs.
    height
        Of the slice, 0..1.
    """
    dataset = build_dataset(scanner.syntax, WRITER)
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(facts["SOPInstanceUID"])
    dataset.Modality = "CT"
    for keyword, value in facts.items():
        setattr(dataset, keyword, value)
    add_geometry(dataset, len(pixels), height)
    add_pixels(dataset, pixels, scanner)
    return encode_dataset(dataset)


def add_geometry(dataset: Dataset, size: int, height: float) -> None:
    """Set where the slice lies; the image shows 2 x `UNIT` mm."""
    dataset.ImagePositionPatient = [-UNIT, -UNIT, round(height * HEIGHT, 3)]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [round(2 * UNIT / size, 6)] * 2


def add_pixels(dataset: Dataset, pixels: NDArray[np.int16], scanner: Scanner) -> None:
    """Set the pixels and how they are stored.

    `pixels` (height, width) int16.
    """
    dataset.WindowCenter, dataset.WindowWidth = scanner.windows
    dataset.RescaleIntercept = scanner.intercept
    dataset.RescaleSlope = 1
    stored = pixels - np.int16(scanner.intercept)
    if not scanner.signed:
        stored %= WRAP
    set_pixels(dataset, stored, scanner.bits, scanner.signed)
