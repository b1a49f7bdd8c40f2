"""One image for a person to look at: its header as lines of text, its pixels and boxes as a PNG."""

import os
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.images.files import Grey, pixel_hash, read_grey
from radpipe.images.headers import Header, read_header
from radpipe.images.problems import ImageProblem
from radpipe.images.resize import to_eight_bits
from radpipe.index import BOX_COLUMNS, no_boxes
from radpipe.outputs import whole

LARGEST = 100_000_000  # px; a person who asks for one image may wait for it
COLOURS = ((0, 215, 255), (255, 191, 0), (71, 99, 255), (127, 255, 0), (255, 105, 180))  # blue, green, red
CHANNELS = {1: "grey", 2: "grey and transparency", 3: "colour", 4: "colour and transparency"}


def show(image: Path, boxes: Path | None, output: Path, max_pixels: int = LARGEST) -> None:
    """Print what an image holds and draw it.

    Parameters
    ----------
    image : Path
        A PNG or JPEG file; the file name is its image_id.
    boxes : Path or None
        The table index/boxes.parquet of a dataset, or no boxes.
    output : Path
        The PNG written.
    max_pixels : int
        Largest image decoded [px].

    Raises
    ------
    DataError
        If the image cannot be used, or `boxes` is no table of boxes.
    """
    print(describe(image, max_pixels))
    found = no_boxes() if boxes is None else read_boxes(boxes, image)
    draw(image, found, output, max_pixels)
    print(f"boxes      {len(found)}, drawn in {output}")


def read_boxes(boxes: Path, image: Path) -> pd.DataFrame:
    """Return the boxes of one image, or raise DataError if the file is no table of boxes."""
    try:
        table = pd.read_parquet(boxes, columns=list(BOX_COLUMNS))
    except (OSError, ValueError):
        raise DataError(
            f"{boxes}: not a table of boxes, expected index/boxes.parquet of a dataset's results"
        ) from None
    return table[table["image_id"].isin([image.name, image.stem])]


def describe(path: str | os.PathLike[str], max_pixels: int) -> str:
    """Say in a few lines what a file holds, or why it cannot be used; its name is not repeated.

    Parameters
    ----------
    path : path
        A PNG or JPEG file.
    max_pixels : int
        Largest image decoded [px].
    """
    lines = []
    try:
        lines += header_lines(read_header(path), Path(path).stat().st_size)
        lines += pixel_lines(read_grey(path, max_pixels))
    except ImageProblem as problem:
        lines += [f"rejected   {problem.reason}: {problem.detail}"]
    return "\n".join(lines)


def header_lines(header: Header, size: int) -> list[str]:
    """Describe a file of `size` bytes by its header."""
    return [
        f"format     {header.kind.upper()}, {size:,} bytes",
        f"size       {header.width} x {header.height} px (width x height)",
        f"samples    {header.channels} ({CHANNELS[header.channels]}), {header.bit_depth} bits each",
    ]


def pixel_lines(grey: Grey) -> list[str]:
    """Describe the grey levels that training sees."""
    return [
        f"grey       {grey.min()} to {grey.max()}, mean {grey.mean():.1f}, {grey.dtype}",
        f"sha256     {pixel_hash(grey)} (of the grey levels)",
    ]


def draw(path: str | os.PathLike[str], boxes: pd.DataFrame, output: Path, max_pixels: int) -> None:
    """Write a PNG of the image at its own size, with its boxes and their targets drawn in colour.

    Parameters
    ----------
    path : path
        A PNG or JPEG file.
    boxes : DataFrame
        The boxes of this image: target, x, y, width, height [px of the image]; may have no rows.
    output : Path
        The PNG, written whole or not at all.
    max_pixels : int
        Largest image decoded [px].

    Raises
    ------
    ImageProblem
        If the image cannot be used.
    """
    picture = with_boxes(to_eight_bits(read_grey(path, max_pixels)), boxes)
    with whole(output) as draft:
        draft.write_bytes(cv2.imencode(".png", picture)[1].tobytes())


def with_boxes(grey: NDArray[np.uint8], boxes: pd.DataFrame) -> NDArray[np.uint8]:
    """Draw boxes on an image.

    Parameters
    ----------
    grey : (height, width) uint8
        The image.
    boxes : DataFrame
        target, x, y, width, height [px]; one colour for each target.

    Returns
    -------
    (height, width, 3) uint8
        Blue, green, red.
    """
    picture = np.repeat(grey[:, :, None], 3, axis=2)
    line = max(1, round(max(grey.shape) / 400))  # as thick as it looks good on a screen
    targets = sorted(boxes["target"].unique())
    places = boxes[["x", "y", "width", "height"]].to_numpy(np.float64)
    corners = np.rint(np.hstack([places[:, :2], places[:, :2] + places[:, 2:]])).astype(int)
    for target, (left, top, right, bottom) in zip(boxes["target"], corners.tolist(), strict=True):
        colour = COLOURS[targets.index(target) % len(COLOURS)]
        cv2.rectangle(picture, (left, top), (right, bottom), colour, line)
        write_name(picture, target, (left, top), line, colour)
    return picture


def write_name(
    picture: NDArray[np.uint8], name: str, corner: tuple[int, int], line: int, colour: tuple[int, int, int]
) -> None:
    """Write a name above a corner of a box, or below it where the picture ends."""
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.3 * (1 + line)
    (_, height), _ = cv2.getTextSize(name, font, scale, line)
    left, top = corner
    baseline = top - 2 * line if top - 2 * line >= height else top + height + 2 * line
    cv2.putText(picture, name, (left, baseline), font, scale, colour, line, cv2.LINE_AA)
