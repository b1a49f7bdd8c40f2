import io
import struct
import subprocess
import sys
import textwrap
import zlib
from contextlib import suppress

import cv2
import imagecodecs
import numpy as np
import pytest
from dicom_files import compressed, dicom, problem_of, read, shipped
from pydicom import DataElement, Dataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.encaps import generate_frames
from pydicom.tag import Tag
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from radpipe.images.files.dicom.elements import decode_numbers
from radpipe.images.files.dicom.frames import read_stream_size
from radpipe.images.files.dicom.jpeg_2000 import read_size as read_jpeg_2000_size
from radpipe.images.files.dicom.jpeg_2000 import refuse_descriptions
from radpipe.images.files.reading import read_image
from radpipe.images.files.stream_size import StreamSize
from radpipe.images.problems import ImageProblem

GREY = (np.arange(12 * 7).reshape(12, 7) * 3).astype(np.uint8)
COLOUR = np.dstack([GREY, GREY.T.reshape(12, 7), 255 - GREY])
CODECS = {
    "jpeg": (JPEGBaseline8Bit, lambda pixels: imagecodecs.jpeg8_encode(pixels, level=95)),
    "jpeg-ls": (JPEGLSLossless, imagecodecs.jpegls_encode),
    "jpeg 2000": (
        JPEG2000Lossless,
        lambda pixels: imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", reversible=True, level=0),
    ),
    "jp2": (
        JPEG2000Lossless,
        lambda pixels: imagecodecs.jpeg2k_encode(pixels, codecformat="jp2", reversible=True, level=0),
    ),
}


def read_size(content):
    jpeg = content[:3] == b"\xff\xd8\xff"
    return read_stream_size(content) if jpeg else read_jpeg_2000_size(content)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("pixels", [GREY, COLOUR], ids=["grey", "colour"])
def test_the_size_is_read_from_the_stream(codec, pixels):
    channels = pixels.size // GREY.size
    assert read_size(CODECS[codec][1](pixels)) == StreamSize(12, 7, 8, channels)


@pytest.mark.parametrize("codec", CODECS)
def test_a_stream_of_another_size_than_the_header_is_refused(codec, monkeypatch):
    syntax, encode = CODECS[codec]
    assert read(compressed(syntax, encode(GREY), GREY, Modality="CR")).stored.shape == (12, 7)
    for name in ("jpeg8_decode", "jpegls_decode", "jpeg2k_decode"):
        monkeypatch.setattr(imagecodecs, name, lambda *_, **__: pytest.fail("decoded"))
    for other in (np.zeros((12, 8), np.uint8), np.zeros((13, 7), np.uint8)):
        found = problem_of(compressed(syntax, encode(other), GREY, Modality="CR"))
        assert found.reason == "unreadable"
        words = f"the compressed image has {other.shape[1]} x {other.shape[0]} px and 1 samples"
        assert found.detail == f"{words}, the header says 7 x 12 and 1"
    found = problem_of(compressed(syntax, encode(COLOUR), GREY, Modality="CR"))
    assert found.detail.startswith("the compressed image has 7 x 12 px and 3 samples")


@pytest.mark.parametrize(
    "name", ["JPEG2000.dcm", "MR_small_jpeg_ls_lossless.dcm", "JPGExtended.dcm", "SC_rgb_jpeg_gdcm.dcm"]
)
def test_no_byte_of_the_first_hundred_makes_a_size_that_crashes(name):
    dataset = dcmread(io.BytesIO(shipped(name)))
    content = next(generate_frames(dataset.PixelData, number_of_frames=1))
    for place in range(100):
        for change in (0, 255):
            damaged = bytearray(content)
            damaged[place] = change
            try:
                found = read_size(bytes(damaged))
            except ImageProblem:
                continue
            assert all(number >= 0 for number in found)


def rle(*segments):
    starts = np.cumsum([64, *(len(segment) for segment in segments)])[:-1].tolist()
    head = [len(segments), *starts] + [0] * (15 - len(segments))
    return struct.pack("<16I", *head) + b"".join(segments)


def test_run_lengths_are_undone():
    levels = np.array([[0x0102] * 6 + [0x0304, 0x0506]] * 4, np.uint16)
    low = imagecodecs.packbits_encode((levels & 255).astype(np.uint8).tobytes())
    high = imagecodecs.packbits_encode((levels >> 8).astype(np.uint8).tobytes())
    assert (
        read(compressed(RLELossless, rle(high, low), levels, Modality="MR")).stored.tolist()
        == levels.tolist()
    )


