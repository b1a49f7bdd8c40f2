import numpy as np
import pytest

from radpipe.data.pixel_statistics import compute_statistics
from radpipe.errors import DataError


def test_mean_and_deviation_are_those_of_the_chosen_rows_alone():
    pixels = np.zeros((3, 2, 2, 1), np.uint8)
    pixels[1] = [[[0], [255]], [[255], [0]]]
    pixels[2] = 200
    found = compute_statistics(pixels, np.array([1]))
    assert found == {"mean": [127.5], "std": [127.5], "images": 1}


def test_channels_are_measured_apart_and_agree_with_numpy():
    pixels = np.random.default_rng(0).integers(0, 256, (700, 4, 4, 2), dtype=np.uint8)
    found = compute_statistics(pixels, np.arange(700)[::-1])
    np.testing.assert_allclose(found["mean"], pixels.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(found["std"], pixels.std(axis=(0, 1, 2)))


def test_pixels_that_do_not_vary_are_an_error():
    with pytest.raises(DataError, match="do not vary"):
        compute_statistics(np.full((2, 2, 2, 1), 7, np.uint8), np.array([0, 1]))


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((2, 4, 4, 1), np.float32), np.zeros((2, 4, 4), np.uint8), np.zeros((1, 4, 4, 1), np.uint8)],
)
def test_pixels_that_pack_did_not_write_are_one_line(pixels):
    with pytest.raises(DataError, match="pixels.npy: found .* expected uint8"):
        compute_statistics(pixels, np.array([0, 1]))
