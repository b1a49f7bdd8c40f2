import io

import pytest
from dicom_files import dicom, shipped
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radpipe.images.files.dicom import file
from radpipe.images.files.dicom.elements import find_bytes, parse_tags
from radpipe.images.files.dicom.file import open_dataset, read_plain_elements
from radpipe.images.files.dicom.pixel_description import SHAPE_TAGS

WANTED = [*SHAPE_TAGS, *parse_tags("WindowCenter RescaleIntercept PixelData")]


def plain(content, pixels=True):
    return read_plain_elements(io.BytesIO(content), WANTED, pixels)


def written(syntax, **elements):
    dataset = dcmread(io.BytesIO(shipped("MR_small.dcm")))
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("pixels", [False, True])
def test_a_plain_file_has_the_elements_that_dcmread_finds(syntax, pixels):
    content = written(syntax, PatientName="Buc^Jérôme", SpecificCharacterSet="ISO_IR 100")
    wanted = [*WANTED, *parse_tags("PatientName")]
    found = read_plain_elements(io.BytesIO(content), wanted, pixels)
    expected = dcmread(io.BytesIO(content), specific_tags=wanted, stop_before_pixels=not pixels)
    assert found == expected
    assert str(found.PatientName) == "Buc^Jérôme"
    assert ("PixelData" in found) is pixels


@pytest.mark.parametrize(
    "name",
    ["MR_small_bigendian.dcm", "image_dfl.dcm", "JPEG2000.dcm", "no_meta.dcm", "meta_missing_tsyntax.dcm"],
)
def test_any_other_file_is_left_to_dcmread(name):
    content = shipped(name)
    assert plain(content) is None
    expected = dcmread(io.BytesIO(content), specific_tags=WANTED, stop_before_pixels=True, force=True)
    assert open_dataset(io.BytesIO(content), WANTED, 2**24, pixels=False) == expected


def test_a_value_that_is_left_on_the_disk_is_left_to_dcmread(monkeypatch):
    content = dicom([[1, 2], [3, 4]])  # 8 bytes each: int64
    monkeypatch.setattr(file, "DEFER", 31)
    assert plain(content) is None
    monkeypatch.setattr(file, "DEFER", 32)
    assert len(find_bytes(plain(content), "PixelData")) == 32