RUN = b"\x81\x07"  # 128 bytes of 7


@pytest.mark.parametrize(
    ("segments", "words"),
    [
        ([RUN * 2_000_000], "an RLE segment of more than 84 bytes"),
        ([RUN[:0]], "an RLE segment of 0 bytes, expected 84"),
        ([b"\x00\x07" * 83], "an RLE segment of 83 bytes, expected 84"),
        ([RUN, RUN], "2 RLE segments, expected 1"),
    ],
    ids=["bomb", "empty", "short", "two"],
)
def test_run_lengths_that_make_too_much_or_too_little_are_refused(segments, words):
    assert problem_of(compressed(RLELossless, rle(*segments), GREY, Modality="CR")).detail == words


def test_rle_with_places_outside_is_refused():
    frame = struct.pack("<16I", 1, 2**31, *[0] * 14) + RUN
    problem = problem_of(compressed(RLELossless, frame, GREY, Modality="CR"))
    assert problem.detail == "an RLE segment of 0 bytes, expected 84"


def huge_png():
    """Return a PNG of 60,000 x 60,000 px in a few kilobytes."""

    def chunk(name, content):
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", bytes(5000)) + chunk(b"IEND", b"")


def huge_jpeg():
    content = bytearray(cv2.imencode(".jpg", GREY)[1].tobytes())
    place = content.index(b"\xff\xc0") + 5
    content[place : place + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(content)


def liar(codec, sizes):
    """Return a file of a small header whose stream claims an enormous image."""
    syntax, encode = CODECS[codec]
    content = bytearray(encode(GREY))
    start = content.index(sizes[0]) + sizes[1]
    content[start : start + len(sizes[2])] = sizes[2]
    return compressed(syntax, bytes(content), GREY, Modality="CR")


HOSTILE = {
    "png": huge_png,
    "jpeg": huge_jpeg,
    "jpeg in dicom": lambda: liar("jpeg", (b"\xff\xc0", 5, struct.pack(">HH", 65_000, 65_000))),
    "jpeg-ls in dicom": lambda: liar("jpeg-ls", (b"\xff\xf7", 5, struct.pack(">HH", 65_000, 65_000))),
    "jpeg 2000 in dicom": lambda: liar("jpeg 2000", (b"\xff\x51", 6, struct.pack(">II", 60_000, 60_000))),
    "jp2 in dicom": lambda: liar("jp2", (b"\xff\x51", 6, struct.pack(">II", 60_000, 60_000))),
    "rle in dicom": lambda: compressed(RLELossless, rle(RUN * 2_000_000), GREY, Modality="CR"),
}
# Address space that reading a file may take beside what the interpreter and its libraries have already.
BOUNDED = textwrap.dedent(
    """
    import resource, sys
    from radpipe.images.files.reading import read_image
    from radpipe.images.problems import ImageProblem
    taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 400 * 10**6,) * 2)
    try:
        read_image(sys.argv[1], 10**8)
    except ImageProblem as problem:
        print(problem.reason)
    """
)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_asks_for_gigabytes_is_refused_within_400_megabytes(kind, tmp_path):
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[kind]())
    child = [sys.executable, "-c", BOUNDED, str(path)]
    found = subprocess.run(child, capture_output=True, text=True, check=False)
    assert found.stderr == ""
    assert found.stdout.strip() in ("too large", "unreadable")


