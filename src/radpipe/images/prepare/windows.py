"""Physical values -> grey levels, by windows and by what the image itself holds.

Every function maps an array of any shape to 0..1: black to white.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def apply_linear(values: Values, center: float, width: float) -> Values:
    """Window LINEAR, DICOM's default (PS3.3 C.11.2.1.2.1); a width of 1 is a step at center - 0.5.

    `values` (...,) float64, of any shape; returned likewise.

    Examples
    --------
    >>> apply_linear(np.array([-100.0, 39.5, 80.0]), center=40, width=80).tolist()
    [0.0, 0.5, 1.0]
    """
    if width < 1:
        raise ValueError(f"The width of a LINEAR window must be 1 or more. Received: {width}")
    if width == 1:
        return np.where(values <= center - 0.5, 0.0, 1.0)
    return ((values - (center - 0.5)) / (width - 1) + 0.5).clip(0, 1)


def apply_linear_exact(values: Values, center: float, width: float) -> Values:
    """Window LINEAR_EXACT (PS3.3 C.11.2.1.3.2).

    `values` (...,) float64, of any shape; returned likewise.
    """
    if width <= 0:
        raise ValueError(f"The width of a window must be positive. Received: {width}")
    return ((values - center) / width + 0.5).clip(0, 1)


def apply_sigmoid(values: Values, center: float, width: float) -> Values:
    """Window SIGMOID (PS3.3 C.11.2.1.3.1); it reaches neither black nor white.

    `values` (...,) float64, of any shape; returned likewise.

    Examples
    --------
    >>> apply_sigmoid(np.array([40.0, 80.0]), center=40, width=80).round(3).tolist()
    [0.5, 0.881]
    """
    if width <= 0:
        raise ValueError(f"The width of a window must be positive. Received: {width}")
    exponents = (-4 * (values - center) / width).clip(-700, 700)  # exp(710) is infinite
    shares: Values = 1 / (1 + np.exp(exponents))
    return shares


def apply_clip(values: Values, center: float, width: float) -> Values:
    """Clip to the ends of the window and divide by its width, as competition notebooks do.

    Equal to LINEAR_EXACT but for rounding; a name of its own, so that who reproduces such a notebook
    finds it.

    `values` (...,) float64, of any shape; returned likewise.
    """
    return stretch(values, center - width / 2, center + width / 2)


def stretch(values: Values, black: float, white: float) -> Values:
    """Scale linearly from black to white; all black where the two are one, as in a constant image.

    `values` (...,) float64, of any shape; returned likewise.
    """
    if black == white:
        return np.zeros_like(values, dtype=np.float64)
    return ((values - black) / (white - black)).clip(0, 1)


def to_levels(shares: Values) -> NDArray[np.uint8]:
    """Scale 0..1 to 0..255, rounded half to even.

    `shares` (...,) float64, of any shape; returned likewise, uint8.

    Examples
    --------
    >>> to_levels(np.array([0.0, 0.5, 1.0])).tolist()
    [0, 128, 255]
    """
    levels: NDArray[np.uint8] = np.rint(255 * shares).astype(np.uint8)
    return levels


WINDOW_FUNCTIONS: dict[str, Callable[[Values, float, float], Values]] = {
    "linear": apply_linear,
    "linear_exact": apply_linear_exact,
    "sigmoid": apply_sigmoid,
    "clip": apply_clip,
}
