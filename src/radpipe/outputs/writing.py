"""Outputs appear whole or not at all: each is written beside its place, then moved there."""

import errno
import gzip
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from radpipe.errors import DataError
from radpipe.outputs import receipts

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
DENIED = (
    errno.ENOENT,
    errno.EISDIR,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
)
IN_WORDS = re.compile(r"errno[ =]+(\d+)", re.IGNORECASE)  # h5py, pyarrow
DAMAGED = "damaged or of another format; remove it, and run the step that makes it again"
FREE_TEXT = ("reason", "detail")  # columns of tables for people; all others hold ids, paths and numbers
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 (the full-width forms)
BREAKS = ("\t", "\r", "\n")
NUMERIC = re.compile(r"[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?")
PHANTOM = "phantom.json"  # written last by every phantom


def know_nothing(_: str) -> bool:
    """Return that an older version has not written a file."""
    return False


@contextmanager
def write_whole(
    path: Path, is_known: Callable[[str], bool] = know_nothing, *, receipt: bool = True
) -> Iterator[Path]:
    """Yield a path to write a file or folder to; move it to `path` if nothing was raised, else remove it.

    The place keeps the suffix of `path`, because writers choose the format by it. A folder gets a `receipt`,
    unless its content alone says whose it is; it replaces one whose files are all in its receipt, or, without
    a receipt, in which all are known by `is_known`: see `radpipe.outputs.receipts`.

    Raises
    ------
    DataError
        If a folder would be replaced that holds a file of somebody else.
    """
    if path.is_dir():
        receipts.refuse_foreign_folder(path, is_known)
    draft = name_draft(path)
    with name_failed_write(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            if draft.is_dir():
                if receipt:
                    receipts.write_receipt(draft)
                receipts.refuse_foreign_folder(path, is_known)  # it may have come meanwhile
            if path.is_dir():
                shutil.rmtree(path)  # a folder is replaced by a move only if it is empty
            draft.replace(path)
        finally:
            if draft.is_dir():
                shutil.rmtree(draft)
            draft.unlink(missing_ok=True)


def name_draft(path: Path) -> Path:
    """Return where a file or folder is written before it is moved to its place."""
    if not path.name:
        raise DataError(f"{path}: no name of a file or folder; give one below it")
    return path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{path.suffix}")


@contextmanager
def name_failed_write(path: Path) -> Iterator[None]:
    """Turn what the operating system says against writing a file or folder into one line.

    Raises
    ------
    DataError
        If the disk is full, the quota used up, the place not writable.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = find_reason(error, path)
        if reason is None:
            raise
        raise DataError(
            f"{path}: could not be written ({reason}), and was not half-written either. Put that right and "
            "run again: what is finished is kept"
        ) from None


def find_reason(error: OSError | RuntimeError, path: Path) -> str | None:
    """Return why a file could not be written, or None if the error is about something else."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None:  # of a library: only in words, if at all
        found = IN_WORDS.search(str(error))
        number = int(found[1]) if found else None
        if number is None and type(error) is OSError and "written" in str(error):
            return str(error)  # NumPy: 512 requested and 20 written
    if number in FULL:
        return os.strerror(number)
    beside = isinstance(error, OSError) and str(error.filename).startswith(str(path.parent))
    return os.strerror(number) if number in DENIED and beside else None


@contextmanager
def write_files(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Note in a folder which files are being written: a run that was stopped may replace them later."""
    mark = folder / receipts.UNFINISHED
    write_json(mark, {"files": list(names)})
    finished = False
    try:
        yield
        finished = True
    finally:
        if finished or not any((folder / name).exists() for name in names):
            mark.unlink(missing_ok=True)


def read_json(path: Path, *, expected: str | None = None) -> Any:
    """Read what `write_json` wrote.

    Parameters
    ----------
    path
        The file.
    expected
        What the file is, for the message of the error; None: its absence is a bug of the caller.

    Raises
    ------
    DataError
        If the file is absent, and `expected` is given.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if expected is None:
            raise
        raise DataError(f"{path}: not found, expected {expected}") from None


def read_parquet(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a table that a step wrote.

    Raises
    ------
    DataError
        If it is damaged. Its absence is a bug of the caller.
    """
    try:
        return pd.read_parquet(path, columns=columns)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{path}: {DAMAGED} ({format_first_line(error)})") from None


def read_array(path: Path) -> "np.memmap[Any, np.dtype[Any]]":
    """Map an array that a step wrote into memory; raises what `read_parquet` raises."""
    try:
        found: np.memmap[Any, np.dtype[Any]] = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}: {DAMAGED} ({format_first_line(error)})") from None
    return found


def format_first_line(error: Exception) -> str:
    """Return the first line of what an error says, or its type if it says nothing."""
    return str(error).strip().split("\n")[0] or type(error).__name__


def write_json(path: Path, values: Any) -> None:
    """Write JSON without NaN: an unknown number is null."""
    text = json.dumps(values, indent=1, allow_nan=False, ensure_ascii=False)
    with write_whole(path) as draft:
        draft.write_text(text + "\n", encoding="utf-8")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet or, by its suffix, as CSV without the index."""
    with write_whole(path) as draft:
        if path.suffix == ".csv":
            texts = {name: table[name].map(disarm) for name in FREE_TEXT if name in table}
            table.assign(**texts).to_csv(draft, index=False)
        else:
            table.to_parquet(draft)


def disarm(text: object) -> object:
    """Return a text with an apostrophe before it, if a spreadsheet would take it for a formula.

    References
    ----------
    OWASP, CSV injection: cells that begin with =, +, -, @ or their full-width forms, a tab or a return;
    programs step over blanks before them.
    """
    if not isinstance(text, str) or NUMERIC.fullmatch(text):
        return text
    return f"'{text}" if text.startswith(BREAKS) or text.lstrip().startswith(FORMULAS) else text


def format_line(cells: Iterable[str]) -> str:
    """Return a line of CSV from which exactly these texts are read; most cells stay as they are."""
    return ",".join(map(_quote, cells)) + "\n"


def _quote(cell: str) -> str:
    plain = cell == cell.strip() and not any(letter in cell for letter in '",;|\t\r\n')
    return cell if cell and plain else '"' + cell.replace('"', '""') + '"'


def describe_file(path: Path) -> dict[str, Any]:
    """Return name and sha256 of a file that was read: the version of a label table, gzipped or not."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    return {"file": path.name, "sha256": digest}


def build_rejected_path(output: Path) -> Path:
    """Return where `predict` lists the files that it cannot use."""
    return output.with_name(f"{output.stem}.rejected.csv")
