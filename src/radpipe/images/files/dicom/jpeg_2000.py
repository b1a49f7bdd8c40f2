"""What a JPEG 2000 codestream says of its image, read before anything is allocated for it.

A decoder makes a description of each tile, precinct and code-block that the codestream promises, whether or
not it contains them: a file of a few hundred bytes may ask for gigabytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from radpipe.images.files.stream_size import StreamSize
from radpipe.images.problems import ImageProblem

CODESTREAM = b"\xff\x4f\xff\x51"  # SOC, then SIZ (ITU-T T.800, section A.5.1)
TILE_PART, TILE_DATA, CODING, CODING_OF_ONE = 0xFF90, 0xFF93, 0xFF52, 0xFF53  # SOT, SOD, COD, COC
BOX_SIGNATURE = b"\0\0\0\x0cjP  "  # of a JP2 file, whose boxes hold a codestream (ITU-T T.800, annex I)
WIDEST = 15  # exponent of a precinct whose size is not given
# Bytes that OpenJPEG takes for a description; measured.
TILE_BYTES, PRECINCT_BYTES, BLOCK_BYTES = 10_000, 600, 350
# That all descriptions may take: by the samples of an image, and besides.
SAMPLE_BYTES, SPARE_BYTES = 4, 2**26


@dataclass(frozen=True)
class Coding:
    """How components are coded (ITU-T T.800, tables A.13 to A.21); sizes are exponents of 2.

    `precincts` has the height and width of a precinct for each resolution, the lowest first.
    """

    multiple_component: bool
    layers: int
    block: tuple[int, int]
    precincts: tuple[tuple[int, int], ...]


def is_boxed(content: bytes) -> bool:
    """Return whether there are boxes around a codestream."""
    return content.startswith(BOX_SIGNATURE)


def read_size(content: bytes) -> StreamSize:
    """Read the segment SIZ of the codestream (ITU-T T.800, table A.9).

    Raises
    ------
    ImageProblem
        unreadable.
    """
    start = find_codestream(content)
    if content[start : start + 4] != CODESTREAM or len(content) < start + 43:
        raise ImageProblem("unreadable", "the JPEG 2000 codestream is damaged")
    right, bottom, left, top = struct.unpack_from(">4I", content, start + 8)
    (channels,) = struct.unpack_from(">H", content, start + 40)
    samples = content[start + 42 : start + 42 + 3 * channels]  # of each: sign and bits, two steps
    steps = [step for place, step in enumerate(samples) if place % 3]
    if right <= left or bottom <= top or set(steps) != {1} or len(set(samples[::3])) > 1:
        raise ImageProblem("unreadable", "the JPEG 2000 codestream has no size, or samples of several sizes")
    return StreamSize(bottom - top, right - left, (samples[0] & 0x7F) + 1, channels)


def read_coding(content: bytes) -> list[Coding]:
    """Read how the components are coded, in the whole image and in tiles that differ from it.

    Raises
    ------
    ImageProblem
        unreadable, if the codestream does not say.
    """
    segments = walk_segments(content)
    found = [parse_coding(kind, body) for kind, body in segments if kind in (CODING, CODING_OF_ONE)]
    if not found:
        raise ImageProblem("unreadable", "the JPEG 2000 codestream does not say how it is coded")
    return found


def parse_coding(kind: int, body: bytes) -> Coding:
    """Parse a segment COD, or a segment COC, which leaves the number of layers to the former."""
    try:
        if kind == CODING:
            style, _, layers, multiple = struct.unpack_from(">BBHB", body)
            rest = body[5:]
        else:  # one byte names the component, for an image has fewer than 257
            layers, multiple, style, rest = 1, 0, body[1], body[2:]
        levels, height, width = rest[0], (rest[2] & 15) + 2, (rest[1] & 15) + 2
        sizes = rest[5 : 6 + levels] if style & 1 else bytes([WIDEST | WIDEST << 4]) * (levels + 1)
        if len(sizes) != levels + 1:
            raise IndexError
    except (struct.error, IndexError):
        raise ImageProblem("unreadable", "the JPEG 2000 codestream is damaged") from None
    return Coding(bool(multiple), layers, (height, width), tuple((size >> 4, size & 15) for size in sizes))


def refuse_descriptions(content: bytes, samples: int, channels: int) -> None:
    """Raise ImageProblem if an image lacks tiles, or has so many parts that they take too much memory.

    Parameters
    ----------
    content
        Of a size that `read_size` has read.
    samples
        Pixels times samples of a pixel.
    channels
        Samples of a pixel.
    """
    start = find_codestream(content)
    right, bottom, left, top, width, height, *origin = struct.unpack_from(">8I", content, start + 8)
    if not width or not height:
        raise ImageProblem("unreadable", "the JPEG 2000 codestream has tiles of no size")
    tiles = ceil((right - origin[0]) / width) * ceil((bottom - origin[1]) / height)
    size = f"{width} x {height} px"
    allowed = SAMPLE_BYTES * samples + SPARE_BYTES
    if tiles * TILE_BYTES > allowed:
        raise ImageProblem("unreadable", f"the JPEG 2000 codestream has {tiles} tiles of {size}")
    tile = min(height, bottom - top), min(width, right - left)
    for coding in read_coding(content):
        if tiles * TILE_BYTES + channels * estimate_descriptions(coding, *tile) > allowed:
            raise ImageProblem("unreadable", "the JPEG 2000 codestream has too many precincts, or layers")
    held = count_tiles(content)
    if held < tiles:
        raise ImageProblem("truncated", f"the JPEG 2000 codestream has {held} of {tiles} tiles")


def estimate_descriptions(coding: Coding, height: int, width: int) -> int:
    """Estimate the memory that describing the parts of one component of a tile takes [bytes].

    References
    ----------
    ITU-T T.800, sections B.5 to B.7.
    """
    total, most = 0, 0
    highest = len(coding.precincts) - 1
    for resolution, precinct in enumerate(coding.precincts):
        shrinking = 2 ** (highest - resolution)
        rows, columns = ceil(height / shrinking), ceil(width / shrinking)
        precincts = ceil(rows / 2 ** precinct[0]) * ceil(columns / 2 ** precinct[1])
        bands, halving = (3, 1) if resolution else (1, 0)  # the lowest resolution is one band of its own
        block = [
            2 ** max(0, min(own, whole - halving)) for own, whole in zip(coding.block, precinct, strict=True)
        ]
        blocks = ceil(rows / 2**halving / block[0]) * ceil(columns / 2**halving / block[1])
        total += bands * (precincts * PRECINCT_BYTES + blocks * BLOCK_BYTES)
        most = max(most, precincts)
    return total + 2 * coding.layers * most * len(coding.precincts)  # a mark for each packet


def count_tiles(content: bytes) -> int:
    """Count the tiles that a codestream contains, by the heads of their parts (ITU-T T.800, table A.5)."""
    return len({body[:2] for kind, body in walk_segments(content) if kind == TILE_PART and len(body) >= 8})


def walk_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of each segment of a codestream, in its header and in those of its tiles."""
    place = find_codestream(content) + 2
    part_end = 0
    while place + 4 <= len(content):
        marker, length = struct.unpack_from(">HH", content, place)
        if marker == TILE_DATA:
            if part_end <= place:  # it lasts to the end of the codestream
                return
            place = part_end
            continue
        if marker == TILE_PART and place + 12 <= len(content):
            (part,) = struct.unpack_from(">I", content, place + 6)
            part_end = place + part if part >= 12 else 0
        elif part_end and marker < 0xFF00:  # behind the last part
            return
        yield marker, content[place + 4 : place + 2 + length]
        place += 2 + max(2, length)


def find_codestream(content: bytes) -> int:
    """Return where the codestream starts: at once, or in the first box that holds one; or the end."""
    if not is_boxed(content):
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