def test_a_large_file_of_a_small_image_is_not_read_before_its_size_is_known(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    path.write_bytes(huge_png())
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(ImageProblem, match="too large"):
        read_image(path, 10**8)


@pytest.mark.parametrize(
    ("side", "reason", "words"),
    [
        (1, "unreadable", "62500 tiles of 1 x 1 px"),
        (2, "unreadable", "15625 tiles of 2 x 2 px"),
        (16, "truncated", "1 of 256 tiles"),
        (0, "unreadable", "tiles of no size"),
    ],
)
def test_a_codestream_that_promises_tiles_is_refused(side, reason, words):
    pixels = np.random.default_rng(0).integers(0, 255, (250, 250)).astype(np.uint8)
    content = bytearray(CODECS["jpeg 2000"][1](pixels))
    content[24:32] = struct.pack(">II", side, side)  # XTsiz and YTsiz
    problem = problem_of(compressed(JPEG2000Lossless, bytes(content), pixels, Modality="CR"))
    assert problem.reason == reason
    assert problem.detail == f"the JPEG 2000 codestream has {words}"


def recode(content, layers=1, block=6, precinct=None):
    """Return a codestream that promises so many layers, and parts of such sizes (exponents of 2)."""
    place = content.index(b"\xff\x52") + 2
    (length,) = struct.unpack_from(">H", content, place)
    style, order, _, multiple, levels, _, _, *rest = struct.unpack_from(">BBHBBBBBB", content, place + 2)
    parts = b"" if precinct is None else bytes([precinct | precinct << 4]) * (levels + 1)
    body = struct.pack(
        ">BBHBBBBBB", style | bool(parts), order, layers, multiple, levels, block - 2, block - 2, *rest
    )
    coding = struct.pack(">H", 2 + len(body + parts)) + body + parts
    return content[:place] + coding + content[place + length :]


PLAIN = np.zeros((3000, 3000), np.uint8)


@pytest.mark.parametrize(
    "change",
    [{"precinct": 1}, {"precinct": 2}, {"precinct": 6, "layers": 65535}],
    ids=["precincts of 2 px", "precincts of 4 px", "layers"],
)
def test_a_codestream_of_countless_parts_is_refused_before_it_is_decoded(change, monkeypatch):
    content = recode(CODECS["jpeg 2000"][1](PLAIN), **change)
    monkeypatch.setattr(imagecodecs, "jpeg2k_decode", lambda *_, **__: pytest.fail("decoded"))
    problem = problem_of(compressed(JPEG2000Lossless, content, PLAIN, Modality="CR"))
    assert problem.detail == "the JPEG 2000 codestream has too many precincts, or layers"


@pytest.mark.parametrize("change", [{"block": 5}, {"precinct": 7}, {"precinct": 8, "layers": 12}])
def test_a_codestream_of_usual_parts_is_not(change):
    content = recode(CODECS["jpeg 2000"][1](PLAIN), **change)
    refuse_descriptions(content, PLAIN.size, 1)


def test_every_byte_of_the_tiles_may_be_damaged():
    content = bytearray(CODECS["jpeg 2000"][1](GREY))
    for place in range(len(content)):
        damaged = bytes(content[:place]) + b"\xff" + bytes(content[place + 1 :])
        with suppress(ImageProblem):
            read_size(damaged)
        with suppress(ImageProblem):
            read_size(bytes(content[:place]))


def bloated(sequence):
    """Return a file with a sequence of two million empty items."""
    place = sequence.index(b"\xe0\x7f\x10\0")  # the pixels
    head = b"\x20\x00\x99\x99SQ\0\0\xff\xff\xff\xff"
    items = b"\xfe\xff\x00\xe0\0\0\0\0" * 2_000_000 + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return sequence[:place] + head + items + sequence[place:]


def deflate(content):
    """Return a file with all behind its group 2 deflated."""
    start = content.index(b"\x08\x00\x16\x00")
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    head = content[:start].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99", 1)
    (length,) = struct.unpack_from("<I", head, 140)
    uid = head.index(b"1.2.840.10008.1.2.1.99") - 2
    head = (
        head[:140] + struct.pack("<I", length + 2) + head[144:uid] + struct.pack("<H", 22) + head[uid + 2 :]
    )
    return head + squeezer.compress(content[start:]) + squeezer.flush()


@pytest.mark.parametrize("pack", [bytes, deflate])
def test_a_file_of_countless_items_is_refused_within_400_megabytes(tmp_path, pack):
    path = tmp_path / "items.dcm"
    whole = dicom(GREY, Modality="CR")
    path.write_bytes(pack(bloated(whole)))
    assert read(pack(whole)).stored.tolist() == GREY.tolist()
    child = [sys.executable, "-c", BOUNDED, str(path)]
    found = subprocess.run(child, capture_output=True, text=True, check=False)
    assert (found.stderr, found.stdout.strip()) == ("", "unreadable")


def test_an_element_of_too_many_bytes_is_not_split():
    element = Dataset()
    element.add(DataElement("RescaleSlope", "DS", "1"))
    slope = Tag("RescaleSlope")
    element._dict[slope] = RawDataElement(slope, "UT", 10**6, b"1\\" * 500_000, 0, False, True)
    assert np.isnan(decode_numbers(element, "RescaleSlope")).tolist() == [True]
