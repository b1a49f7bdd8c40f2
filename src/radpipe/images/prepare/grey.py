"""A picture -> the grey levels that training sees, as the section `image` of params.yaml says."""

from collections.abc import Callable
from functools import lru_cache, partial

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec
from radpipe.images.picture import Grey, Picture
from radpipe.images.prepare.windows import WINDOW_FUNCTIONS, Values, stretch, to_levels
from radpipe.images.problems import ImageProblem

STEP = 256  # levels; divides the number that 8 or 16 bits have
ROWS = 64  # of an image of more than 16 bits, scaled at once
Scale = Callable[[Values], Values]  # physical values -> 0..1


def to_grey(picture: Picture, spec: ImageSpec) -> Grey:
    """Turn physical values into grey levels.

    Parameters
    ----------
    picture : Picture
        Any image.
    spec : ImageSpec
        `grey`:

        - stored: the range of the stored bits. A PNG or JPEG file stays as it is.
        - window: `windows`, one channel each, by `window_function`.
        - file_window: the first window that the file names, by the function that it names; where it names
          none, its table (VOI LUT Sequence).
        - minmax: from the lowest to the highest value of the image.
        - percentile: between two percentiles of its values; from the lowest to the highest where these
          are one, as in an image that is nearly all background.

        `equalise` equalises the histogram of what comes out. MONOCHROME1 is inverted last. Padding counts
        for nothing of this, and is black.

    Returns
    -------
    (height, width, channels) uint8, or uint16 where a file of 16 bits stays as it is

    Raises
    ------
    ImageProblem
        If the file does not have what the section asks for.
    """
    if spec.grey == "stored" and picture.kind != "dicom":
        if not spec.equalise:
            return picture.grey[..., None]
        channels = [to_eight_bits(picture.grey)]
    else:
        channels = [apply_scale(picture, scale) for scale in SCALES[spec.grey](picture, spec)]
    blacken(channels, picture)
    if spec.equalise:
        channels = [cv2.equalizeHist(channel).view(np.uint8) for channel in channels]
    if picture.inverted:
        channels = [255 - channel for channel in channels]
        blacken(channels, picture)
    return channels[0][..., None] if len(channels) == 1 else np.dstack(channels)


def blacken(channels: list[NDArray[np.uint8]], picture: Picture) -> None:
    """Make padding black, in place.

    `channels`: (height, width) uint8 each.
    """
    if picture.padding is not None:
        for channel in channels:
            channel[picture.padding] = 0


def apply_scale(picture: Picture, scale: Scale) -> NDArray[np.uint8]:
    """Scale the physical values of a picture to (height, width) uint8."""
    stored = picture.stored
    if stored.dtype.kind == "f" or stored.dtype.itemsize > 2:
        grey = np.empty(stored.shape, np.uint8)
        for start in range(0, len(stored), ROWS):  # double precision for all would take 24 bytes a pixel
            values = (stored[start : start + ROWS] * picture.slope + picture.intercept).astype(np.float64)
            grey[start : start + ROWS] = to_levels(scale(values))
        return grey
    # A few thousand different levels make 262,144 pixels: scale each level once.
    lowest, highest = (level // STEP for level in picture.extremes)
    table = build_table(scale, picture.slope, picture.intercept, stored.dtype.itemsize, lowest, highest)
    return cv2.LUT(stored.view(f"u{stored.dtype.itemsize}"), table).view(np.uint8)


@lru_cache(maxsize=16)
def build_table(
    scale: Scale, slope: float, intercept: float, itemsize: int, first: int, last: int
) -> NDArray[np.uint8]:
    """Look up the grey of a level by its bits; the steps from first to last are filled.

    Slices of one scanner share it: a window is the same function for all of them.

    Returned (256,) or (65536,) uint8.
    """
    levels = np.arange(STEP * first, STEP * (last + 1))
    table = np.zeros(2 ** (8 * itemsize), np.uint8)
    physical = (levels * slope + intercept).astype(np.float64)
    table[levels.astype(f"u{itemsize}")] = to_levels(scale(physical))
    return table


def scale_by_stored_bits(picture: Picture, _: ImageSpec) -> list[Scale]:
    """Scale the range that the stored bits allow."""
    if picture.stored.dtype.kind == "i":
        raise ImageProblem("unsupported format", "signed levels have no black; set image.grey to a window")
    white = (2**picture.bits - 1) * picture.slope + picture.intercept
    return [partial(stretch, black=picture.intercept, white=white)]


def scale_by_windows(_: Picture, spec: ImageSpec) -> list[Scale]:
    """Apply the windows of params.yaml."""
    return [build_window(spec.window_function, window.center, window.width) for window in spec.windows]


def scale_by_file_window(picture: Picture, _: ImageSpec | None = None) -> list[Scale]:
    """Apply the first window of the file, or its table."""
    if picture.voi_lut is not None:
        return [picture.voi_lut]
    if not picture.windows:
        found = picture.no_window or "the file names none"
        raise ImageProblem("no window", f"{found}; set image.grey to another value")
    return [build_window(picture.window_function, *picture.windows[0])]


@lru_cache(maxsize=64)
def build_window(function: str, center: float, width: float) -> Scale:
    """Apply one window."""
    return lambda values: WINDOW_FUNCTIONS[function](values, center, width)


def scale_by_extremes(picture: Picture, _: ImageSpec | None = None) -> list[Scale]:
    """Scale from the lowest to the highest value."""
    return [scale_between(picture, *picture.extremes)]


def scale_by_percentiles(picture: Picture, spec: ImageSpec) -> list[Scale]:
    """Scale between two percentiles, each a level that the image holds."""
    low, high = np.percentile(picture.levels, spec.percentiles, method="inverted_cdf").tolist()
    return [scale_between(picture, low, high)] if low < high else scale_by_extremes(picture)


def scale_between(picture: Picture, low: float, high: float) -> Scale:
    """Scale from the darker to the brighter of two stored levels."""
    ends = (low * picture.slope + picture.intercept, high * picture.slope + picture.intercept)
    return partial(stretch, black=min(ends), white=max(ends))


def to_eight_bits(grey: Grey) -> NDArray[np.uint8]:
    """Scale 0..65535 to 0..255, rounded; 8 bits are returned as they are.

    `grey` (height, width) uint8 or uint16; returned (height, width) uint8.
    """
    if grey.dtype == np.uint8:
        return grey.view(np.uint8)
    return ((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)


SCALES: dict[str, Callable[[Picture, ImageSpec], list[Scale]]] = {
    "stored": scale_by_stored_bits,
    "window": scale_by_windows,
    "file_window": scale_by_file_window,
    "minmax": scale_by_extremes,
    "percentile": scale_by_percentiles,
}
