import cv2
import numpy as np
import pytest

from radpipe.images.picture import FileWindow, Picture
from radpipe.images.prepare.grey import to_grey
from radpipe.images.problems import ImageProblem

HEAD = (
    {"center": 40, "width": 80},
    {"center": 80, "width": 200},
    {"center": 40, "width": 380},
)


@pytest.fixture
def grey_of(image_spec):
    def make(stored, spec=None, **options):
        options = {"kind": "dicom", "bits": 16, **options}
        return to_grey(Picture(np.asarray(stored), **options), image_spec(**spec or {}))

    return make


def test_three_windows_are_three_channels(grey_of):
    # HU 10, 40, 80 stored with an offset of 1024; LINEAR_EXACT by hand, 10: 0.125, 0.15, 0.421
    grey = grey_of(
        np.array([[1034, 1064, 1104]], np.uint16),
        {"grey": "window", "windows": HEAD, "window_function": "linear_exact"},
        intercept=-1024.0,
    )
    assert grey.tolist() == [[[32, 38, 107], [128, 76, 128], [255, 128, 154]]]


def test_levels_of_32_bits_and_of_decimals_are_windowed_alike(grey_of):
    spec = {"grey": "window", "windows": HEAD[:1]}
    few = grey_of(np.array([[-5, 0, 17, 40, 99]], np.int16), spec)
    for dtype in (np.int32, np.float32):
        np.testing.assert_array_equal(grey_of(np.array([[-5, 0, 17, 40, 99]], dtype), spec), few)


def test_slices_of_other_ranges_share_a_window(grey_of):
    spec = {"grey": "window", "windows": HEAD[:1], "window_function": "linear_exact"}
    slices = [[-2000, 20], [20, 3071], [-32768, 32767], [255, 256]]
    greys = [grey_of(np.array([levels], np.int16), spec).ravel().tolist() for levels in slices]
    assert greys == [[0, 64], [64, 255], [0, 255], [255, 255]]  # 20: a quarter of 0 to 80


def test_the_file_s_own_window_and_function_are_used(grey_of):
    own = {"windows": (FileWindow(40, 80), FileWindow(0, 1)), "window_function": "sigmoid"}
    grey = grey_of(np.array([[0, 40, 80]], np.int16), {"grey": "file_window"}, **own)
    assert grey[..., 0].tolist() == [[30, 128, 225]]


def test_a_file_without_a_window_says_so(grey_of):
    with pytest.raises(ImageProblem, match="no window"):
        grey_of(np.array([[0, 1]], np.int16), {"grey": "file_window"})


def test_minmax_reaches_black_and_white(grey_of):
    grey = grey_of(np.array([[-3, 0, 3]], np.int16), {"grey": "minmax"})
    assert grey[..., 0].tolist() == [[0, 128, 255]]


def test_a_slope_below_zero_turns_the_levels_round(grey_of):
    grey = grey_of(np.array([[0, 10]], np.int16), {"grey": "minmax"}, slope=-1.0)
    assert grey[..., 0].tolist() == [[255, 0]]


def test_percentiles_leave_the_extremes_out(grey_of):
    # of 1..100 the 10th and 90th percentiles are 10 and 90
    grey = grey_of(np.arange(1, 101, dtype=np.int16)[None], {"grey": "percentile", "percentiles": (10, 90)})
    assert grey[0, [0, 9, 49, 89, 99], 0].tolist() == [0, 0, 128, 255, 255]


def test_an_image_of_background_and_little_else_is_not_black(grey_of):
    stored = np.zeros((20, 20), np.int16)
    stored[0, 0] = 9
    assert grey_of(stored, {"grey": "percentile"}).max() == 255


@pytest.mark.parametrize("grey", ["minmax", "percentile"])
def test_a_constant_image_survives(grey_of, grey):
    assert not grey_of(np.full((4, 4), 7, np.int16), {"grey": grey}).any()


def test_stored_scales_the_bits_that_the_file_uses(grey_of):
    assert grey_of(np.array([[0, 4095]], np.uint16), bits=12)[..., 0].tolist() == [[0, 255]]
    assert grey_of(np.array([[0, 99]], np.uint8), bits=8)[..., 0].tolist() == [[0, 99]]


def test_signed_levels_have_no_black_of_their_own(grey_of):
    with pytest.raises(ImageProblem, match="signed"):
        grey_of(np.array([[0, 1]], np.int16))


def test_monochrome1_is_inverted_last(grey_of):
    spec = {"grey": "window", "windows": HEAD[:1], "window_function": "linear_exact"}
    grey = grey_of(np.array([[0, 20, 80]], np.int16), spec, inverted=True)
    assert grey[..., 0].tolist() == [[255, 191, 0]]


def test_a_png_of_16_bits_stays_as_it_is(grey_of):
    stored = np.array([[0, 65535]], np.uint16)
    grey = grey_of(stored, kind="png")
    assert grey.dtype == np.uint16
    np.testing.assert_array_equal(grey[..., 0], stored)


def test_a_png_may_be_windowed_like_any_other(grey_of):
    spec = {"grey": "window", "windows": HEAD[:1], "window_function": "clip"}
    assert grey_of(np.array([[0, 40, 255]], np.uint8), spec, kind="png")[..., 0].tolist() == [[0, 128, 255]]


def test_equalising_spreads_the_histogram(grey_of):
    stored = np.repeat(np.arange(100, 104, dtype=np.uint8), 25).reshape(10, 10)
    grey = grey_of(stored, {"equalise": True}, kind="png")[..., 0]
    np.testing.assert_array_equal(grey, cv2.equalizeHist(stored))
    assert np.unique(grey).tolist() == [0, 85, 170, 255]
