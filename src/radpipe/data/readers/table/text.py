"""A CSV file of anybody's making -> a table of text, or one line that says what is wrong with the file."""

import csv
import gzip
import zlib
from collections.abc import Sequence
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

import pandas as pd

from radpipe.data.readers.folders import find_table
from radpipe.errors import DataError

SEPARATORS = (",", ";", "\t")
GZIP = b"\x1f\x8b"  # the first bytes
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls
WIDE = ("\xff\xfe".encode("latin-1"), "\xfe\xff".encode("latin-1"))  # UTF-16
MOST_NAMED = 20


def find_file(folder: Path, name: str) -> Path:
    """Return the table, plain or with .gz; name what looks like it if it is not there."""
    path = find_table(folder, (name,))
    if path is not None:
        return path
    if not folder.is_dir():
        raise DataError(f"options.file: no folder {folder}; correct root or tables in params.yaml")
    near = get_close_matches(name, [path.name for path in folder.iterdir() if path.is_file()], 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "put it there, or correct the name"
    raise DataError(f"options.file: no file {name} in {folder}; {hint}")


def read_text(path: Path) -> pd.DataFrame:
    """Read a table of text, separated by commas, semicolons or tabs.

    Returns
    -------
    DataFrame
        str without blanks around it, '' where a cell is empty; the index is the line of the file.

    Raises
    ------
    DataError
        If the file is a workbook, is not UTF-8, has no rows, or a row has another number of cells than
        the header.
    """
    text = decode_utf8(read_bytes(path), path.name)
    header, *rows = split_rows(text, path.name) or [(1, [])]
    names = [cell.strip() for cell in header[1]]
    for line, cells in rows:
        if len(cells) != len(names):
            raise DataError(
                f"{path.name}: line {line} has {len(cells)} cells, expected {len(names)} as in the header; "
                "put quotation marks around a cell that holds the separator"
            )
    if not rows:
        raise DataError(f"{path.name}: holds no rows below a header")
    stripped = [[cell.strip() for cell in cells] for _, cells in rows]
    return pd.DataFrame(stripped, index=[line for line, _ in rows], columns=names, dtype="str")


def read_bytes(path: Path) -> bytes:
    """Read a file, packed with gzip or not."""
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name}: not readable ({error})") from None


def decode_utf8(content: bytes, file: str) -> str:
    """Turn UTF-8, with or without the mark that Excel writes first, into text."""
    if content.startswith(WORKBOOKS):
        raise DataError(f"{file}: is an Excel workbook, expected text; save it as 'CSV UTF-8'")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        kind = "is UTF-16 text" if content.startswith(WIDE) else f"is not UTF-8 text (byte {error.start})"
        raise DataError(f"{file}: {kind}; save it as 'CSV UTF-8'") from None
    if "\0" in text:
        raise DataError(f"{file}: holds zero bytes, expected text. Is this a CSV?")
    return text


def split_rows(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return each row that is not blank with the line at which it ends, the header first."""
    first = text.lstrip().partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise DataError(f"{file}: line {reader.line_num} is not CSV ({error})") from None


def refuse_columns(path: Path, header: pd.Index, wanted: Sequence[tuple[str, str]]) -> None:
    """Stop if a column is missing, or its name stands twice.

    Parameters
    ----------
    wanted
        (option, column): where params.yaml asks for which column.
    """
    names = [str(name) for name in header]
    for option, column in wanted:
        if names.count(column) > 1:
            raise DataError(f"{path.name}: column {column!r} (options.{option}) stands twice; rename one")
        if column not in names:
            near = get_close_matches(column, names, 2, 0.5) or [
                name for name in names if name.lower() == column.lower()
            ]
            hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
            listed = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
            raise DataError(
                f"{path.name}: no column {column!r} (options.{option}); {hint}The columns are {listed}"
            )
