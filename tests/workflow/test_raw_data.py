"""The state of a raw folder: an image replaced in place is noticed, a phantom stays as it was made."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from radpipe.errors import DataError
from radpipe.workflow import contents, raw_data

MADE = 1_700_000_000  # [s]


def describe(root, tables=None, phantom=False, roots=(), read=True):
    return raw_data.describe(raw_data.RawData(root, tables, phantom, roots), read)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two files, one in a subfolder, with a fixed time."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "raw"
    (root / "images").mkdir(parents=True)
    for name, content in {"table.csv": b"a,b", "images/1.png": b"pixels"}.items():
        (root / name).write_bytes(content)
        os.utime(root / name, (MADE, MADE))
    return root


@pytest.fixture
def phantom(folder, monkeypatch):
    """The same folder with its receipt; the age of a file is its mtime alone, for ctime cannot be set."""
    monkeypatch.setattr(contents.File, "age", property(lambda file: file.mtime))
    names = ("images/1.png", "table.csv")
    files = [[name, size(folder / name), sha256((folder / name).read_bytes()).hexdigest()] for name in names]
    receipt = folder / "phantom.json"
    receipt.write_text(json.dumps({"files": files}))
    os.utime(receipt, (MADE + 1, MADE + 1))
    return folder


def size(path):
    return path.stat().st_size


def replace(path, content, time):
    path.write_bytes(content)
    os.utime(path, (time, time))


def test_the_state_stays_while_nothing_changes(folder):
    assert describe(folder) == describe(Path(str(folder)))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: replace(folder / "images/1.png", b"PIXELS", MADE + 5),  # as many bytes
        lambda folder: replace(folder / "images/1.png", b"more pixels", MADE),
        lambda folder: replace(folder / "images/2.png", b"pixels", MADE),
        lambda folder: (folder / "images/1.png").rename(folder / "images/0.png"),
        lambda folder: (folder / "table.csv").unlink(),
    ],
    ids=["replaced", "resized", "added", "renamed", "removed"],
)
def test_any_change_of_a_file_changes_the_state(folder, change):
    before = describe(folder)
    change(folder)
    assert describe(folder) != before


def test_tables_in_another_folder_belong_to_the_state(folder, tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    before = describe(folder, tables)
    (tables / "labels.csv").write_text("a")
    assert describe(folder, tables) != before


def test_a_pointer_of_dvc_stands_for_its_folder(folder):
    pointer = folder.with_name("raw.dvc")
    pointer.write_text("outs:\n- md5: 0123abcd.dir\n  path: raw\n")
    assert describe(folder) == "0123abcd.dir"


def test_links_are_followed_and_those_that_lead_nowhere_are_not_fatal(folder, tmp_path):
    target = tmp_path / "cache"
    target.write_bytes(b"pixels")
    (folder / "images/2.png").symlink_to(target)
    (folder / "images/3.png").symlink_to(tmp_path / "absent")
    before = describe(folder, roots=(str(tmp_path),))
    replace(target, b"PIXELS", MADE)
    assert describe(folder, roots=(str(tmp_path),)) != before


def test_an_absent_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="no folder .*absent"):
        describe(tmp_path / "absent")


def test_a_phantom_is_as_made_before_and_after_it_is_made(phantom, tmp_path):
    assert describe(tmp_path / "absent", phantom=True) == raw_data.AS_MADE
    assert describe(phantom, phantom=True) == raw_data.AS_MADE


def test_a_younger_copy_of_a_phantom_with_the_same_content_is_as_made(phantom):
    replace(phantom / "images/1.png", b"pixels", MADE + 5)
    assert describe(phantom, phantom=True) == raw_data.AS_MADE


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: replace(folder / "images/1.png", b"PIXELS", MADE + 5),
        lambda folder: replace(folder / "images/1.png", b"fewer", MADE),
        lambda folder: replace(folder / "new.png", b"pixels", MADE),
        lambda folder: (folder / "table.csv").unlink(),
        lambda folder: (folder / "phantom.json").unlink(),
    ],
    ids=["replaced", "resized", "added", "removed", "receipt"],
)
def test_a_phantom_that_someone_touched_is_noticed(phantom, change):
    change(phantom)
    assert describe(phantom, phantom=True) != raw_data.AS_MADE


def swap(folder):
    """Exchange two images by renaming their folders, which changes nothing of their files."""
    for name, content in (("a", b"one"), ("b", b"two")):
        (folder / name).mkdir()
        replace(folder / name / "1.png", content, MADE)
    files = [["a/1.png", 3, sha256(b"two").hexdigest()], ["b/1.png", 3, sha256(b"one").hexdigest()]]
    known = json.loads((folder / "phantom.json").read_text())["files"]
    replace(folder / "phantom.json", json.dumps({"files": known + files}).encode(), MADE + 1)


def replace_and_touch(folder):
    replace(folder / "images/1.png", b"PIXELS", MADE)
    os.utime(folder / "phantom.json", (MADE + 9, MADE + 9))


@pytest.mark.parametrize("change", [swap, replace_and_touch])
def test_an_edit_that_keeps_the_times_of_a_phantom_is_noticed(phantom, change):
    change(phantom)
    assert describe(phantom, phantom=True) != raw_data.AS_MADE
    assert describe(phantom, phantom=True, read=False) != raw_data.AS_MADE  # its contents are known by now


def test_a_dry_run_before_the_first_run_reads_no_phantom(phantom, monkeypatch):
    monkeypatch.setattr(contents, "hash_file", lambda *_: pytest.fail("read"))
    assert describe(phantom, phantom=True, read=False) == raw_data.AS_MADE
    replace(phantom / "images/1.png", b"PIXELS", MADE + 5)
    assert describe(phantom, phantom=True, read=False) != raw_data.AS_MADE


@pytest.mark.parametrize(
    "text", ["[", "[]", '{"files": 1}', '{"files": [1]}', '{"files": [[]]}', "[" * 10**5]
)
def test_a_receipt_that_cannot_be_read_is_none(phantom, text):
    (phantom / "phantom.json").write_text(text)
    assert describe(phantom, phantom=True) == "without its receipt"


@pytest.mark.parametrize(
    "text",
    [b"", b"outs: []", b"outs: [{path: raw}]", b"outs: 3", b"[", b"\xff\xfe", b"outs: [{md5: }]", b"- a"],
)
def test_a_pointer_of_dvc_without_a_hash_is_named(folder, text):
    folder.with_name("raw.dvc").write_bytes(text)
    with pytest.raises(DataError, match=r"raw\.dvc: no hash \(outs, md5\) in this pointer of DVC"):
        describe(folder)


def test_a_link_to_a_name_that_is_no_utf_8_is_listed(folder):
    os.symlink(b"/nowhere/\xff", os.fsencode(folder / "link"))  # noqa: PTH211 (bytes)
    assert describe(folder) == describe(folder)
