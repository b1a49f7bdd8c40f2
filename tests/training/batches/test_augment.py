import numpy as np
import pytest

from radpipe.config.training import AugmentSpec, RareSpec
from radpipe.training.batches.augment import augment, change_grey, crop, rotate_and_zoom, warp

pytestmark = pytest.mark.keras
IMAGE = np.arange(36, dtype=np.uint8).reshape(6, 6, 1) * 7
OFF = AugmentSpec(brightness=0, contrast=0, crop=0, quarter_turns=False, mirror=False)


def on(**changes):
    return OFF.model_copy(update=changes)


def outcomes(spec):
    """Collect what 30 draws make of the image."""
    return {augment(IMAGE, spec, np.random.default_rng(seed))[0].tobytes() for seed in range(30)}


def test_everything_off_changes_nothing():
    assert outcomes(OFF) == {IMAGE.tobytes()}


def test_mirror_swaps_left_and_right_or_not():
    assert outcomes(on(mirror=True)) == {IMAGE.tobytes(), np.fliplr(IMAGE).tobytes()}


def test_a_mirrored_image_says_so():
    for seed in range(10):
        image, mirrored = augment(IMAGE, on(mirror=True), np.random.default_rng(seed))
        np.testing.assert_array_equal(image, np.fliplr(IMAGE) if mirrored else IMAGE)


def test_quarter_turns_take_four_positions():
    assert outcomes(on(quarter_turns=True)) == {np.rot90(IMAGE, turns).tobytes() for turns in range(4)}


def test_a_warp_by_90_degrees_is_a_quarter_turn_counter_clockwise():
    np.testing.assert_array_equal(warp(IMAGE, 90, 1), np.rot90(IMAGE))


def test_enlarging_keeps_the_middle_and_loses_the_edge():
    image = np.zeros((9, 9, 1), np.uint8)
    image[4, 4], image[0, 0] = 200, 100
    larger = warp(image, 0, 2)
    assert larger[4, 4] == 200
    assert larger[4, 5] == 100  # half way between the middle and its neighbour
    assert (larger != 100).sum() == 81 - 4


def test_rotation_and_zoom_of_zero_change_nothing():
    spec = RareSpec(findings=(), copies=1, rotation=0, zoom=0)
    np.testing.assert_array_equal(rotate_and_zoom(IMAGE, spec, np.random.default_rng(0)), IMAGE)


def test_a_crop_shows_the_part_it_kept():
    image = np.zeros((4, 4, 1), np.uint8)
    image[2:, 2:] = 80
    assert (crop(image, 0.5, left=1, top=1) == 80).all()
    assert (crop(image, 0.5, left=0, top=0) == 0).all()
    np.testing.assert_array_equal(crop(image, 1, left=0.3, top=0.9), image)


def test_contrast_works_around_the_mean_and_brightness_shifts():
    image = np.array([100, 200], np.uint8).reshape(1, 2, 1)
    assert change_grey(image, 0.5, 0).ravel().tolist() == [125, 175]
    assert change_grey(image, 1, -30).ravel().tolist() == [70, 170]


def test_grey_values_are_clipped_not_wrapped():
    image = np.array([10, 250], np.uint8).reshape(1, 2, 1)
    assert change_grey(image, 1, 20).ravel().tolist() == [30, 255]
    assert change_grey(image, 2, 0).ravel().tolist() == [0, 255]


def test_three_channels_stay_three_channels():
    image = np.repeat(IMAGE, 3, axis=2)
    changed, _ = augment(image, on(crop=0.4, contrast=0.2, quarter_turns=True), np.random.default_rng(1))
    assert changed.shape == (6, 6, 3)
    assert warp(image, 30, 1.1).shape == (6, 6, 3)
