import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
from specs import NO_LINKS

from radpipe.errors import DataError
from radpipe.images.files.reading import hash_pixels, read_image
from radpipe.images.pack import journal, packing
from radpipe.images.pack.journal import Source
from radpipe.images.prepare.resize import to_square

COUNT, LIMIT = 100, 10_000


@pytest.fixture(autouse=True)
def working_folder(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def root(tmp_path, png):
    """COUNT different images of 40 x 36 px; number 5 is constant, number 7 truncated."""
    folder = tmp_path / "root"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for number in range(COUNT):
        pixels = generator.integers(0, 256, (36, 40), np.uint8)
        content = png(np.full_like(pixels, 9) if number == 5 else pixels)
        (folder / f"{number}.png").write_bytes(content[:-20] if number == 7 else content)
    return folder


@pytest.fixture
def accepted():
    return pd.DataFrame(
        {
            "image_id": [f"image {number}" for number in range(COUNT)],
            "row": np.arange(1000, 1000 + COUNT),
            "path": [f"{number}.png" for number in range(COUNT)],
        }
    )


@pytest.fixture
def run(root, accepted, image_spec, tmp_path):
    def call(threads=2, output="out", table=accepted, **options):
        output = tmp_path / output
        return *packing.pack(
            table, Source(root, NO_LINKS, LIMIT), image_spec(**options), output, threads
        ), output / "pixels.npy"

    return call


@pytest.fixture
def decoded(monkeypatch):
    """Names of the files decoded so far; `stop_at` interrupts at one of them, as Ctrl-C would."""

    class Decoded(list):
        stop_at = None

    seen = Decoded()

    def reading(path, max_pixels):
        if Path(path).name == seen.stop_at:
            raise KeyboardInterrupt
        seen.append(Path(path).name)
        return read_image(path, max_pixels)

    monkeypatch.setattr(packing, "read_image", reading)
    return seen


def test_every_image_has_its_pixel_row_in_order(run, root, image_spec):
    rows, _, pixels = run()
    packed = np.load(pixels, mmap_mode="r")
    assert (packed.shape, packed.dtype) == ((COUNT, 32, 32, 1), np.uint8)
    assert list(rows) == ["image_id", "row", "pixel_row", "sha256", *journal.PLACES]
    assert rows.dtypes.iloc[1:].astype(str).tolist() == ["int64", "int64", "str", *["int32"] * 6]
    assert rows[["crop_left", "crop_top", "crop_width", "crop_height"]].iloc[0].tolist() == [0, 0, 40, 36]
    for image in rows.iloc[[0, 50, -1]].itertuples():
        picture = read_image(root / f"{image.pixel_row}.png", LIMIT)
        square = to_square(picture.stored, image_spec())
        np.testing.assert_array_equal(packed[image.pixel_row, :, :, 0], square)
        assert image.sha256 == hash_pixels(picture)
        assert (image.row, image.width, image.height) == (1000 + image.pixel_row, 40, 36)


def test_bad_images_are_rejected_with_their_reason_and_stay_zero(run):
    rows, rejected, pixels = run()
    assert rejected[["row", "path", "reason"]].to_numpy().tolist() == [
        [1005, "5.png", "constant"],
        [1007, "7.png", "truncated"],
    ]
    assert rejected["detail"].iloc[0] == "every pixel is 9"
    packed = np.load(pixels)
    assert not packed[[5, 7]].any()
    assert packed[rows["pixel_row"]].any(axis=(1, 2, 3)).all()


def test_an_image_gone_since_validation_is_missing(run, root):
    (root / "3.png").unlink()
    assert run()[1]["reason"].tolist() == ["missing", "constant", "truncated"]


def test_a_path_without_a_file_is_missing(run, accepted):
    table = accepted.assign(path=accepted["path"].where(accepted["row"] > 1000))
    assert run(table=table)[1]["reason"].iloc[0] == "missing"


def test_the_number_of_threads_changes_nothing(run):
    one, many = run(threads=1, output="one"), run(threads=5, output="many")
    pd.testing.assert_frame_equal(one[0], many[0])
    pd.testing.assert_frame_equal(one[1], many[1])
    assert one[2].read_bytes() == many[2].read_bytes()


def test_the_hash_does_not_depend_on_the_image_size(run):
    assert run(size=32, output="a")[0]["sha256"].tolist() == run(size=48, output="b")[0]["sha256"].tolist()


def test_a_killed_pack_goes_on_where_it_was(run, decoded):
    decoded.stop_at = "60.png"
    with pytest.raises(KeyboardInterrupt):
        run(threads=1)
    finished = len(journal.read(next(journal.PLACE.iterdir())))
    assert finished == 48  # three groups of 16; the fourth was interrupted
    decoded.stop_at = None
    decoded.clear()
    rows, rejected, pixels = run(threads=2)
    assert sorted(decoded) == sorted(f"{number}.png" for number in range(48, COUNT))
    whole_rows, whole_rejected, whole_pixels = run(output="uninterrupted")
    pd.testing.assert_frame_equal(rows, whole_rows)
    pd.testing.assert_frame_equal(rejected, whole_rejected)
    assert pixels.read_bytes() == whole_pixels.read_bytes()


def interrupt(run, decoded):
    decoded.stop_at = "60.png"
    with pytest.raises(KeyboardInterrupt):
        run(threads=1)
    decoded.stop_at = None
    decoded.clear()


def test_a_journal_line_cut_short_is_done_again(run, decoded):
    interrupt(run, decoded)
    path = next(journal.PLACE.iterdir()) / journal.JOURNAL
    path.write_bytes(path.read_bytes()[:-10])
    rows, _, _ = run()
    assert "47.png" in decoded
    assert len(rows) == COUNT - 2


def test_a_replaced_file_is_not_taken_for_done(run, decoded, root):
    interrupt(run, decoded)
    os.utime(root / "0.png", ns=(0, 0))
    run()
    assert len(decoded) == COUNT


@pytest.mark.parametrize("options", [{"size": 48}, {"fit": "stretch"}, {"interpolation": "cubic"}])
def test_other_parameters_do_not_go_on_from_these(run, decoded, options):
    interrupt(run, decoded)
    run(**options)
    assert len(decoded) == COUNT


def test_nothing_is_left_behind_by_a_finished_pack(run, tmp_path):
    run()
    assert not list(journal.PLACE.iterdir())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["pixels.npy"]


def test_an_older_pack_stays_until_the_new_one_is_whole(run, decoded, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/pixels.npy").write_bytes(b"older")
    interrupt(run, decoded)
    assert (tmp_path / "out/pixels.npy").read_bytes() == b"older"


def test_pixels_are_copied_to_another_disk(run, monkeypatch):
    move = Path.replace

    def move_on_one_disk_only(self, target):
        if self.name == journal.PIXELS:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return move(self, target)

    expected = run()[2].read_bytes()
    monkeypatch.setattr(Path, "replace", move_on_one_disk_only)
    assert run(output="other")[2].read_bytes() == expected
    assert not list(journal.PLACE.iterdir())


def test_a_disk_without_room_is_reported_before_the_work(run, decoded, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(DataError, match=r"0\.0 GB free, expected 0\.0 GB"):
        run()
    assert not decoded


def test_no_images_make_an_empty_array(run, accepted):
    rows, rejected, pixels = run(table=accepted.iloc[:0])
    assert rows.empty
    assert rejected.empty
    assert np.load(pixels, mmap_mode="r").shape == (0, 32, 32, 1)


def test_the_threads_of_opencv_are_left_as_they_were(run):
    before = cv2.getNumThreads()
    run()
    assert cv2.getNumThreads() == before
