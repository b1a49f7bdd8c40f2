"""One frame of RLE Lossless -> levels (PS3.5 annex G)."""

import struct
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.processing import convert_color_space

from radpipe.images.files.dicom.pixel_description import Shape
from radpipe.images.problems import ImageProblem

LONGEST_RUN = 128  # bytes that one run of PackBits makes


def decode_rle(dataset: Dataset, shape: Shape, frame: int) -> NDArray[Any]:
    """Undo the run lengths: a segment holds one byte of one sample of all pixels (PS3.5 annex G).

    Returned (height, width), or (height, width, 3) of colours: unsigned integers.
    """
    content = get_frame(dataset.PixelData, frame, number_of_frames=shape.frames)
    width = shape.allocated // 8
    head = struct.unpack_from("<16I", content)
    count = head[0]
    if count != width * shape.samples:
        found = f"{count} RLE segments, expected {width * shape.samples}"
        raise ImageProblem("unreadable", found)
    bounds = [*head[1 : count + 1], len(content)]
    size = shape.height * shape.width
    samples = np.empty((size, shape.samples, width), np.uint8)
    for place in range(count):
        sample, byte = divmod(place, width)  # the most significant byte comes first
        samples[:, sample, width - 1 - byte] = decode_runs(content[bounds[place] : bounds[place + 1]], size)
    pixels = samples.view(f"<u{width}").reshape(shape.height, shape.width, shape.samples)
    if shape.samples == 1:
        return pixels[..., 0]
    return convert_color_space(pixels, "YBR_FULL", "RGB") if shape.photometric == "YBR_FULL" else pixels


def decode_runs(content: bytes, size: int) -> NDArray[np.uint8]:
    """Undo the run lengths of a segment into a memory of `size` bytes, and no more.

    Returned (size,) uint8.
    """
    found = np.empty(size + LONGEST_RUN, np.uint8)
    try:
        length = len(imagecodecs.packbits_decode(content, out=found))  # type: ignore[arg-type]  # any memory is
    except RuntimeError:  # what the codec raises where the memory is full
        raise ImageProblem("unreadable", f"an RLE segment of more than {size} bytes") from None
    if length < size:
        raise ImageProblem("truncated", f"an RLE segment of {length} bytes, expected {size}")
    return found[:size]
