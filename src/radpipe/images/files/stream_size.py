"""How large the image inside a compressed stream is, read before anything is allocated for it.

A decoder takes the memory that the stream asks for: a file of a few kilobytes may ask for gigabytes.
"""

import io
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
CODESTREAM = b"\xff\x4f\xff\x51"  # SOC, then SIZ (ITU-T T.800, section A.5.1)
TILE_PART = 0xFF90  # SOT
TILE_BYTES = 10_000  # that OpenJPEG takes for the description of a tile, about
SAMPLE_BYTES, SPARE_BYTES = (
    12,
    2**26,
)  # that all descriptions may take: by the samples of an image, and besides
BOX_SIGNATURE = b"\0\0\0\x0cjP  "  # of a JP2 file, whose boxes hold a codestream (ITU-T T.800, annex I)


class StreamSize(NamedTuple):
    """Height and width [px], bits of a sample, samples of a pixel."""

    height: int
    width: int
    bits: int
    channels: int


def read_size(content: bytes) -> StreamSize:
    """Read the size of a JPEG, JPEG-LS or JPEG 2000 image.

    Raises
    ------
    ImageProblem
        truncated or unreadable.
    """
    if is_jpeg_2000(content):
        return read_jpeg_2000_size(content)
    return read_jpeg_size(io.BytesIO(content))


def is_jpeg_2000(content: bytes) -> bool:
    """Return whether a stream is JPEG 2000, with or without boxes around it."""
    return content.startswith((CODESTREAM[:2], BOX_SIGNATURE))


def read_jpeg_2000_size(content: bytes) -> StreamSize:
    """Read the segment SIZ of the codestream (ITU-T T.800, table A.9)."""
    start = find_codestream(content)
    if content[start : start + 4] != CODESTREAM or len(content) < start + 43:
        raise ImageProblem("unreadable", "the JPEG 2000 codestream is damaged")
    right, bottom, left, top = struct.unpack_from(">4I", content, start + 8)
    (channels,) = struct.unpack_from(">H", content, start + 40)
    bits = (content[start + 42] & 0x7F) + 1
    steps = content[start + 43 : start + 42 + 3 * channels]
    if right <= left or bottom <= top or any(step != 1 for place, step in enumerate(steps) if place % 3 < 2):
        raise ImageProblem("unreadable", "the JPEG 2000 codestream has no size, or samples of several sizes")
    return StreamSize(bottom - top, right - left, bits, channels)


def refuse_tiles(content: bytes, samples: int) -> None:
    """Raise ImageProblem if a JPEG 2000 image lacks tiles, or has so many that they take too much memory.

    A decoder makes a description of each tile that the header promises, and fills those that are not there.

    Parameters
    ----------
    content
        Of a size that `read_size` has read.
    samples
        Pixels times samples of a pixel.
    """
    start = find_codestream(content)
    right, bottom, _, _, width, height, left, top = struct.unpack_from(">8I", content, start + 8)
    if not width or not height:
        raise ImageProblem("unreadable", "the JPEG 2000 codestream has tiles of no size")
    tiles = -(-(right - left) // width) * -(-(bottom - top) // height)
    if tiles * TILE_BYTES > SAMPLE_BYTES * samples + SPARE_BYTES:
        raise ImageProblem(
            "unreadable", f"the JPEG 2000 codestream has {tiles} tiles of {width} x {height} px"
        )
    held = count_tiles(content, start + 2)
    if held < tiles:
        raise ImageProblem("truncated", f"the JPEG 2000 codestream has {held} of {tiles} tiles")


def count_tiles(content: bytes, place: int) -> int:
    """Count the tiles that a codestream holds, by the heads of their parts (ITU-T T.800, table A.5)."""
    seen: set[int] = set()
    while place + 4 <= len(content):
        marker, length = struct.unpack_from(">HH", content, place)
        if marker != TILE_PART:
            if seen:  # behind the last part
                break
            place += 2 + length
            continue
        if place + 12 > len(content):
            break
        tile, part = struct.unpack_from(">HI", content, place + 4)
        seen.add(tile)
        if part < 12:  # 0: up to the end
            break
        place += part
    return len(seen)


def find_codestream(content: bytes) -> int:
    """Return where the codestream starts: at once, or in the first box that holds one; or the end."""
    if not content.startswith(BOX_SIGNATURE):
        return 0
    start = 0
    while start + 8 <= len(content):
        length, name = struct.unpack_from(">I4s", content, start)
        head = 8
        if length == 1 and start + 16 <= len(content):
            (length,) = struct.unpack_from(">Q", content, start + 8)
            head = 16
        if name == b"jp2c":
            return start + head
        if length < head:
            break
        start += length
    return len(content)


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
