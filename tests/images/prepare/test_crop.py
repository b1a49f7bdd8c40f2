import numpy as np
import pytest

from radpipe.config.data import Crop
from radpipe.images.picture import Picture
from radpipe.images.prepare.crop import Region, cut_out, find_region
from radpipe.images.prepare.square import prepare
from radpipe.images.problems import ImageProblem

LEVELS = np.arange(1, 49, dtype=np.uint8).reshape(6, 8)


def cut(size, mark, unit="px", spacing=None):
    picture = Picture(LEVELS, "png", 8, spacing=spacing)
    return cut_out(LEVELS[..., None], find_region(picture, Crop(size=size, unit=unit), mark))[..., 0]


def test_the_mark_is_the_centre():
    np.testing.assert_array_equal(cut(4, (3, 2)), LEVELS[0:4, 1:5])


def test_the_region_is_named_and_without_a_crop_is_the_image():
    picture = Picture(LEVELS, "png", 8, spacing=(0.5, 1.0))
    assert find_region(picture, None, None) == Region(0, 0, 8, 6)
    assert find_region(picture, Crop(size=4, unit="px"), (3, 1)) == Region(1, -1, 4, 4)
    assert find_region(picture, Crop(size=2, unit="mm"), (3, 2)) == Region(2, 0, 2, 4)


def test_what_lies_beyond_the_border_is_black():
    found = cut(4, (0, 0))
    assert not found[:2].any()
    assert not found[:, :2].any()
    np.testing.assert_array_equal(found[2:, 2:], LEVELS[:2, :2])
    found = cut(4, (8, 6))
    np.testing.assert_array_equal(found[:2, :2], LEVELS[4:, 6:])
    assert not found[2:].any()


def test_a_crop_larger_than_the_image_holds_all_of_it():
    found = cut(20, (4, 3))
    assert found.shape == (20, 20)
    np.testing.assert_array_equal(found[7:13, 6:14], LEVELS)


def test_millimetres_are_divided_by_the_spacing_of_rows_and_of_columns():
    # 2 mm are 4 rows of 0.5 mm and 2 columns of 1 mm
    np.testing.assert_array_equal(cut(2, (3, 2), "mm", (0.5, 1.0)), LEVELS[0:4, 2:4])


def test_millimetres_need_a_spacing():
    with pytest.raises(ImageProblem, match="no pixel spacing"):
        cut(2, (3, 2), "mm")


def test_a_spacing_near_zero_does_not_fill_the_memory():
    with pytest.raises(ImageProblem, match="too large"):
        cut(50, (3, 2), "mm", (1e-7, 1e-7))


@pytest.mark.parametrize("mark", [None, (-1, 2), (3, 7), (9, 0)])
def test_a_mark_outside_the_image_is_none(mark):
    with pytest.raises(ImageProblem, match="no mark"):
        cut(4, mark)


def test_the_crop_is_resized_to_the_square(image_spec):
    spec = image_spec(crop=Crop(size=4, unit="px"), interpolation="linear")
    square = prepare(Picture(np.full((9, 9), 80, np.uint8), "png", 8), spec, (4, 4))
    assert square.shape == (32, 32, 1)
    assert (square == 80).all()
