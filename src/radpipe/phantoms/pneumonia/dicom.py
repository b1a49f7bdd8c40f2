"""One radiograph as the pneumonia set publishes it: a DICOM file with one 8-bit JPEG Baseline frame."""

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, SecondaryCaptureImageStorage, generate_uid

from radpipe.phantoms.shared.dicom import build_dataset, encode_dataset

# As published, some longer than the 16 characters that a decimal string may have.
SPACINGS = ("0.139", "0.14300000000000002", "0.168", "0.171", "0.19431099999999998")  # [mm]
QUALITY = 90
WRITER = generate_uid(entropy_srcs=["radpipe", "implementation"]), "RADPIPE"
CONSTANT = {
    "SpecificCharacterSet": "ISO_IR 100",
    "StudyDate": "19010101",
    "StudyTime": "000000.00",
    "AccessionNumber": "",
    "Modality": "CR",
    "ConversionType": "WSD",
    "PatientBirthDate": "",
    "BodyPartExamined": "CHEST",
    "StudyID": "",
    "SeriesNumber": 1,
    "InstanceNumber": 1,
    "PatientOrientation": "",
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "BitsAllocated": 8,
    "BitsStored": 8,
    "HighBit": 7,
    "PixelRepresentation": 0,
    "LossyImageCompression": "01",
    "LossyImageCompressionMethod": "ISO_10918_1",
}


def encode(name: str, facts: pd.Series, pixels: NDArray[np.uint8]) -> bytes:
    """Return the content of a file.

    Parameters
    ----------
    name
        The patientId; it is also name and id of the patient, and all UIDs come from it.
    facts
        age [years], sex, view.
    pixels : (rows, columns) uint8
        Grey, 0 black.
    """
    dataset = build_header(name, facts)
    dataset.Rows, dataset.Columns = pixels.shape
    frame = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    return encode_dataset(dataset)


def build_header(name: str, facts: pd.Series) -> Dataset:
    """Return the header, all but what the pixels determine."""
    dataset = build_dataset(JPEGBaseline8Bit, WRITER)
    for keyword, value in CONSTANT.items():
        setattr(dataset, keyword, value)
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = (
        generate_uid(entropy_srcs=[name, kind]) for kind in ("image", "study", "series")
    )
    dataset.PatientName = dataset.PatientID = name
    dataset.PatientSex = facts["sex"]
    dataset.ViewPosition = facts["view"]
    dataset.SeriesDescription = f"view: {facts['view']}"
    add_unchecked(dataset, "PatientAge", "AS", str(facts["age"]))  # as published; the Standard wants 058Y
    spacing = SPACINGS[int(name[-4:], 16) % len(SPACINGS)]
    add_unchecked(dataset, "PixelSpacing", "DS", [spacing, spacing])
    return dataset


def add_unchecked(dataset: Dataset, keyword: str, representation: str, value: str | list[str]) -> None:
    """Add a value that the Standard forbids, as the published files do."""
    dataset.add(DataElement(keyword, representation, value, validation_mode=config.IGNORE))
