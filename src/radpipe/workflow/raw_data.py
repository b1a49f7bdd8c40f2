"""A raw folder -> one short text that changes when the content of any file in it changes.

A folder of 112,120 images enters the workflow as this text, not as 112,120 time stamps. Each file is read
once: what its content was is kept beside what the file system says of it, and only a file of which that has
changed is read again. See `contents`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from radpipe.errors import DataError
from radpipe.outputs.receipts import RECEIPT, read_object
from radpipe.outputs.writing import PHANTOM
from radpipe.workflow.contents import NOT_READ, describe_file, hash_contents, list_files

AS_MADE = "as made"


@dataclass(frozen=True)
class RawData:
    """Where the raw data of a dataset is.

    Attributes
    ----------
    root, tables
        Folder of the images, and of the tables if they are elsewhere.
    phantom
        The folder is made by the workflow: its state is the same before and after, unless it was edited.
    link_roots
        Folders that links in it may lead into.
    """

    root: Path
    tables: Path | None = None
    phantom: bool = False
    link_roots: tuple[str, ...] = ()


def describe(data: RawData, read: bool = True) -> str:
    """Return the state of a raw folder.

    Parameters
    ----------
    data
        Where it is.
    read
        Read files whose content is not known. A dry run reads none: there such a file counts as changed.

    Returns
    -------
    str
        `AS_MADE`; the hash in the DVC pointer beside the folder; or a hash of names and contents. With
        a pointer, DVC's view counts: an edited folder is new after `dvc add`.

    Raises
    ------
    DataError
        If a folder that the workflow cannot make is absent, a link leads in a circle, or a name is no UTF-8.
    """
    if data.phantom:
        return _compare_with_receipt(data.root, read)
    folders = [folder for folder in (data.root, data.tables) if folder is not None]
    return "+".join(_read_state(folder, data.link_roots, read) for folder in folders)


def _read_state(folder: Path, link_roots: Sequence[str], read: bool) -> str:
    pointer = folder.with_name(f"{folder.name}.dvc")
    if pointer.is_file():
        return _read_pointer(pointer)
    if not folder.is_dir():
        raise DataError(f"no folder {folder}")
    files = list_files(folder, link_roots)
    contents = hash_contents(folder, files, read)
    return _hash_lines(f"{file.name}\0{content}" for file, content in zip(files, contents, strict=True))


def _read_pointer(pointer: Path) -> str:
    """Return the hash in a pointer of DVC."""
    try:
        found = yaml.safe_load(pointer.read_text(encoding="utf-8"))["outs"][0]["md5"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, IndexError, TypeError, RecursionError):
        found = None
    if not isinstance(found, str) or not found:
        raise DataError(
            f"{pointer}: no hash (outs, md5) in this pointer of DVC; restore it, or run `dvc add` again"
        )
    return found


def _compare_with_receipt(folder: Path, read: bool) -> str:
    """Compare the names, sizes and contents of a phantom with its receipt.

    A dry run reads no file. Before the first run, when the content of none is known, it takes the files that
    are not younger than the receipt for those that were made.
    """
    if not folder.is_dir():
        return AS_MADE
    receipt = folder / PHANTOM
    expected = _read_expected(receipt)
    if expected is None:
        return "without its receipt"
    files = [file for file in list_files(folder, ()) if file.name not in (PHANTOM, RECEIPT)]
    contents = hash_contents(folder, files, read)
    first = not read and all(content.startswith(NOT_READ) for content in contents)
    made = describe_file(PHANTOM, receipt.stat()).age if first else 0
    found = {
        file.name: [file.size] if file.age <= made else [file.size, content]
        for file, content in zip(files, contents, strict=True)
    }
    deviant = {name for name in found if found[name] != expected.get(name, [])[: len(found[name])]}
    deviant |= expected.keys() - found.keys()
    return _hash_lines(f"{name}\0{found.get(name)}" for name in sorted(deviant)) if deviant else AS_MADE


def _read_expected(receipt: Path) -> dict[str, list[Any]] | None:
    """Return size and content of each file by its name, None if there is no receipt that can be read."""
    entries = read_object(receipt).get("files")
    try:
        return None if entries is None else {str(name): entry for name, *entry in entries}
    except (TypeError, ValueError):
        return None


def _hash_lines(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()
