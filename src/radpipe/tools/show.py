"""One image for a person to look at: its header as lines of text, its pixels and boxes as a PNG."""

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.index import BOX_COLUMNS, build_empty_boxes
from radpipe.errors import DataError
from radpipe.images.files.headers import Header, read_header
from radpipe.images.files.reading import hash_pixels, read_image
from radpipe.images.header_table import read_header_facts
from radpipe.images.picture import Picture
from radpipe.images.prepare.grey import apply_scale, scale_by_extremes, scale_by_file_window, to_eight_bits
from radpipe.images.problems import ImageProblem
from radpipe.outputs.receipts import refuse_foreign_file
from radpipe.outputs.writing import write_whole

MARK = b"Software\0radpipe show"
IHDR_END = 33  # bytes of a PNG: its signature and its first chunk
LARGEST_IMAGE = 100_000_000  # px; a person who asks for one image may wait for it
COLOURS = ((0, 215, 255), (255, 191, 0), (71, 99, 255), (127, 255, 0), (255, 105, 180))  # blue, green, red
CHANNELS = {1: "grey", 2: "grey and transparency", 3: "colour", 4: "colour and transparency"}


def show(image: Path, boxes: Path | None, output: Path, max_pixels: int = LARGEST_IMAGE) -> None:
    """Print what an image holds and draw it.

    Parameters
    ----------
    image : Path
        A PNG, JPEG or DICOM file; the file name is its image_id.
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
    refuse_foreign_file(output, is_drawing)
    print(format_image(image, max_pixels))
    found = build_empty_boxes() if boxes is None else read_boxes(boxes, image)
    draw_image(image, found, output, max_pixels)
    print(f"boxes      {len(found)}, drawn in {output}")


def is_drawing(path: Path) -> bool:
    """Return whether a PNG was drawn here."""
    with path.open("rb") as stream:
        return MARK in stream.read(200)


def mark(png: bytes) -> bytes:
    """Put a chunk of text behind the first chunk of a PNG: the software that wrote it."""
    content = b"tEXt" + MARK
    chunk = struct.pack(">I", len(MARK)) + content + struct.pack(">I", zlib.crc32(content))
    return png[:IHDR_END] + chunk + png[IHDR_END:]


def read_boxes(boxes: Path, image: Path) -> pd.DataFrame:
    """Return the boxes of one image, or raise DataError if the file is no table of boxes."""
    try:
        table = pd.read_parquet(boxes, columns=list(BOX_COLUMNS))
    except (OSError, ValueError):
        raise DataError(
            f"{boxes}: not a table of boxes, expected index/boxes.parquet of a dataset's results"
        ) from None
    return table[table["image_id"].isin([image.name, image.stem])]


def format_image(path: str | os.PathLike[str], max_pixels: int) -> str:
    """Return in a few lines what a file contains, or why it cannot be used; its name is not repeated.

    Parameters
    ----------
    path : path
        A PNG, JPEG or DICOM file.
    max_pixels : int
        Largest image decoded [px].
    """
    lines = []
    try:
        header = read_header(path)
        lines += format_header(header, Path(path).stat().st_size)
        if header.kind == "dicom":
            lines += [format_acquisition(path)]
        lines += format_pixels(read_image(path, max_pixels))
    except ImageProblem as problem:
        lines += [f"rejected   {problem.reason}: {problem.detail}"]
    return "\n".join(lines)


def format_header(header: Header, size: int) -> list[str]:
    """Describe a file of `size` bytes by its header."""
    return [
        f"format     {header.kind.upper()}, {size:,} bytes",
        f"size       {header.width} x {header.height} px (width x height)",
        f"samples    {header.channels} ({CHANNELS[header.channels]}), {header.bit_depth} bits each",
    ]


def format_acquisition(path: str | os.PathLike[str]) -> str:
    """Return how a DICOM image was taken, and of whom as far as training knows: no name and no identifier."""
    facts = read_header_facts(os.fspath(path))
    known = {name: facts.get(name) for name in ("modality", "view", "series_description", "age", "sex")}
    told = [f"{name.replace('_', ' ')} {value}" for name, value in known.items() if value == value and value]  # noqa: PLR0124 (NaN)
    return f"taken      {', '.join(told) or 'the file does not say how'}"


def format_pixels(picture: Picture) -> list[str]:
    """Describe the values of an image, and what a DICOM file says of them; nothing of the patient."""
    values = picture.values  # noqa: PD011 (no pandas)
    kind = "values" if picture.kind == "dicom" else "grey"
    found = f"{values.min():g} to {values.max():g}, mean {values.mean():.1f}"
    lines = [f"{kind:<10} {found}, {picture.stored.dtype}"]
    if picture.kind == "dicom":
        lines += format_dicom(picture)
    return [*lines, f"sha256     {hash_pixels(picture)} (of the grey levels)"]


def format_dicom(picture: Picture) -> list[str]:
    """Describe what turns the stored levels of a DICOM file into a display."""
    windows = ", ".join(f"{window.center:g}/{window.width:g}" for window in picture.windows)
    rows, columns = picture.spacing or (float("nan"), float("nan"))
    return [
        f"rescale    slope {picture.slope:g}, intercept {picture.intercept:g}",
        f"windows    {windows or 'none'} (center/width), {picture.window_function}",
        f"spacing    {rows:g} x {columns:g} mm (between rows x between columns; nan: not given)",
        f"white      {'lowest' if picture.inverted else 'highest'} value",
    ]


def draw_image(path: str | os.PathLike[str], boxes: pd.DataFrame, output: Path, max_pixels: int) -> None:
    """Write a PNG of the image at its own size, with its boxes and their targets drawn in colour.

    Parameters
    ----------
    path : path
        A PNG, JPEG or DICOM file.
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
    picture = draw_boxes(scale_for_display(read_image(path, max_pixels)), boxes)
    with write_whole(output) as draft:
        draft.write_bytes(mark(cv2.imencode(".png", picture)[1].tobytes()))


def scale_for_display(picture: Picture) -> NDArray[np.uint8]:
    """Return (height, width) uint8: a DICOM file by its own window, or by its extremes if it has none."""
    if picture.kind != "dicom":
        return to_eight_bits(picture.grey)
    described = picture.windows or picture.voi_lut
    scales = scale_by_file_window if described else scale_by_extremes
    grey = apply_scale(picture, scales(picture)[0])
    grey = 255 - grey if picture.inverted else grey
    return grey if picture.padding is None else np.where(picture.padding, np.uint8(0), grey)


def draw_boxes(grey: NDArray[np.uint8], boxes: pd.DataFrame) -> NDArray[np.uint8]:
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
        draw_name(picture, target, (left, top), line, colour)
    return picture


def draw_name(
    picture: NDArray[np.uint8], name: str, corner: tuple[int, int], line: int, colour: tuple[int, int, int]
) -> None:
    """Write a name above a corner of a box, or below it where the picture ends.

    `picture` (height, width, 3) uint8, changed in place.
    """
    font = cv2.FONT_HERSHEY_SIMPLEX
    scale = 0.3 * (1 + line)
    (_, height), _ = cv2.getTextSize(name, font, scale, line)
    left, top = corner
    baseline = top - 2 * line if top - 2 * line >= height else top + height + 2 * line
    cv2.putText(picture, name, (left, baseline), font, scale, colour, line, cv2.LINE_AA)
