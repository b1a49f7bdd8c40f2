import numpy as np
import pytest

from radpipe.images.prepare.windows import (
    apply_clip,
    apply_linear,
    apply_linear_exact,
    apply_sigmoid,
    stretch,
    to_levels,
)


def levels(function, *values, window=(40.0, 80.0)):
    return to_levels(function(np.array(values, np.float64), *window)).tolist()


def test_linear_is_the_formula_of_the_standard():
    # ((x - 39.5) / 79 + 0.5) * 255; black up to 0, white above 79
    assert levels(apply_linear, -1000, 0, 1, 39.5, 40, 79, 80, 3000) == [0, 0, 3, 128, 129, 255, 255, 255]


def test_the_example_of_the_standard_for_linear():
    # PS3.3 C.11.2.1.2.1: center 2048, width 4096 maps 0..4095 to all grey levels
    assert levels(apply_linear, 0, 4095, window=(2048.0, 4096.0)) == [0, 255]


def test_linear_of_width_1_is_a_step():
    assert levels(apply_linear, 39, 39.5, 39.6, 40, window=(40.0, 1.0)) == [0, 0, 255, 255]


def test_linear_exact_is_the_formula_of_the_standard():
    # ((x - 40) / 80 + 0.5) * 255
    assert levels(apply_linear_exact, -1, 0, 20, 40, 60, 80, 81) == [0, 0, 64, 128, 191, 255, 255]


def test_sigmoid_is_the_formula_of_the_standard():
    # 255 / (1 + exp(-4 (x - 40) / 80)): 0.5 at the center, 1 / (1 + e^2) = 0.1192 at the lower end
    assert levels(apply_sigmoid, -10_000, 0, 40, 80, 100_000) == [0, 30, 128, 225, 255]


def test_clip_is_the_share_of_the_window():
    assert levels(apply_clip, -5, 0, 20, 40, 80, 90) == [0, 0, 64, 128, 255, 255]


@pytest.mark.parametrize(
    ("function", "width"), [(apply_linear, 0.5), (apply_linear_exact, 0), (apply_sigmoid, -1)]
)
def test_a_window_without_width_is_an_error(function, width):
    with pytest.raises(ValueError, match="Received"):
        function(np.zeros(2), 0.0, width)


def test_a_constant_image_stretches_to_black():
    assert levels(stretch, 7, 7, window=(7.0, 7.0)) == [0, 0]
