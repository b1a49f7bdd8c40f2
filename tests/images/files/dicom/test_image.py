from contextlib import suppress

import numpy as np
import pytest
from dicom_files import dicom, problem_of, read, shipped, table

from radpipe.images.picture import FileWindow
from radpipe.images.prepare.grey import to_grey
from radpipe.images.problems import ImageProblem

WITH_END_MARK = ("JPEG2000.dcm", "MR_small_jpeg_ls_lossless.dcm", "JPGExtended.dcm")
RAMP = np.arange(6, dtype=np.int16).reshape(2, 3) * 100


def test_values_are_slope_times_level_plus_intercept():
    picture = read(dicom(RAMP, RescaleSlope="2", RescaleIntercept="-1024"))
    assert picture.values.dtype == np.float32
    assert picture.values.tolist() == [[-1024, -824, -624], [-424, -224, -24]]


def test_a_file_without_rescale_stores_physical_values():
    np.testing.assert_array_equal(read(dicom(RAMP)).values, RAMP)


def test_signed_levels_stay_signed():
    assert read(dicom(np.array([[-5, 7]], np.int16))).stored.tolist() == [[-5, 7]]


def test_unsigned_levels_above_32767_stay_positive():
    assert read(dicom(np.array([[65535, 7]], np.uint16))).stored.tolist() == [[65535, 7]]


@pytest.mark.parametrize(("kind", "level"), [("u2", 0x0FFF), ("i2", -1)])
def test_bits_above_the_stored_ones_are_ignored(kind, level):
    # 0xFFFF: an overlay in bits 12 to 15 of an unsigned level; of a signed one, its sign
    content = dicom(np.array([[0xFFFF, 5]], np.uint16).view(kind), BitsStored=12, Modality="MR")
    assert read(content).stored.tolist() == [[level, 5]]


@pytest.mark.parametrize(
    ("stored", "hounsfield"), [(0, 0), (40, 40), (3095, 3095), (3096, -1000), (4095, -1), (3136, -960)]
)
def test_12_bit_ct_gets_its_lost_intercept_back(stored, hounsfield):
    # (stored + 1000, wrapped at 4096) - 1000
    levels = np.array([[stored, 1]], np.uint16)
    picture = read(dicom(levels, BitsStored=12, RescaleSlope="1", RescaleIntercept="0"))
    assert picture.values[0, 0] == hounsfield


@pytest.mark.parametrize(
    "elements",
    [
        {"RescaleIntercept": "-1024"},
        {"RescaleIntercept": "-100"},
        {"RescaleIntercept": "0", "Modality": "MR"},
        {"RescaleIntercept": "0", "BitsStored": 16},
        {"RescaleIntercept": "0", "PixelRepresentation": 1},
    ],
)
def test_no_other_file_is_shifted(elements):
    levels = np.array([[1000, 1]], np.uint16)
    picture = read(dicom(levels, **{"BitsStored": 12, "RescaleSlope": "1", **elements}))
    assert picture.stored.tolist() == [[1000, 1]]


@pytest.mark.parametrize(("bits", "kind"), [(8, np.uint8), (16, np.uint16)])
def test_the_table_of_a_modality_has_a_white_of_its_own(bits, kind, image_spec):
    # 12 stored bits, of which a table makes 8 or 16: white is white in both
    levels = np.array([[0, 2730, 4095]], np.uint16)
    rising = np.arange(4096) * (2**bits - 1) // 4095
    content = dicom(levels, BitsStored=12, Modality="CR", ModalityLUTSequence=[table(rising, bits=bits)])
    picture = read(content)
    assert (picture.stored.tolist(), picture.bits) == ([[0, rising[2730], 2**bits - 1]], bits)
    assert to_grey(picture, image_spec(grey="stored"))[..., 0].tolist() == [[0, 170, 255]]


def test_the_table_of_a_modality_starts_where_it_says():
    levels = np.array([[-5, -1, 0, 9]], np.int16)
    content = dicom(levels, ModalityLUTSequence=[table([7, 8, 9], first=-2, vr="SS")])
    assert read(content).values.tolist() == [[7, 8, 9, 9]]


def test_an_empty_element_costs_no_file():
    content = dicom(RAMP, ModalityLUTSequence=[], FloatPixelData=b"", PixelDataProviderURL="")
    assert read(content).stored.tolist() == RAMP.tolist()


def test_monochrome1_is_said_and_the_levels_stay():
    picture = read(dicom(RAMP, PhotometricInterpretation="MONOCHROME1"))
    assert picture.inverted
    np.testing.assert_array_equal(picture.stored, RAMP)


def test_windows_are_pairs_of_the_same_index():
    picture = read(dicom(RAMP, WindowCenter=["40", "80"], WindowWidth=["80", "200"]))
    assert picture.windows == (FileWindow(40, 80), FileWindow(80, 200))
    assert read(dicom(RAMP, WindowCenter="40", WindowWidth="80")).windows == (FileWindow(40, 80),)


def test_a_window_of_no_width_is_none():
    assert read(dicom(RAMP, WindowCenter=["40", "50"], WindowWidth=["0", "9"])).windows == (
        FileWindow(50, 9),
    )
    assert read(dicom(RAMP)).windows == ()


def test_the_function_of_the_window_is_kept():
    assert read(dicom(RAMP, VOILUTFunction="SIGMOID")).window_function == "sigmoid"
    assert read(dicom(RAMP)).window_function == "linear"


