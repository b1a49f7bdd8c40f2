import struct

import cv2
import numpy as np
import pytest
from dicom_files import dicom

from radpipe.images.files.headers import Header, read_header
from radpipe.images.problems import ImageProblem


@pytest.fixture
def header_of(tmp_path):
    def read(content):
        path = tmp_path / "image"
        path.write_bytes(content)
        return read_header(path)

    return read


@pytest.mark.parametrize(
    ("samples", "depth", "palette", "channels"),
    [
        (np.zeros((3, 4)), 8, None, 1),
        (np.zeros((3, 4)), 16, None, 1),
        (np.zeros((3, 4)), 1, None, 1),
        (np.zeros((3, 4, 2)), 8, None, 2),
        (np.zeros((3, 4, 3)), 8, None, 3),
        (np.zeros((3, 4)), 4, [0, 0, 0], 3),
        (np.zeros((3, 4, 4)), 16, None, 4),
    ],
)
def test_a_png_header_says_size_depth_and_channels(header_of, png, samples, depth, palette, channels):
    assert header_of(png(samples, depth=depth, palette=palette)) == Header(4, 3, depth, channels, "png")


def test_a_png_header_needs_33_bytes_only(header_of, png, ramp):
    assert header_of(png(ramp)[:33]) == Header(4, 3, 8, 1, "png")
    with pytest.raises(ImageProblem, match="truncated"):
        header_of(png(ramp)[:32])


def test_a_jpeg_header_is_found_behind_large_segments(header_of):
    content = cv2.imencode(".jpg", np.zeros((3, 4, 3), np.uint8))[1].tobytes()
    segment = b"\xff\xe2" + struct.pack(">H", 65535) + b"\xff\xc0" * 32766 + b"\0"
    padded = content[:2] + segment * 2 + b"\xff\xff" + content[2:]
    assert header_of(padded) == Header(4, 3, 8, 3, "jpeg")


def test_a_damaged_png_header_is_unreadable(header_of, png, ramp):
    content = bytearray(png(ramp))
    content[19] ^= 1  # the width
    with pytest.raises(ImageProblem, match="unreadable: the header chunk is damaged"):
        header_of(bytes(content))


def test_a_bit_depth_that_png_does_not_have_is_unreadable(header_of, png_chunk):
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 3, 3, 0, 0, 0, 0))
    with pytest.raises(ImageProblem, match="colour type 0 with 3 bits"):
        header_of(b"\x89PNG\r\n\x1a\n" + header)


def test_an_image_without_pixels_is_unreadable(header_of, png_chunk):
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 3, 8, 0, 0, 0, 0))
    with pytest.raises(ImageProblem, match="0 x 3 px"):
        header_of(b"\x89PNG\r\n\x1a\n" + header)


def test_a_path_that_no_file_can_have_is_unreadable():
    with pytest.raises(ImageProblem, match="unreadable"):
        read_header("a\0b")


def test_a_dicom_header_says_whose_image_it_is(header_of):
    levels = np.zeros((3, 4), np.int16)
    whose = header_of(dicom(levels, PatientID=" p1 ", StudyInstanceUID="1.2"))
    assert (whose.width, whose.height, whose.patient_id, whose.study_id) == (4, 3, "p1", "1.2")
    nobody = header_of(dicom(levels, PatientID=""))
    assert (nobody.patient_id, nobody.study_id) == (None, None)


def test_a_patient_that_cannot_be_read_costs_neither_the_study_nor_the_image(header_of):
    content = dicom(np.zeros((3, 4), np.int16), PatientID="abcd", StudyInstanceUID="1.2")
    place = content.index(b"abcd")
    content = content[: place - 4] + b"ZZ" + content[place - 2 : place] + b"\xe9bcd" + content[place + 4 :]
    found = header_of(content)
    assert (found.width, found.patient_id, found.study_id) == (4, None, "1.2")
