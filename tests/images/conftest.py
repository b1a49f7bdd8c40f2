"""PNG files written chunk by chunk, from the format's specification: the decoder's other half."""

import struct
import zlib

import numpy as np
import pytest

from radpipe.config.data import ImageSpec, ValidateSpec

PLAIN = {
    "size": 32,
    "fit": "pad",
    "interpolation": "area",
    "grey": "stored",
    "windows": (),
    "window_function": "linear",
    "percentiles": (1.0, 99.0),
    "equalise": False,
    "crop": None,
}
# Adam7: first column, first row, steps to the next (PNG specification, section 8.2).
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # samples per pixel: colour type


def chunk(name, content, checksum=None):
    checksum = zlib.crc32(name + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def scan_lines(samples, depth):
    """Return the lines of (height, width, channels), each after the byte that says: not filtered."""
    lines = samples.reshape(len(samples), -1)
    if depth == 16:
        packed = [line.astype(">u2").tobytes() for line in lines]
    elif depth == 8:
        packed = [line.astype("u1").tobytes() for line in lines]
    else:
        bits = np.unpackbits(lines.astype("u1")[:, :, None], axis=2)[:, :, -depth:]
        packed = [np.packbits(line.reshape(-1)).tobytes() for line in bits]
    return b"".join(b"\0" + line for line in packed)


def encode_png(samples, depth=8, palette=None, interlaced=False, damage=lambda stream: stream):
    samples = np.atleast_3d(samples)
    height, width, channels = samples.shape
    colour = COLOURS[channels] if palette is None else 3
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    lines = [scan_lines(samples[y::down, x::right], depth) for x, y, right, down in passes]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header)]
    parts += [] if palette is None else [chunk(b"PLTE", bytes(palette))]
    parts += [chunk(b"IDAT", damage(zlib.compress(b"".join(lines)))), chunk(b"IEND", b"")]
    return b"".join(parts)


@pytest.fixture
def png():
    """The encoder: png(samples, depth=8, palette=None, interlaced=False) -> bytes."""
    return encode_png


@pytest.fixture
def png_chunk():
    return chunk


@pytest.fixture
def ramp():
    """(3, 4) uint8: 0, 20, 40, ... 220."""
    return np.arange(0, 240, 20, dtype=np.uint8).reshape(3, 4)


@pytest.fixture
def image_spec():
    def make(**options):
        return ImageSpec(**{**PLAIN, **options})

    return make


@pytest.fixture
def validate_spec():
    def make(level="decode", max_pixels=10_000):
        return ValidateSpec(level=level, max_rejected_share=1.0, max_pixels=max_pixels)

    return make
