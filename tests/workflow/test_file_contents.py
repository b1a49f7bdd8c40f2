"""Contents of a folder: each file is read once, and again only if the file system says that it changed."""

import os
import shutil
from hashlib import sha256

import pytest

from radpipe.errors import DataError
from radpipe.workflow import contents
from radpipe.workflow.contents import hash_contents, list_files

MADE = 1_700_000_000  # [s]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "raw"
    (root / "images").mkdir(parents=True)
    for name, content in {"table.csv": b"a,b", "images/1.png": b"pixels", "images/ü\n2.png": b"x"}.items():
        (root / name).write_bytes(content)
        os.utime(root / name, (MADE, MADE))
    return root


@pytest.fixture
def opened(monkeypatch):
    """Names of the files read so far."""
    seen = []
    real = contents.hash_file
    monkeypatch.setattr(contents, "hash_file", lambda file: seen.append(file.name) or real(file))
    return seen


def look(folder, read=True, roots=()):
    files = list_files(folder, roots)
    return dict(zip((file.name for file in files), hash_contents(folder, files, read), strict=True))


def test_a_file_is_read_once(folder, opened):
    found = look(folder)
    assert found["images/1.png"] == sha256(b"pixels").hexdigest()
    assert sorted(opened) == ["1.png", "table.csv", "ü\n2.png"]
    opened.clear()
    assert look(folder) == found
    assert look(folder, read=False) == found
    assert not opened


def test_a_file_replaced_in_place_is_seen_though_size_and_time_are_kept(folder, opened):
    before = look(folder)
    opened.clear()
    (folder / "images/1.png").write_bytes(b"PIXELS")
    os.utime(folder / "images/1.png", (MADE, MADE))
    after = look(folder)
    assert after != before
    assert opened == ["1.png"]


def test_a_copied_tree_is_read_once_more_and_is_the_same(folder, opened, tmp_path):
    before = look(folder)
    opened.clear()
    shutil.move(folder, tmp_path / "old")
    shutil.copytree(tmp_path / "old", folder)
    assert look(folder) == before
    assert len(opened) == 3


def test_a_dry_run_reads_nothing_and_takes_what_it_does_not_know_for_changed(folder, opened):
    unknown = look(folder, read=False)
    assert not opened
    known = look(folder)
    assert all(unknown[name] != known[name] for name in known)
    os.utime(folder / "table.csv")
    opened.clear()
    touched = look(folder, read=False)
    assert not opened
    assert touched["table.csv"] != known["table.csv"]
    assert look(folder) == known


def test_an_interruption_costs_one_group(folder, opened, monkeypatch):
    monkeypatch.setattr(contents, "GROUP", 1)
    real = contents.hash_file

    def interrupt(file):
        if len(opened) == 2:
            raise KeyboardInterrupt
        return real(file)

    monkeypatch.setattr(contents, "hash_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        look(folder)
    opened.clear()
    look(folder)
    assert len(opened) == 1


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"short\n", b"x" * 64 + b" 1 2 3 4 table.csv\n"])
def test_a_damaged_cache_costs_a_reading(folder, damage):
    before = look(folder)
    (cache,) = contents.PLACE.iterdir()
    cache.write_bytes(damage)
    assert look(folder) == before


def test_a_file_that_is_gone_leaves_the_cache(folder):
    look(folder)
    (folder / "table.csv").unlink()
    (folder / "new.csv").write_text("n")
    look(folder)
    (cache,) = contents.PLACE.iterdir()
    assert "table.csv" not in cache.read_text()


def test_links_are_followed_within_the_folder_and_into_listed_ones(folder, tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    (store / "a.png").write_bytes(b"a")
    (folder / "file").symlink_to(store / "a.png")
    (folder / "deep").symlink_to(store)
    (folder / "inside").symlink_to(folder / "images")
    (folder / "nowhere").symlink_to(tmp_path / "absent")
    apart = look(folder)
    assert apart["file"] == f"-> {store / 'a.png'}"
    assert apart["deep"] == f"-> {store}"
    assert apart["nowhere"] == f"-> {tmp_path / 'absent'}"
    assert apart["inside/1.png"] == sha256(b"pixels").hexdigest()
    followed = look(folder, roots=[str(store)])
    assert followed["file"] == followed["deep/a.png"] == sha256(b"a").hexdigest()
    (store / "a.png").write_bytes(b"b")
    assert look(folder, roots=[str(store)])["deep/a.png"] == sha256(b"b").hexdigest()


@pytest.mark.parametrize(
    ("link", "target"), [("images/up", ".."), ("images/self", "."), ("images/ring", "ring"), ("a/b", "../c")]
)
def test_a_circle_of_links_is_one_line(folder, link, target):
    for name in ("a", "c"):
        (folder / name).mkdir()
    (folder / "c/d").symlink_to("../a")
    (folder / link).symlink_to(target)
    with pytest.raises(DataError, match=r"circle|Too many levels") as caught:
        look(folder)
    assert "\n" not in str(caught.value)
    assert "remove" in str(caught.value)


def test_two_links_to_one_folder_are_no_circle(folder):
    for name in ("one", "two"):
        (folder / name).symlink_to("images")
    assert {"one/1.png", "two/1.png"} <= look(folder).keys()


def test_a_name_that_is_no_utf_8_is_one_line(folder):
    try:
        with open(os.fsencode(folder) + b"/\xff.png", "wb"):  # noqa: PTH123
            pass
    except OSError:
        pytest.skip("this file system takes no such name")
    with pytest.raises(DataError, match=r"the name b'\\xff.png' is no UTF-8; rename the file"):
        look(folder)


def test_a_file_that_cannot_be_read_stops_nothing_and_is_tried_again(folder, monkeypatch):
    real = contents.hash_file
    monkeypatch.setattr(contents, "hash_file", lambda file: real(file.with_name("absent")))
    assert look(folder)["images/1.png"] == "not readable: No such file or directory"
    monkeypatch.setattr(contents, "hash_file", real)
    assert look(folder)["images/1.png"] == sha256(b"pixels").hexdigest()


def test_a_pipe_is_listed_and_never_read(folder, opened):
    os.mkfifo(folder / "images/pipe")
    assert look(folder)["images/pipe"] == "-> no regular file"
    assert "pipe" not in opened
