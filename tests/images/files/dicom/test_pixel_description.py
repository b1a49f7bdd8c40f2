import numpy as np
import pytest
from dicom_files import compressed, dicom, item, problem_of, read, table
from imagecodecs import jpegls_encode
from pydicom.uid import JPEGLSLossless

RAMP = np.arange(6, dtype=np.uint16).reshape(2, 3) * 100


def test_the_high_bit_says_where_the_stored_bits_lie():
    content = dicom(RAMP << 4, BitsStored=12, HighBit=15, Modality="CR")
    assert read(content).stored.tolist() == RAMP.tolist()
    assert read(content).bits == 12
    # 10 bits in the middle, with something above and below
    content = dicom((RAMP << 3) | 0xE001, BitsStored=10, HighBit=12, Modality="CR")
    assert read(content).stored.tolist() == RAMP.tolist()


def test_the_sign_lies_at_the_high_bit():
    levels = np.array([[-5, 7, -2048]], np.int16)
    content = dicom(levels << 4, BitsStored=12, HighBit=15, Modality="MR")
    assert read(content).stored.tolist() == levels.tolist()


def test_without_a_high_bit_the_stored_bits_are_the_lowest():
    assert read(dicom(RAMP, BitsStored=12, Modality="CR")).stored.tolist() == RAMP.tolist()
    assert read(dicom(RAMP, HighBit=None, BitsStored=None)).stored.tolist() == RAMP.tolist()


@pytest.mark.parametrize(("bits", "high"), [(12, 10), (12, 16), (8, 6)])
def test_a_high_bit_that_leaves_no_room_is_refused(bits, high):
    problem = problem_of(dicom(RAMP, BitsStored=bits, HighBit=high, Modality="CR"))
    assert problem.detail == f"HighBit {high} with {bits} of 16 bits"


def test_a_high_bit_of_compressed_pixels_is_refused():
    content = compressed(JPEGLSLossless, jpegls_encode(RAMP), RAMP, BitsStored=12, HighBit=15)
    assert problem_of(content).detail == "HighBit 15 of compressed pixels"


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"PixelData": None, "FloatPixelData": b"\0\0\0\0" * 6}, "FloatPixelData: "),
        ({"PixelData": None, "DoubleFloatPixelData": b"\0\0\0\0" * 12}, "DoubleFloatPixelData: "),
        ({"PixelData": None, "PixelDataProviderURL": "http://a.org"}, "PixelDataProviderURL: "),
        ({"PresentationLUTSequence": [item()]}, "PresentationLUTSequence: "),
        ({"PresentationLUTShape": "INVERSE"}, "PresentationLUTShape INVERSE with MONOCHROME2"),
        ({"PresentationLUTShape": "LIN OD"}, "PresentationLUTShape LIN OD with MONOCHROME2"),
        (
            {"PresentationLUTShape": "IDENTITY", "PhotometricInterpretation": "MONOCHROME1"},
            "PresentationLUTShape IDENTITY with MONOCHROME1",
        ),
        ({"PixelAspectRatio": ["1", "2"]}, "PixelAspectRatio '1\\2', expected pixels as high as wide"),
        ({"PixelAspectRatio": b"x"}, "PixelAspectRatio 'x', expected pixels as high as wide"),
        ({"SamplesPerPixel": 4}, "4 samples of 16 bits"),
        ({"BitsAllocated": 64, "BitsStored": 64}, "1 samples of 64 bits"),
    ],
)
def test_what_is_not_applied_is_refused_by_its_name(elements, words):
    problem = problem_of(dicom(RAMP, **elements))
    assert problem.reason == "unsupported format"
    assert problem.detail.startswith(words)


@pytest.mark.parametrize(
    "elements",
    [
        {"PresentationLUTShape": "IDENTITY"},
        {"PresentationLUTShape": "INVERSE", "PhotometricInterpretation": "MONOCHROME1"},
        {"PixelAspectRatio": ["1", "1"]},
        {"PixelAspectRatio": ["7", "7"]},
    ],
)
def test_what_changes_nothing_is_accepted(elements):
    assert read(dicom(RAMP, **elements)).stored.tolist() == RAMP.tolist()


def test_a_table_and_a_slope_exclude_each_other():
    problem = problem_of(dicom(RAMP, RescaleSlope="2", ModalityLUTSequence=[table([0, 9])]))
    assert problem.detail == "ModalityLUTSequence and RescaleSlope exclude each other"


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"PhotometricInterpretation": "XYZ"}, "PhotometricInterpretation XYZ"),
        ({"PhotometricInterpretation": "CMYK"}, "PhotometricInterpretation CMYK"),
        ({"PhotometricInterpretation": "RGB"}, "PhotometricInterpretation RGB with 1 samples of a pixel"),
        ({"SamplesPerPixel": 3}, "PhotometricInterpretation MONOCHROME2 with 3 samples of a pixel"),
        ({"NumberOfFrames": b"1.5"}, "NumberOfFrames '1.5' is no whole number"),
        ({"NumberOfFrames": b"0"}, "16 of 16 bits, 0 frames"),
        ({"BitsStored": 0, "HighBit": 15}, "0 of 16 bits, 1 frames"),
        ({"SamplesPerPixel": 0}, "0 samples of 16 bits"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "palette of PALETTE COLOR is damaged or absent"),
        (
            {"ModalityLUTSequence": [item(LUTDescriptor=[2, 0, 16])]},
            "ModalityLUTSequence is damaged (TypeError)",
        ),
    ],
)
def test_what_is_not_understood_is_refused_with_its_element(elements, words):
    assert problem_of(dicom(RAMP, **elements)).detail.startswith(words)


def test_capitals_of_the_photometric_interpretation_do_not_matter():
    assert read(dicom(RAMP, PhotometricInterpretation="monochrome1")).inverted
