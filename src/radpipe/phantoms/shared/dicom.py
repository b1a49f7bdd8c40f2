"""A data set -> the bytes of a DICOM file."""

from io import BytesIO
from typing import Any

from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

# Implementation class UID and version name: pydicom's own would change the bytes with its version.
Writer = tuple[str, str | None]


def build_dataset(syntax: UID, writer: Writer) -> Dataset:
    """Return an empty data set that records how, and by what, it will be written."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.ImplementationClassUID = UID(writer[0])
    if writer[1] is not None:
        dataset.file_meta.ImplementationVersionName = writer[1]
    return dataset


def set_pixels(dataset: Dataset, stored: NDArray[Any], bits: int, signed: bool) -> None:
    """Set (rows, columns) integers, of any int dtype, as uncompressed grey pixels: so many bits of 16."""
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = stored.astype("<i2" if signed else "<u2").tobytes()


def encode_dataset(dataset: Dataset) -> bytes:
    """Return the content of a file with this data set; the last element is at its end."""
    content = BytesIO()
    dcmwrite(content, dataset, enforce_file_format=True)
    return content.getvalue()
