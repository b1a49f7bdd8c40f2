"""How large the image inside a compressed stream is, read before anything is allocated for it.

A decoder takes the memory that the stream asks for: a file of a few kilobytes may ask for gigabytes.
"""

import os
import struct
import zlib
from typing import BinaryIO, NamedTuple

from radpipe.images.problems import ImageProblem

# PNG colour type: samples per pixel and legal bit depths (PNG specification, third edition, table 8).
PNG_COLOURS = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (3, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
# Start-of-frame markers; C4, C8 and CC lie between them and are none (ITU-T T.81, table B.1).
JPEG_LS_FRAME = 0xF7  # ITU-T T.87, table C.1
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0), JPEG_LS_FRAME}) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


class StreamSize(NamedTuple):
    """Height and width [px], bits of a sample, samples of a pixel."""

    height: int
    width: int
    bits: int
    channels: int


def read_png_size(stream: BinaryIO) -> StreamSize:
    """Read the chunk IHDR, which must come first (PNG specification, section 11.2.1)."""
    stream.seek(8)
    chunk = stream.read(25)
    if len(chunk) < 25:
        raise ImageProblem("truncated", f"the file ends after {8 + len(chunk)} bytes")
    length, name, width, height, depth, colour = struct.unpack_from(">I4sIIBB", chunk)
    if (length, name) != (13, b"IHDR") or zlib.crc32(chunk[4:21]) != int.from_bytes(chunk[21:]):
        raise ImageProblem("unreadable", "the header chunk is damaged")
    channels, depths = PNG_COLOURS.get(colour, (0, ()))
    if depth not in depths:
        raise ImageProblem("unreadable", f"colour type {colour} with {depth} bits does not exist")
    return StreamSize(height, width, depth, channels)


def read_jpeg_size(stream: BinaryIO) -> StreamSize:
    """Walk the segments up to the start of frame; a thumbnail inside a segment is stepped over."""
    stream.seek(2)
    while True:
        prefix, marker = read_exactly(stream, 2)
        if prefix != 0xFF:
            raise ImageProblem("unreadable", "the JPEG segments are damaged")
        while marker == 0xFF:  # any number of fill bytes may precede a marker
            (marker,) = read_exactly(stream, 1)
        if marker in JPEG_WITHOUT_LENGTH:
            continue
        length = int.from_bytes(read_exactly(stream, 2))
        if marker in JPEG_FRAMES:
            depth, height, width, channels = struct.unpack(">BHHB", read_exactly(stream, 6))
            return StreamSize(height, width, depth, channels)
        stream.seek(max(length - 2, 0), os.SEEK_CUR)


def read_exactly(stream: BinaryIO, count: int) -> bytes:
    """Return `count` bytes, or raise ImageProblem if the file ends before."""
    content = stream.read(count)
    if len(content) < count:
        raise ImageProblem("truncated", "the file ends inside its header")
    return content
