"""One picture -> the bytes of a DICOM file, with the few tags that the published files keep."""

from io import BytesIO

import numpy as np
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from radpipe.phantoms.lumbar_anatomy import SPACING, Field
from radpipe.phantoms.lumbar_plan import FIELD, Series, Slice, Study

WRITER = UID("1.2.826.0.1.3680043.8.498.1")  # below pydicom's root
SAGITTAL, AXIAL = [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 1, 0]


def encode(picture: Field, study: Study, series: Series, each: Slice, gain: float) -> bytes:
    """Write one image: 16 bits allocated, 12 stored and unsigned if sagittal, 16 and signed if axial.

    Parameters
    ----------
    picture : (rows, columns) float32
        Around 1 where it is brightest.
    gain
        Stored value of 1: arbitrary in MR, and different from series to series.
    """
    signed = series.view == "Axial T2"
    stored = np.clip(np.rint(picture * np.float32(gain)), 0, 4095)
    dataset = describe(study, series, each)
    dataset.WindowCenter, dataset.WindowWidth = round(gain / 2), round(gain)
    dataset.Rows, dataset.Columns = picture.shape
    dataset.BitsAllocated, dataset.BitsStored = 16, 16 if signed else 12
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = stored.astype("<i2" if signed else "<u2").tobytes()
    stream = BytesIO()
    dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def describe(study: Study, series: Series, each: Slice) -> Dataset:
    """Fill the tags that say what and where an image is; UIDs are made of the published ids."""
    axial = series.view == "Axial T2"
    half = FIELD[series.view] / 2
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = WRITER
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
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    return dataset
