"""DICOM files written for a test, and those that pydicom ships."""

import io

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from radpipe.images.files.dicom.image import read_dicom
from radpipe.images.problems import ImageProblem

LIMIT = 10_000_000


def dicom(levels, **elements):
    """Return the bytes of a file with (rows, columns) levels; elements by keyword, None removes one.

    Bytes are written as they are, whatever the element should hold.
    """
    levels = np.asarray(levels)
    dataset = Dataset()
    dataset.Modality = "CT"
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns = levels.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8 * levels.dtype.itemsize
    dataset.HighBit = (elements.get("BitsStored") or dataset.BitsStored) - 1
    dataset.PixelRepresentation = int(levels.dtype.kind == "i")
    dataset.PixelData = levels.tobytes() + b"\0" * (levels.nbytes % 2)
    dataset["PixelData"].VR = "OW"
    return save(put(dataset, elements))


def put(dataset, elements):
    """Put elements into a data set."""
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        elif isinstance(value, bytes) and not keyword.endswith("PixelData"):
            tag, padded = Tag(keyword), value + b" " * (len(value) % 2)
            dataset[tag] = RawDataElement(tag, dictionary_VR(tag)[:2], len(padded), padded, 0, False, True)
        else:
            setattr(dataset, keyword, value)
    return dataset


def item(**elements):
    """Return an item of a sequence."""
    return put(Dataset(), elements)


def table(entries, first=0, bits=16, vr="US"):
    """Return the item of a lookup table."""
    found = Dataset()
    found.LUTDescriptor = [len(entries), first, bits]
    found["LUTDescriptor"].VR = vr
    found.LUTData = np.asarray(entries).astype("u1" if bits == 8 else "<u2").tobytes()
    found["LUTData"].VR = "OW"
    return found


def compressed(syntax, frame, levels, **elements):
    """Return the bytes of a file whose only frame is compressed already; its header says so of `levels`."""
    dataset = dcmread(io.BytesIO(dicom(levels, **elements)))
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    return save(dataset)


def save(dataset):
    if not hasattr(dataset, "file_meta"):
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
