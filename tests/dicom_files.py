"""DICOM files written for a test, and those that pydicom ships."""

import io

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from radpipe.images.files.dicom.image import read_dicom
from radpipe.images.problems import ImageProblem

LIMIT = 10_000_000


def dicom(levels, **elements):
    """Return the bytes of a file with (rows, columns) levels; elements by keyword, None removes one."""
    levels = np.asarray(levels)
    dataset = Dataset()
    dataset.Modality = "CT"
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns = levels.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8 * levels.dtype.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(levels.dtype.kind == "i")
    dataset.PixelData = levels.tobytes() + b"\0" * (levels.nbytes % 2)
    dataset["PixelData"].VR = "OW"
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def read(content, max_pixels=LIMIT, frame=None):
    return read_dicom(io.BytesIO(content), max_pixels, frame)


def problem_of(content, **options):
    with pytest.raises(ImageProblem) as caught:
        read(content, **options)
    return caught.value


def shipped(name):
    """Return the bytes of a file inside the pydicom wheel, or skip where it is not."""
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"{name} does not come with this pydicom")
    with open(path, "rb") as stream:  # noqa: PTH123 (a path that may be text)
        return stream.read()
