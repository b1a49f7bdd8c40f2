import os

import cv2
import numpy as np
import pytest

from radpipe.images.files.reading import hash_pixels, read_image
from radpipe.images.picture import Picture
from radpipe.images.problems import REASONS, ImageProblem

LIMIT = 10_000


@pytest.fixture
def reading(tmp_path):
    """Write bytes, read them as an image; the name lies about the format on purpose."""

    def read(content, max_pixels=LIMIT):
        path = tmp_path / "image.dcm"
        path.write_bytes(content)
        return read_image(path, max_pixels).stored

    return read


def hash_of(grey):
    return hash_pixels(Picture(grey, "png", 8))


def problem_of(reading, content, **options):
    with pytest.raises(ImageProblem) as caught:
        reading(content, **options)
    assert caught.value.reason in REASONS
    return caught.value


def test_eight_bit_grey_is_read_as_it_is(reading, png, ramp):
    grey = reading(png(ramp))
    assert grey.dtype == np.uint8
    np.testing.assert_array_equal(grey, ramp)


def test_sixteen_bits_stay_sixteen(reading, png, ramp):
    levels = ramp.astype(np.uint16) * 257 + 1
    grey = reading(png(levels, depth=16))
    assert grey.dtype == np.uint16
    np.testing.assert_array_equal(grey, levels)


def test_sixteen_bit_rgba_of_equal_channels_is_that_channel(reading, png, ramp):
    levels = ramp.astype(np.uint16) * 257 + 1
    opaque = np.full_like(levels, 65535)
    np.testing.assert_array_equal(reading(png(np.dstack([levels, levels, levels, opaque]), depth=16)), levels)


@pytest.mark.parametrize("transparency", [0, 128, 255])
def test_transparency_is_dropped(reading, png, ramp, transparency):
    alpha = np.full_like(ramp, transparency)
    np.testing.assert_array_equal(reading(png(np.dstack([ramp, ramp, ramp, alpha]))), ramp)
    np.testing.assert_array_equal(reading(png(np.dstack([ramp, alpha]))), ramp)


def test_equal_colour_channels_are_that_channel(reading, png, ramp):
    np.testing.assert_array_equal(reading(png(np.dstack([ramp, ramp, ramp]))), ramp)


def test_colours_become_their_luma(reading, png):
    # 0.299 * 255 = 76.2, 0.587 * 255 = 149.7, 0.114 * 255 = 29.1
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert reading(png(colours)).tolist() == [[76, 150, 29]]


def test_a_palette_is_looked_up(reading, png):
    grey_palette = [level for level in (10, 200, 30) for _ in range(3)]
    indices = np.array([[0, 1], [2, 1]])
    assert reading(png(indices, palette=grey_palette)).tolist() == [[10, 200], [30, 200]]
    assert reading(png(indices, depth=2, palette=grey_palette)).tolist() == [[10, 200], [30, 200]]


def test_one_bit_is_spread_over_0_and_255(reading, png):
    assert reading(png(np.array([[0, 1, 1], [1, 0, 0]]), depth=1)).tolist() == [[0, 255, 255], [255, 0, 0]]


def test_an_interlaced_file_reads_like_any_other(reading, png):
    pixels = np.arange(17 * 13, dtype=np.uint8).reshape(17, 13)
    np.testing.assert_array_equal(reading(png(pixels, interlaced=True)), pixels)


def test_a_grey_jpeg_is_read(reading):
    pixels = np.add.outer(np.arange(32), np.arange(48)).astype(np.uint8) * 3
    content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    assert np.abs(reading(content).astype(int) - pixels).max() <= 4


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(ImageProblem, match="missing"):
        read_image(tmp_path / "none.png", LIMIT)


def test_a_folder_is_unreadable(tmp_path):
    with pytest.raises(ImageProblem, match="unreadable"):
        read_image(tmp_path, LIMIT)


def test_an_empty_file_is_empty(reading):
    assert problem_of(reading, b"").reason == "empty"


def test_a_png_is_truncated_wherever_it_ends(reading, png, ramp):
    content = png(ramp)
    reasons = {problem_of(reading, content[:length]).reason for length in range(1, len(content))}
    assert reasons == {"truncated"}


def test_a_jpeg_is_truncated_wherever_it_ends(reading):
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    content = cv2.imencode(".jpg", pixels)[1].tobytes()
    reasons = {problem_of(reading, content[:length]).reason for length in range(1, len(content))}
    assert reasons == {"truncated"}


