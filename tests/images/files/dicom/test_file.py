import io
import struct
import zlib

import numpy as np
import pytest
from dicom_files import dicom, problem_of, read, shipped
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radpipe.images.files.dicom import file
from radpipe.images.files.dicom.elements import find_bytes, parse_tags
from radpipe.images.files.dicom.file import open_dataset
from radpipe.images.files.dicom.pixel_description import SHAPE_TAGS
from radpipe.images.problems import ImageProblem

WANTED = [*SHAPE_TAGS, *parse_tags("WindowCenter RescaleIntercept PixelData")]
LEVELS = [[1, 2], [3, 4]]  # 8 bytes each: int64


@pytest.fixture
def left(monkeypatch):
    """Return the calls of dcmread, which reads what is not read here."""
    calls = []
    monkeypatch.setattr(
        file, "dcmread", lambda *args, **options: calls.append(1) or dcmread(*args, **options)
    )
    return calls


def written(syntax, **elements):
    dataset = dcmread(io.BytesIO(shipped("MR_small.dcm")))
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]
)
@pytest.mark.parametrize("pixels", [False, True])
def test_a_plain_or_deflated_file_has_the_elements_that_dcmread_finds(syntax, pixels, left):
    content = written(syntax, PatientName="Buc^Jérôme", SpecificCharacterSet="ISO_IR 100")
    wanted = [*WANTED, *parse_tags("PatientName")]
    found = open_dataset(io.BytesIO(content), wanted, 2**24, pixels)
    expected = dcmread(io.BytesIO(content), specific_tags=wanted, stop_before_pixels=not pixels)
    assert not left
    assert found == expected
    assert str(found.PatientName) == "Buc^Jérôme"
    assert ("PixelData" in found) is pixels


@pytest.mark.parametrize(
    "name", ["MR_small_bigendian.dcm", "JPEG2000.dcm", "no_meta.dcm", "meta_missing_tsyntax.dcm"]
)
def test_any_other_file_is_left_to_dcmread(name, left):
    content = shipped(name)
    found = open_dataset(io.BytesIO(content), WANTED, 2**24, pixels=False)
    assert left
    assert found == dcmread(io.BytesIO(content), specific_tags=WANTED, stop_before_pixels=True, force=True)


def test_a_value_that_is_left_on_the_disk_is_left_to_dcmread(monkeypatch, left):
    stream = io.BytesIO(dicom(LEVELS))
    monkeypatch.setattr(file, "DEFER", 32)
    assert len(find_bytes(open_dataset(stream, WANTED, 2**24, pixels=True), "PixelData")) == 32
    assert not left
    monkeypatch.setattr(file, "DEFER", 31)
    assert len(find_bytes(open_dataset(stream, WANTED, 2**24, pixels=True), "PixelData")) == 32
    assert left


def deflate(content, preamble=True, before=b"", group_length=None):
    """Return a bomb: a deflated file of 32 MiB of zeros, with a header as odd as wanted."""
    uid = b"1.2.840.10008.1.2.1.99"
    syntax = b"\x02\0\x10\0UI" + struct.pack("<H", len(uid)) + uid
    meta = before + syntax
    length = len(meta) if group_length is None else group_length
    head = (b"\0" * 128 + b"DICM") if preamble else b""
    head += b"\x02\0\0\0UL\x04\0" + struct.pack("<I", length)
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return head + meta + deflater.compress(content) + deflater.flush()


SOURCE = b"\x02\0\x16\0AE\x04\0" + b"HERE"  # an element before or after the syntax, in the wrong order
LONG = b"\x02\0\x02\x01OB\0\0" + struct.pack("<I", 4000) + bytes(4000)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"preamble": False},
        {"before": SOURCE},
        {"before": LONG},  # the syntax stands behind the first 2,048 bytes
        {"group_length": 0},
        {"group_length": 2**31},
    ],
    ids=["plain", "no preamble", "other order", "far behind", "length 0", "length too long"],
)
def test_inflating_is_bounded_whatever_the_header_says(odd):
    bomb = deflate(bytes(2**25), **odd)
    with pytest.raises(ImageProblem) as caught:
        open_dataset(io.BytesIO(bomb), WANTED, 2**24, pixels=True)
    assert caught.value.reason == "too large"
    assert problem_of(bomb, max_pixels=100).reason == "too large"


def test_a_deflated_file_of_odd_order_is_read():
    plain = dicom(np.array([[1, 2], [3, 5]], np.uint16), Modality="MR")
    start = 144 + struct.unpack("<I", plain[140:144])[0]
    assert read(deflate(plain[start:], before=SOURCE)).stored.tolist() == [[1, 2], [3, 5]]


def test_damaged_deflated_bytes_are_unreadable():
    content = bytearray(deflate(dicom([[1, 2]])))
    content[-30:] = b"\xff" * 30
    assert problem_of(bytes(content)).reason in ("unreadable", "truncated", "no pixels")


def test_a_small_image_may_not_inflate_to_much_besides():
    plain = dicom(np.array([[1, 2], [3, 5]], np.uint16), Modality="MR")
    start = 144 + struct.unpack("<I", plain[140:144])[0]
    junk = b"\xfc\xff\xfc\xffOB\0\0" + struct.pack("<I", 2**25) + bytes(2**25)  # data set trailing padding
    problem = problem_of(deflate(plain[start:] + junk), max_pixels=10**8)
    assert problem.detail == f"the file inflates to more than {2**24 + 9} bytes"
    few = b"\xfc\xff\xfc\xffOB\0\0" + struct.pack("<I", 2**20) + bytes(2**20)
    assert read(deflate(plain[start:] + few)).stored.tolist() == [[1, 2], [3, 5]]


def test_the_pixels_of_a_large_image_are_inflated():
    levels = np.zeros((3000, 3100), np.uint16)
    levels[1500] = 7
    plain = dicom(levels, Modality="MR")
    start = 144 + struct.unpack("<I", plain[140:144])[0]
    np.testing.assert_array_equal(read(deflate(plain[start:])).stored, levels)


def test_an_image_larger_than_allowed_is_refused_before_it_is_inflated():
    plain = dicom([[1, 2]], Rows=65535, Columns=65535)
    start = 144 + struct.unpack("<I", plain[140:144])[0]
    with pytest.raises(ImageProblem, match=r"inflates to \d+ bytes, more than 16777216") as caught:
        open_dataset(io.BytesIO(deflate(plain[start:] + bytes(2**26))), WANTED, 2**24, pixels=True)
    assert caught.value.reason == "too large"
