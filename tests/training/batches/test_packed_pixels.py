import numpy as np
import pytest

from radpipe.errors import DataError
from radpipe.training.batches.pixels import open_pixels, read_rows, refuse_other_size

pytestmark = pytest.mark.keras


@pytest.fixture
def path(tmp_path):
    np.save(tmp_path / "pixels.npy", np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3, 1))
    return tmp_path / "pixels.npy"


def test_rows_come_in_the_order_asked_for(path):
    images = read_rows(open_pixels(path), np.array([3, 0, 3]))
    assert images.shape == (3, 2, 3, 1)
    assert images[:, 0, 0, 0].tolist() == [18, 0, 18]
    assert images[1].ravel().tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("row", [-1, 5])
def test_a_row_that_is_not_in_the_file_is_an_error(path, row):
    with pytest.raises(DataError, match=rf"pixels.npy: no image {row}, expected 0 to 4"):
        read_rows(open_pixels(path), np.array([row]))


def test_an_absent_file_names_the_step_that_makes_it(tmp_path):
    with pytest.raises(DataError, match=r"pixels.npy: not found.*run the step `pack`"):
        open_pixels(tmp_path / "pixels.npy")


def test_a_truncated_file_is_an_error(path):
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"pixels.npy: damaged or of another format"):
        open_pixels(path)


def test_floats_are_refused(tmp_path):
    np.save(tmp_path / "pixels.npy", np.zeros((2, 4, 4, 1)))
    with pytest.raises(DataError, match=r"found float64 of shape \(2, 4, 4, 1\), expected uint8"):
        open_pixels(tmp_path / "pixels.npy")


def test_images_of_another_size_are_one_line(tmp_path, image_spec):
    path = tmp_path / "pixels.npy"
    np.save(path, np.zeros((2, 64, 64, 1), np.uint8))
    assert refuse_other_size(open_pixels(path), image_spec(size=64)).shape == (2, 64, 64, 1)
    with pytest.raises(DataError, match=r"images of \(64, 64, 1\), the section image says \(32, 32, 1\)"):
        refuse_other_size(open_pixels(path), image_spec(size=32))
