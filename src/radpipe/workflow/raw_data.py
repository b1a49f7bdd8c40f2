"""A raw folder -> one short text that changes when the content of any file in it changes.

A folder of 112,120 images enters the workflow as this text, not as 112,120 time stamps. Each file is read
once: what its content was is kept beside what the file system says of it, and only a file of which that has
changed is read again. See `contents`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from radpipe.errors import DataError
from radpipe.outputs.receipts import RECEIPT
from radpipe.outputs.writing import PHANTOM, read_json
from radpipe.workflow.contents import describe_file, hash_contents, list_files

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
        return str(yaml.safe_load(pointer.read_text(encoding="utf-8"))["outs"][0]["md5"])
    if not folder.is_dir():
        raise DataError(f"no folder {folder}")
    files = list_files(folder, link_roots)
    contents = hash_contents(folder, files, read)
    return _hash_lines(f"{file.name}\0{content}" for file, content in zip(files, contents, strict=True))


def _compare_with_receipt(folder: Path, read: bool) -> str:
    """Compare a phantom with its receipt: names and sizes; also contents, of files that are younger.

    A copy by DVC is younger, and so is an image replaced in place: the content distinguishes them.
    """
    receipt = folder / PHANTOM
    if not folder.is_dir():
        return AS_MADE
    if not receipt.is_file():
        return "without its receipt"
    made = describe_file(PHANTOM, receipt.stat()).age
    expected = {name: entry for name, *entry in read_json(receipt)["files"]}
    files = [file for file in list_files(folder, ()) if file.name not in (PHANTOM, RECEIPT)]
    younger = [file for file in files if file.age > made]
    contents = dict(zip(younger, hash_contents(folder, younger, read), strict=True))
    found = {file.name: [file.size, *([contents[file]] if file in contents else [])] for file in files}
    deviant = {name for name in found if found[name] != expected.get(name, [])[: len(found[name])]}
    deviant |= expected.keys() - found.keys()
    return _hash_lines(f"{name}\0{found.get(name)}" for name in sorted(deviant)) if deviant else AS_MADE


def _hash_lines(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
