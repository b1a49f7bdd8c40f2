"""A raw folder -> one short text that changes when anything in it changes, without reading its images.

A folder of 112,120 images enters the workflow as this text, not as 112,120 time stamps.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import yaml

from radpipe.errors import DataError
from radpipe.outputs import PHANTOM, read_json

AS_MADE = "as made"


def describe(root: Path, tables: Path | None = None, phantom: bool = False) -> str:
    """Return the state of a raw folder.

    Parameters
    ----------
    root, tables
        Folder of the images, and of the tables if they are elsewhere.
    phantom
        The folder is made by the workflow: its state is the same before and after, unless it was edited.

    Returns
    -------
    str
        `AS_MADE`; the hash in the DVC pointer beside the folder; or a hash of names, sizes and times. With
        a pointer, DVC's view counts: an edited folder is new after `dvc add`.

    Raises
    ------
    DataError
        If a folder that the workflow cannot make is absent.
    """
    if phantom:
        return _compare_with_receipt(root)
    return "+".join(_read_state(folder) for folder in (root, tables) if folder is not None)


def _read_state(folder: Path) -> str:
    pointer = folder.with_name(f"{folder.name}.dvc")
    if pointer.is_file():
        return str(yaml.safe_load(pointer.read_text(encoding="utf-8"))["outs"][0]["md5"])
    if not folder.is_dir():
        raise DataError(f"no folder {folder}")
    return _hash_lines(f"{name}\0{found.st_size}\0{found.st_mtime_ns}" for name, found in _scan(folder))


def _compare_with_receipt(folder: Path) -> str:
    """Compare a phantom with its receipt: names and sizes; also contents, of files that are younger."""
    receipt = folder / PHANTOM
    if not folder.is_dir():
        return AS_MADE
    if not receipt.is_file():
        return "without its receipt"
    expected = {name: entry for name, *entry in read_json(receipt)["files"]}
    found = dict(_fingerprint_files(folder, _find_time(receipt.stat())))
    deviant = {name for name in found if found[name] != expected.get(name, [])[: len(found[name])]}
    deviant |= expected.keys() - found.keys()
    return _hash_lines(f"{name}\0{found.get(name)}" for name in sorted(deviant)) if deviant else AS_MADE


def _fingerprint_files(folder: Path, made: int) -> Iterator[tuple[str, list[object]]]:
    """Yield the name and size of each file; if it is younger than `made` [ns], the hash of its content, too.

    A copy by DVC is younger, and so is an image replaced in place: the content distinguishes them.
    """
    for name, status in _scan(folder):
        if name != PHANTOM:
            content = [_hash_file(folder / name)] if _find_time(status) > made else []
            yield name, [status.st_size, *content]


def _find_time(status: os.stat_result) -> int:
    """Return the later of both times [ns]: a file moved into place keeps its mtime, not its ctime."""
    return max(status.st_mtime_ns, status.st_ctime_ns)


def _scan(folder: Path) -> list[tuple[str, os.stat_result]]:
    """List the files below a folder by relative name; links are followed, broken ones are not."""
    found = sorted(_walk(os.fspath(folder)))
    start = len(os.fspath(folder)) + 1
    return [(path[start:], status) for path, status in found]


def _walk(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.is_dir():
                    yield from _walk(entry.path)
                else:
                    yield entry.path, entry.stat()
            except FileNotFoundError:
                yield entry.path, entry.stat(follow_symlinks=False)


def _hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_lines(lines: Iterator[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