def test_the_end_mark_of_a_thumbnail_does_not_hide_a_truncated_jpeg(reading):
    content = cv2.imencode(".jpg", np.arange(256, dtype=np.uint8).reshape(16, 16))[1].tobytes()
    thumbnail = b"\xff\xe1\x00\x06\xff\xd8\xff\xd9"  # a segment APP1 of 6 bytes
    assert reading(content[:2] + thumbnail + content[2:]).shape == (16, 16)
    assert problem_of(reading, content[:2] + thumbnail + content[2:-2]).reason == "truncated"


def test_every_flipped_byte_of_the_pixels_is_noticed(reading, png, ramp):
    content = png(ramp)
    first, last = content.index(b"IDAT") + 4, content.index(b"IEND") - 8
    for position in range(first, last):
        damaged = content[:position] + bytes([content[position] ^ 0x10]) + content[position + 1 :]
        assert problem_of(reading, damaged).reason == "unreadable"


def test_pixels_that_end_early_under_a_right_checksum_are_unreadable(reading, png):
    pixels = np.random.default_rng(0).integers(0, 256, (90, 90), np.uint8)
    content = png(pixels, damage=lambda stream: stream[: len(stream) // 2])
    assert problem_of(reading, content).reason == "unreadable"


def test_compression_damaged_under_a_right_checksum_is_unreadable(reading, png):
    pixels = np.random.default_rng(0).integers(0, 256, (90, 90), np.uint8)
    content = png(pixels, damage=lambda stream: stream[:4000] + b"\0\0" + stream[4002:])
    assert problem_of(reading, content).reason == "unreadable"


def test_a_damaged_comment_does_not_cost_an_image(reading, png, png_chunk, ramp):
    content = png(ramp)
    comment = png_chunk(b"tEXt", b"Title\0chest", checksum=1)
    np.testing.assert_array_equal(reading(content[:33] + comment + content[33:]), ramp)


def test_bytes_after_the_end_mark_are_ignored(reading, png, ramp):
    np.testing.assert_array_equal(reading(png(ramp) + b"more"), ramp)


def test_a_constant_image_is_constant(reading, png):
    problem = problem_of(reading, png(np.full((3, 4), 7)))
    assert (problem.reason, problem.detail) == ("constant", "every pixel is 7")


def test_an_image_above_the_limit_is_never_decoded(reading, png, ramp, monkeypatch):
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    problem = problem_of(reading, png(ramp), max_pixels=11)
    assert (problem.reason, problem.detail) == ("too large", "4 x 3 px, more than max_pixels = 11")


def test_an_image_at_the_limit_is_decoded(reading, png, ramp):
    assert reading(png(ramp), max_pixels=12).shape == (3, 4)


def test_another_format_is_unsupported(reading):
    problem = problem_of(reading, b"GIF89a" + b"\0" * 200)
    assert (problem.reason, problem.detail[:7]) == ("unsupported format", "another")


def test_a_dicom_file_without_elements_has_no_pixels(reading):
    assert problem_of(reading, b"\0" * 128 + b"DICM" + b"\0" * 64).reason == "no pixels"


def test_an_rgba_copy_hashes_like_the_grey_file(reading, png, ramp):
    copy = np.dstack([ramp, ramp, ramp, np.full_like(ramp, 255)])
    assert hash_of(reading(png(copy))) == hash_of(reading(png(ramp)))


def test_the_hash_is_sha256_of_shape_type_and_pixels():
    # printf '1 2 uint8;\001\002' | sha256sum
    expected = "39eb582f5732051b3dea5dd5ccae2be0b3a33ebf44a53774ccf90175f44c7456"
    assert hash_of(np.array([[1, 2]], np.uint8)) == expected


def test_the_hash_tells_shape_and_depth_apart():
    flat = np.zeros((2, 2), np.uint8)
    others = [flat.reshape(1, 4), flat.reshape(4, 1), np.zeros((1, 2), np.uint16)]
    assert len({hash_of(grey) for grey in [flat, *others]}) == 4


def test_the_hash_does_not_depend_on_memory_order(ramp):
    assert hash_of(np.asfortranarray(ramp)) == hash_of(ramp)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageProblem, match="a folder or a device, not a file"):
        read_image(tmp_path / "pipe.png", 10**6)
