"""One image -> the bytes of a DICOM file, with the few tags that the published files keep."""

import numpy as np
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from radpipe.phantoms.lumbar.anatomy import SPACING
from radpipe.phantoms.lumbar.plan import FIELD, Series, Slice, Study
from radpipe.phantoms.shared.dicom import build_dataset, encode_dataset, set_pixels
from radpipe.phantoms.shared.painting import Field

WRITER = UID("1.2.826.0.1.3680043.8.498.1"), None  # below pydicom's root
SAGITTAL = [0, 1, 0, 0, 0, -1]
AXIAL = [1, 0, 0, 0, 1, 0]


def encode(image: Field, study: Study, series: Series, each: Slice, gain: float) -> bytes:
    """Write one image: 16 bits allocated, 12 stored and unsigned if sagittal, 16 and signed if axial.

    Parameters
    ----------
    image : (rows, columns) float32
        Around 1 where it is brightest.
    gain
        Stored value of 1: arbitrary in MR, and different from series to series.
    """
    signed = series.view == "Axial T2"
    stored = np.clip(np.rint(image * np.float32(gain)), 0, 4095)
    dataset = build_header(study, series, each)
    dataset.WindowCenter = round(gain / 2)
    dataset.WindowWidth = round(gain)
    set_pixels(dataset, stored, 16 if signed else 12, signed)
    return encode_dataset(dataset)


def build_header(study: Study, series: Series, each: Slice) -> Dataset:
    """Return the header, all but what the pixels determine; UIDs are made of the published ids."""
    axial = series.view == "Axial T2"
    half = FIELD[series.view] / 2
    dataset = build_dataset(ExplicitVRLittleEndian, WRITER)
    dataset.SOPClassUID = MRImageStorage
    dataset.StudyInstanceUID = str(study.study_id)
    dataset.SeriesInstanceUID = f"{study.study_id}.{series.series_id}"
    dataset.SOPInstanceUID = f"{study.study_id}.{series.series_id}.{each.instance}"
    dataset.PatientID = str(study.study_id)
    dataset.Modality = "MR"
    dataset.SeriesDescription = series.view
    dataset.PatientPosition = "HFS"
    dataset.InstanceNumber = each.instance
    dataset.SliceThickness = 4
    dataset.PixelSpacing = [round(series.spacing, 6)] * 2
    dataset.ImageOrientationPatient = AXIAL if axial else SAGITTAL
    place = [-half, -half, (2 - each.place) * SPACING] if axial else [each.place, -half, half]
    dataset.ImagePositionPatient = place
    return dataset
