import math

import numpy as np
import pytest
from dicom_files import dicom, problem_of, read
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from radpipe.images.files.dicom.elements import decode_numbers, quote_element

RAMP = np.arange(6, dtype=np.int16).reshape(2, 3) * 100
NAN = math.nan


def holding(text, vr="DS"):
    dataset = Dataset()
    tag = Tag("WindowCenter")
    dataset[tag] = RawDataElement(tag, vr, len(text), text, 0, False, True)
    return dataset


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (b"", []),
        (b"  ", []),
        (b"40", [40]),
        (b" -1.5E+2\0", [-150]),
        (b"+.5", [0.5]),
        (b"3.", [3]),
        (b"\\600", [NAN, 600]),
        (b"40\\", [40, NAN]),
        (b"40\\\\7", [40, NAN, 7]),
        (b"0,143\\0.2", [NAN, 0.2]),
        (b"1a", [NAN]),
        (b"1_0", [NAN]),
        (b"NaN", [NAN]),
        (b"inf", [NAN]),
        (b"1e999", [NAN]),
        (b"0x10", [NAN]),
        (b"5 mm", [NAN]),
    ],
)
def test_numbers_keep_their_places_and_what_is_none_is_nan(text, numbers):
    found = decode_numbers(holding(text), "WindowCenter")
    np.testing.assert_array_equal(found, numbers)


def test_an_element_of_binary_numbers_is_no_text():
    # 2.0 in double precision is seven zero bytes and an at sign
    assert decode_numbers(holding(b"\0\0\0\0\0\0\0@", "FD"), "WindowCenter") == [2.0]


@pytest.mark.parametrize("text", [b"1,0", b"x", b"\\2", b"1\\2", b"1\\", b"NaN"])
@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept", "NumberOfFrames"])
def test_a_number_that_is_needed_is_refused_with_its_element_and_text(keyword, text):
    problem = problem_of(dicom(RAMP, **{keyword: text}))
    assert problem.reason == "unreadable"
    assert problem.detail == f"{keyword} '{text.decode()}' is no number"


def test_equal_numbers_are_one():
    picture = read(dicom(RAMP, RescaleSlope=b"2.0\\2", RescaleIntercept=b"-1024\\-1024"))
    assert (picture.slope, picture.intercept) == (2, -1024)


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [(b"0", b"0"), (b"1e308", b"0"), (b"1e-320", b"0"), (b"1", b"1e30"), (b"1e35", b"0"), (b"1", b"-1e9")],
)
def test_a_slope_that_makes_different_levels_one_is_refused(slope, intercept):
    found = problem_of(dicom(RAMP, RescaleSlope=slope, RescaleIntercept=intercept)).detail
    words = f"RescaleSlope '{slope.decode()}' with RescaleIntercept '{intercept.decode()}'"
    assert found == f"{words} makes different levels one value, or no number"


@pytest.mark.parametrize(("slope", "intercept"), [(b"1e-30", b"0"), (b"0.0003", b"0"), (b"-2", b"32767")])
def test_a_slope_that_keeps_levels_apart_is_applied(slope, intercept):
    picture = read(dicom(RAMP, RescaleSlope=slope, RescaleIntercept=intercept))
    assert len(np.unique(picture.values)) == RAMP.size


def test_levels_of_32_bits_have_a_slope():
    levels = np.array([[0, 2**31]], np.uint32)
    assert read(dicom(levels, RescaleSlope=b"1", RescaleIntercept=b"0")).stored.tolist() == levels.tolist()


@pytest.mark.parametrize(
    "elements",
    [
        {"WindowCenter": b"40,5", "WindowWidth": b"x"},
        {"PixelSpacing": b"0,143\\0,143"},
        {"ImagerPixelSpacing": b"?"},
        {"InstanceNumber": b"1a"},
        {"ImagePositionPatient": b"a\\b\\c"},
        {"SliceThickness": b"5 mm"},
        {"PatientAge": b"sixty"},
        {"VOILUTFunction": b"\xff\xfe"},
        {"SpecificCharacterSet": b"WRONG", "PatientID": b"M\xfcller"},
    ],
)
def test_an_element_that_a_run_does_not_need_costs_no_file(elements):
    np.testing.assert_array_equal(read(dicom(RAMP, **elements)).stored, RAMP)


def test_a_short_of_one_byte_is_named():
    content = dicom(RAMP).replace(b"\x28\0\x10\0US\x02\0\x02\0", b"\x28\0\x10\0US\x01\0\x02")
    assert problem_of(content).detail == "Rows of one byte is no number"


def test_a_message_holds_no_long_text_and_no_control_characters():
    shown = quote_element(holding(b"1\x07" + b"9" * 500), "WindowCenter")
    assert shown == f"WindowCenter '1?{'9' * 38}'"
