"""Whose is what lies where an output goes? Nothing that radpipe did not write is replaced or removed.

A folder that is replaced as a whole carries a receipt, `radpipe-receipt.json`: the names of all files that
were written into it. It is replaced only if there is nothing else in it. The folder of a run, and one of an
older version, has no receipt; it is known by its content. A file is replaced only if its content says that it
is the output of the same step.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from radpipe.errors import DataError

RECEIPT = "radpipe-receipt.json"
UNFINISHED = ".radpipe-unfinished"  # in a folder whose files are being written: their names
WRITTEN = Path(".radpipe/written.txt")  # SHA-256 of files that people asked for by name
FORMAT = 1
RUN_KEYS = ("format", "loss", "seed", "targets", "kind", "image", "train")  # of training.json
RUN_FILES = ("model.keras", "history.csv", "predictions.parquet", "training.json")
ADVICE = "nothing was changed. Move it away, or choose another --output"


def write_receipt(folder: Path) -> None:
    """Write the names of all files of a folder into it."""
    names = sorted(list_files(folder))
    (folder / RECEIPT).write_text(json.dumps({"format": FORMAT, "files": names}, indent=0) + "\n", "utf-8")


def list_files(folder: Path) -> Iterator[str]:
    """Yield the names of the files below a folder, of links, and of empty folders; the receipt is none."""
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        empty = [inside] if inside.parts and not folders and not files else []
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
        found = (each.as_posix() for each in (*(inside / name for name in (*files, *links)), *empty))
        yield from (name for name in found if name != RECEIPT)


def refuse_foreign_folder(folder: Path, is_known: Callable[[str], bool]) -> None:
    """Raise DataError if a folder that is to be replaced holds a file that radpipe did not write.

    Parameters
    ----------
    folder
        Absent, or with anything in it.
    is_known
        Whether a file, by its name below the folder, is one that an older version wrote; it is asked where
        there is no receipt.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        found = "a link" if folder.is_symlink() else "a file"
        raise DataError(f"{folder}: {found}, expected a folder or nothing; {ADVICE}")
    listed = read_receipt(folder)
    for name in sorted(list_files(folder)):
        ours = is_known(name) if listed is None else name in listed
        if not ours:
            place = folder / name
            raise DataError(f"{place}: not written by radpipe, whose output would replace it; {ADVICE}")


def refuse_foreign_file(path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Raise DataError if a file is to be replaced that is not the output of the same step."""
    if path.is_dir() or path.is_symlink():
        found = "a link" if path.is_symlink() else "a folder"
        raise DataError(f"{path}: {found}, expected a file or nothing; {ADVICE}")
    if path.exists() and not is_ours(path):
        raise DataError(f"{path}: not written by this step of radpipe, which would replace it; {ADVICE}")


def refuse_foreign_files(
    folder: Path, names: Sequence[str], file: str, is_ours: Callable[[Path], bool]
) -> None:
    """Raise DataError if a folder holds files of these names that are not the output of the same step.

    Parameters
    ----------
    folder
        Absent, or with anything in it; other files stay there.
    names
        Files that the step is going to write.
    file, is_ours
        One of them, and whether the step wrote it, by its content: then it wrote the others.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: a file, expected a folder or nothing; {ADVICE}")
    ours = is_ours(folder / file)
    begun = read_object(folder / UNFINISHED).get("files", [])
    for name in names:
        known = ours or name in begun
        refuse_foreign_file(folder / name, lambda _, known=known: known)  # type: ignore[misc]


def is_run_file(folder: Path, name: str) -> bool:
    """Return whether a file is one of a run, which training.json says the folder is."""
    return name in RUN_FILES and has_keys(*RUN_KEYS)(folder / "training.json")


def remember(*paths: Path) -> None:
    """Note the contents of files that were written where only their user knows whose they are."""
    with suppress(OSError):  # in a folder that is not ours to write in: the next run refuses to replace them
        WRITTEN.parent.mkdir(parents=True, exist_ok=True)
        with WRITTEN.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{hash_file(path)}\n" for path in paths)


def is_remembered(path: Path) -> bool:
    """Return whether radpipe has written the very content of a file, started in the current folder."""
    known = WRITTEN.read_text("utf-8").split() if WRITTEN.is_file() else []
    return hash_file(path) in known


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def has_keys(*keys: str) -> Callable[[Path], bool]:
    """Return a test whether a file contains a JSON object with all of some keys."""
    return lambda path: set(keys) <= set(read_object(path))


is_evaluation = has_keys("format", "loss", "seed", "findings", "macro")  # metrics.json of a run or a model
is_comparison = has_keys("format", "arms", "seeds", "intervals", "endpoint", "findings", "macro")


def read_receipt(folder: Path) -> frozenset[str] | None:
    """Return the names that a receipt lists, None if there is none that can be read."""
    found = read_object(folder / RECEIPT).get("files")
    return frozenset(found) if isinstance(found, list) else None


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file; an empty one if there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