def test_spacing_is_between_rows_then_columns():
    assert read(dicom(RAMP, PixelSpacing=["0.5", "0.25"])).spacing == (0.5, 0.25)
    assert read(dicom(RAMP, ImagerPixelSpacing=["0.5", "0.25"])).spacing == (0.5, 0.25)
    assert read(dicom(RAMP)).spacing is None


def test_a_decimal_longer_than_16_characters_is_read():
    long = b"0.14300000000000002\\0.143000000000000020 "
    content = dicom(RAMP, PixelSpacing=["0.5", "0.25"])
    content = content.replace(b"\x08\x000.5\\0.25", bytes([len(long), 0]) + long)
    assert read(content).spacing == (0.14300000000000002, 0.14300000000000002)


def test_frames_are_read_one_by_one():
    frames = np.stack([RAMP, RAMP + 1])
    content = dicom(frames, NumberOfFrames=2)
    assert problem_of(content).reason == "several frames"
    np.testing.assert_array_equal(read(content, frame=1).stored, RAMP + 1)
    assert problem_of(content, frame=2).detail == "frame 2 of 2"


def test_a_compressed_frame_is_read_by_its_index():
    first, second = (read(shipped("SC_rgb_rle_2frame.dcm"), frame=frame).stored for frame in (0, 1))
    np.testing.assert_array_equal(first, read(shipped("SC_rgb_rle.dcm")).stored)
    np.testing.assert_array_equal(second, 255 - first)


def test_pixels_that_end_early_are_truncated():
    content = dicom(np.zeros((512, 512), np.int16))
    problem = problem_of(content[: len(content) - 524_288 + 153_710])
    assert (problem.reason, problem.detail) == ("truncated", "153710 of 524288 pixel bytes")


def test_no_length_of_a_file_crashes():
    content = dicom(RAMP, RescaleSlope="1", RescaleIntercept="-1024")
    reasons = {problem_of(content[:length]).reason for length in range(132, len(content))}
    assert reasons <= {"truncated", "no pixels", "unreadable", "unsupported format"}


def test_no_flipped_byte_crashes():
    windows = {"WindowCenter": "4", "WindowWidth": "8"}
    content = bytearray(dicom(RAMP, RescaleSlope="1", RescaleIntercept="-1024", **windows))
    for position in range(132, len(content) - RAMP.nbytes):
        content[position] ^= 0x55
        with suppress(ImageProblem):
            read(bytes(content), max_pixels=1000)
        content[position] ^= 0x55


@pytest.mark.parametrize("name", [*WITH_END_MARK, "MR_small_RLE.dcm"])
def test_compressed_pixels_that_end_early_are_truncated(name):
    content = shipped(name)
    first, last = content.index(b"\xe0\x7f\x10\0"), content.rindex(b"\xfe\xff\xdd\xe0")
    for end in np.linspace(first + 20, last, 7, dtype=int):
        assert problem_of(content[:end]).reason == "truncated"


@pytest.mark.parametrize("name", WITH_END_MARK)
def test_a_codestream_without_its_end_mark_is_truncated(name):
    content = shipped(name)
    end = content.rindex(b"\xff\xd9")
    assert problem_of(content[:end] + b"\1\1" + content[end + 2 :]).reason == "truncated"


def test_an_image_above_the_limit_is_never_decoded(monkeypatch):
    monkeypatch.setattr("radpipe.images.files.dicom.frames.decode_frame", lambda *_: pytest.fail("decoded"))
    problem = problem_of(shipped("JPEG2000.dcm"), max_pixels=1024 * 256 - 1)
    assert (problem.reason, problem.detail) == ("too large", "256 x 1024 px, more than max_pixels = 262143")
    assert problem_of(shipped("examples_ybr_color.dcm"), max_pixels=320 * 240).reason == "too large"


def test_a_header_may_not_claim_more_than_there_is():
    content = dicom(RAMP, Rows=60_000, Columns=60_000)
    assert problem_of(content).reason == "too large"
    assert problem_of(content, max_pixels=10**10).reason == "truncated"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("test-SR.dcm", "wrong modality"),
        ("rtplan.dcm", "wrong modality"),
        ("rtdose_1frame.dcm", "wrong modality"),
        ("liver_1frame.dcm", "wrong modality"),
        ("waveform_ecg.dcm", "wrong modality"),
        ("rtstruct.dcm", "wrong modality"),
        ("dicomdirtests/DICOMDIR", "no pixels"),
        ("MR_truncated.dcm", "truncated"),
        ("SC_rgb_rle_2frame.dcm", "several frames"),
        ("JPEG2000-embedded-sequence-delimiter.dcm", "unreadable"),
        ("SC_rgb_rle_32bit.dcm", "unsupported format"),
    ],
)
def test_what_is_no_picture_of_a_patient_has_its_reason(name, reason):
    assert problem_of(shipped(name)).reason == reason


def test_an_unknown_transfer_syntax_is_unsupported():
    content = dicom(RAMP).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0")
    assert problem_of(content).reason in ("unsupported format", "unreadable")


@pytest.mark.parametrize("length", [10, 200, 400])
def test_no_detail_repeats_what_the_file_says_of_the_patient(length):
    content = dicom(RAMP, PatientName="Secret", PatientID="Secret", RescaleSlope=b"x", NumberOfFrames=b"y")
    for broken in (content, content[:-length], content[: 400 + length]):
        assert "Secret" not in problem_of(broken).detail
