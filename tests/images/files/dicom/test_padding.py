import numpy as np
import pytest
from dicom_files import dicom, problem_of, read

from radpipe.images.files.reading import read_image
from radpipe.images.prepare.grey import to_grey
from radpipe.images.problems import ImageProblem

# Padding left, body of 0 to 500 right.
BODY = np.array([[0, 100, 200], [300, 400, 500]])


def padded(value, dtype):
    return np.hstack([np.full((2, 1), value), BODY]).astype(dtype)


MODES = {
    "minmax": {"grey": "minmax"},
    "percentile": {"grey": "percentile", "percentiles": (20, 80)},
    "window": {"grey": "window", "windows": ({"center": 250, "width": 500},)},
    "equalised": {"grey": "minmax", "equalise": True},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("value", "dtype", "vr"),
    [(-2000, "i2", "SS"), (63536, "u2", "US"), (-2000, "i2", "US"), (255, "u2", "US"), (250, "i4", "SS")],
)
def test_padding_counts_for_nothing_and_is_black(image_spec, mode, value, dtype, vr):
    levels = padded(value, dtype)
    element = (value & 0xFFFF).to_bytes(2, "little")
    content = dicom(levels, Modality="MR", PixelPaddingValue=element)
    assert vr in ("US", "SS")
    spec = image_spec(**MODES[mode])
    grey = to_grey(read(content), spec)[..., 0]
    assert not grey[:, 0].any()
    alone = to_grey(read(dicom(BODY.astype(dtype), Modality="MR")), spec)[..., 0]
    np.testing.assert_array_equal(grey[:, 1:], alone)


def test_padding_is_black_where_the_lowest_value_is_white(image_spec):
    content = dicom(padded(900, "u2"), PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=900)
    grey = to_grey(read(content), image_spec(grey="minmax"))[..., 0]
    assert grey.tolist() == [[0, 255, 204, 153], [0, 102, 51, 0]]


@pytest.mark.parametrize("limits", [(-2000, -1990), (-1990, -2000)])
def test_a_range_of_padding_lies_between_both_values(limits):
    levels = np.array([[-2000, -1995, -1990], [-1989, -2001, 0]], np.int16)
    first, last = ((value & 0xFFFF).to_bytes(2, "little") for value in limits)
    picture = read(dicom(levels, PixelPaddingValue=first, PixelPaddingRangeLimit=last))
    assert picture.padding.tolist() == [[True, True, True], [False, False, False]]
    assert picture.extremes == (-2001, 0)


def test_padding_is_a_stored_value_before_the_rescaling():
    content = dicom(padded(0, "u2") + 0, RescaleIntercept="-1024", PixelPaddingValue=500)
    assert read(content).padding.sum() == 1


def test_padding_above_the_stored_bits_is_found():
    # 12 bits are stored; the padding 63536 has 16, and is no value of the body
    levels = padded(63536, "u2")
    picture = read(dicom(levels, Modality="MR", BitsStored=12, PixelPaddingValue=63536))
    assert picture.padding.tolist() == [[True, False, False, False]] * 2


def test_without_padded_pixels_there_is_no_padding():
    assert read(dicom(BODY.astype("i2"), PixelPaddingValue=b"\x30\xf8")).padding is None
    assert read(dicom(BODY.astype("i2"))).padding is None


def test_padding_alone_is_no_image():
    problem = problem_of(dicom(np.full((2, 2), 7, np.uint16), PixelPaddingValue=7))
    assert (problem.reason, problem.detail) == ("constant", "every pixel is padding (PixelPaddingValue 7)")


def test_a_body_of_one_value_is_constant_whatever_its_padding(tmp_path):
    path = tmp_path / "one.dcm"
    path.write_bytes(dicom(np.array([[5, 9], [9, 9]], np.uint16), PixelPaddingValue=5))
    with pytest.raises(ImageProblem, match="constant: every pixel is 9"):
        read_image(path, 100)


def test_a_limit_without_a_value_is_refused():
    problem = problem_of(dicom(BODY.astype("i2"), PixelPaddingRangeLimit=b"\x30\xf8"))
    assert problem.detail == "PixelPaddingRangeLimit without PixelPaddingValue"
