import numpy as np
import pandas as pd
import pytest

from radpipe.images.prepare.crop import Region, cut_out
from radpipe.images.prepare.resize import move_boxes, move_points, to_square


def test_pad_keeps_the_shape_and_centres_it(image_spec):
    white = np.full((16, 64), 255, np.uint8)  # halved: 8 x 32, so 12 black lines above and below
    square = to_square(white, image_spec(size=32))
    assert square.shape == (32, 32)
    assert (square[12:20] == 255).all()
    assert square.sum() == 8 * 32 * 255


def test_the_odd_line_of_the_border_goes_below_and_right(image_spec):
    wide = to_square(np.full((33, 64), 255, np.uint8), image_spec(size=64))
    assert np.flatnonzero(wide[:, 0])[[0, -1]].tolist() == [15, 47]  # 15 above, 16 below
    high = to_square(np.full((64, 33), 255, np.uint8), image_spec(size=64))
    np.testing.assert_array_equal(high, wide.T)


def test_stretch_fills_the_square(image_spec):
    assert (to_square(np.full((16, 64), 9, np.uint8), image_spec(fit="stretch")) == 9).all()


def test_area_averages_the_pixels_that_fall_into_one(image_spec):
    checks = np.tile(np.array([[0, 100], [200, 100]], np.uint8), (32, 32))
    assert (to_square(checks, image_spec(size=32)) == 100).all()


def test_area_enlarges_like_linear(image_spec):
    small = np.random.default_rng(0).integers(0, 256, (20, 20), np.uint8)
    linear = to_square(small, image_spec(interpolation="linear"))
    np.testing.assert_array_equal(to_square(small, image_spec(interpolation="area")), linear)
    assert (to_square(small, image_spec(interpolation="cubic")) != linear).any()


def test_an_image_of_the_right_size_is_copied(image_spec):
    grey = np.random.default_rng(0).integers(0, 256, (32, 32), np.uint8)
    square = to_square(grey, image_spec())
    np.testing.assert_array_equal(square, grey)
    assert not np.shares_memory(square, grey)


@pytest.mark.parametrize(
    ("level", "expected"), [(0, 0), (128, 0), (129, 1), (257, 1), (32768, 128), (65535, 255)]
)
def test_sixteen_bits_become_eight_over_the_whole_range(image_spec, level, expected):
    assert (to_square(np.full((32, 32), level, np.uint16), image_spec()) == expected).all()


def test_one_pixel_survives_an_extreme_shape(image_spec):
    assert to_square(np.full((1, 1000), 255, np.uint8), image_spec()).sum() == 32 * 255


def box(x, y, width, height):
    return pd.DataFrame(
        {"target": ["Mass"], "x": [x], "y": [y], "width": [width], "height": [height]}
    ).astype(dict.fromkeys(("x", "y", "width", "height"), "float32"))


def test_boxes_move_with_a_padded_image(image_spec):
    # 64 x 16 px into 32: scale 1/2, 12 lines above.
    moved = move_boxes(box(10, 4, 20, 8), 64, 16, image_spec(size=32))
    pd.testing.assert_frame_equal(moved, box(5, 14, 10, 4))


def test_boxes_move_with_a_stretched_image(image_spec):
    moved = move_boxes(box(10, 4, 20, 8), 64, 16, image_spec(size=32, fit="stretch"))
    pd.testing.assert_frame_equal(moved, box(5, 8, 10, 16))


def test_boxes_move_with_a_crop_and_end_where_it_ends(image_spec):
    # A crop of 40 x 20 px from (30, 10) on, into 80: scale 2, and padded by 20 lines above.
    spec = image_spec(size=80)
    boxes = pd.concat([box(40, 15, 10, 5), box(20, 0, 20, 15), box(60, 28, 50, 50), box(0, 0, 30, 90)])
    moved = move_boxes(boxes, 40, 20, spec, (30, 10))
    expected = pd.concat([box(20, 30, 20, 10), box(0, 20, 20, 10), box(60, 56, 20, 4)])
    pd.testing.assert_frame_equal(moved, expected)  # the last one lies outside
    # Stretched, 20 lines become 80: scale 2 across and 4 down.
    moved = move_boxes(boxes, 40, 20, image_spec(size=80, fit="stretch"), (30, 10))
    pd.testing.assert_frame_equal(moved.iloc[:1], box(20, 20, 20, 20))


def test_a_box_beyond_the_image_ends_with_it(image_spec):
    pd.testing.assert_frame_equal(
        move_boxes(box(-8, 4, 100, 8), 64, 16, image_spec(size=32)), box(0, 14, 32, 4)
    )
    assert move_boxes(box(64, 4, 5, 5), 64, 16, image_spec(size=32)).empty


def test_points_move_with_the_crop_and_stay_on_it(image_spec):
    points = np.array([[50.0, 20.0], [0.0, 99.0]])
    np.testing.assert_array_equal(
        move_points(points, 40, 20, image_spec(size=80), (30, 10)), [[40, 40], [0, 60]]
    )


@pytest.mark.parametrize("fit", ["pad", "stretch"])
def test_a_box_in_a_crop_encloses_what_it_enclosed(image_spec, fit):
    grey = np.zeros((96, 160), np.uint8)
    grey[40:60, 80:120] = 255
    spec = image_spec(size=40, fit=fit)
    region = Region(70, 30, 64, 48)
    sides = move_boxes(box(80, 40, 40, 20), 64, 48, spec, (70, 30))[["x", "y", "width", "height"]]
    left, top, width, height = sides.iloc[0].round().astype(int)
    square = to_square(cut_out(grey[..., None], region), spec)
    assert square[top : top + height, left : left + width].sum() >= 0.9 * square.sum() > 0


@pytest.mark.parametrize("fit", ["pad", "stretch"])
def test_a_moved_box_encloses_what_it_enclosed(image_spec, fit):
    grey = np.zeros((96, 160), np.uint8)
    grey[40:60, 80:120] = 255
    spec = image_spec(size=40, fit=fit)
    left, top, width, height = (
        move_boxes(box(80, 40, 40, 20), 160, 96, spec)[["x", "y", "width", "height"]]
        .iloc[0]
        .round()
        .astype(int)
    )
    square = to_square(grey, spec)
    assert square[top : top + height, left : left + width].sum() >= 0.9 * square.sum()


def test_no_boxes_stay_no_boxes(image_spec):
    assert move_boxes(box(1, 2, 3, 4).iloc[:0], 64, 16, image_spec()).empty
