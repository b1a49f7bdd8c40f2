"""A delimited file of anybody's making -> a table of text, or one line that says what is wrong with the file.

Everything that a user hands over is read here: own tables, published tables (which people edit), external
predictions and labels, boxes and mappings. Understood are commas, semicolons, tabs and bars, also as Excel's
first line `sep=;` says; UTF-8 with or without a mark; quotes; lines that end in LF, CRLF or CR; gzip; blank
rows and blank cells at the end; a column of row numbers before the first. What is not understood is refused,
with its line.
"""

import csv
import gzip
import re
import zlib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.data.delimited_layout import Layout, find_layout, skip_lines
from radpipe.errors import DataError, quote_cell

GZIP = b"\x1f\x8b"  # the first bytes
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls
WIDE = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
ROW_NUMBERS = re.compile(r"(Unnamed: \d+(\.\d+)*)?")  # the name that pandas and R give to their row numbers
HEAD = 1 << 20  # [bytes] in which a header ends


@dataclass(frozen=True)
class DelimitedText:
    """A delimited file.

    Attributes
    ----------
    name
        Of the file, for messages.
    cells : (rows, columns) str
        Without blanks around it, '' where a cell is empty; the index is the line of the file.
    separator
        Between the cells.
    """

    name: str
    cells: pd.DataFrame
    separator: str


def read_delimited(path: Path, *, keep_blanks: bool = False) -> DelimitedText:
    r"""Read a delimited file.

    Parameters
    ----------
    keep_blanks
        Leave the blanks around each cell where they are.

    Raises
    ------
    DataError
        If the file is a workbook, is not UTF-8, has no rows, a row has another number of cells than the
        header, or a name stands twice in the header or is missing there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "labels.csv").write_text("id;dose\na;0,5\n")
    ...     text = read_delimited(Path(folder, "labels.csv"))
    >>> text.separator, text.cells.to_dict("index")
    (';', {2: {'id': 'a', 'dose': '0,5'}})
    """
    text = decode_utf8(read_bytes(path), path.name)
    layout = find_layout(text, path.name)
    lines = skip_lines(text, layout.header - 1)
    table = split_plain(lines, layout.separator)
    if table is None:
        table = split_carefully(lines, layout, path.name, keep_blanks=keep_blanks)
    else:
        table.index += layout.header - 1
    return _choose_cells(table, path.name, layout, keep_blanks=keep_blanks)


def read_layout(path: Path) -> Layout:
    """Read the layout alone, of a file of any size."""
    try:
        with path.open("rb") as stream:
            packed = stream.read(len(GZIP)) == GZIP
        with gzip.open(path) if packed else path.open("rb") as stream:
            head = stream.read(HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name}: not readable ({error}); download or save it again") from None
    whole = head if len(head) < HEAD else head[: max(head.rfind(b"\n"), head.rfind(b"\r"))]
    return find_layout(decode_utf8(whole, path.name), path.name)


def _choose_cells(table: pd.DataFrame, file: str, layout: Layout, *, keep_blanks: bool) -> DelimitedText:
    """Leave out blank rows, and columns that hold no data."""
    names = [str(name).strip() for name in table.columns]
    cells = table.set_axis(range(len(names)), axis=1)
    stripped = cells.apply(lambda column: column.str.strip())
    filled = (stripped != "").any(axis=1)
    if not filled.any():
        raise DataError(f"{file}: holds no rows below a header")
    chosen = _choose_columns(stripped[filled], names, file, layout.header)
    kept = (cells if keep_blanks else stripped).loc[filled, chosen]
    return DelimitedText(file, kept.set_axis([names[place] for place in chosen], axis=1), layout.separator)


def read_bytes(path: Path) -> bytes:
    """Read a file, packed with gzip or not."""
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except FileNotFoundError:
        raise DataError(f"{path}: not found") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name}: not readable ({error}); download or save it again") from None


def decode_utf8(content: bytes, file: str) -> str:
    """Turn UTF-8, with or without the mark that Excel writes first, into text."""
    if content.startswith(WORKBOOKS):
        kind = "a zip archive" if file.endswith(".zip") else "an Excel workbook"
        remedy = "unpack it" if file.endswith(".zip") else "save it as 'CSV UTF-8'"
        raise DataError(f"{file}: is {kind}, expected text; {remedy}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", content[: error.start])) + 1
        wide = next((name for mark, name in WIDE.items() if content.startswith(mark)), None)
        kind = f"is {wide} text" if wide else f"is not UTF-8 text (line {line}, byte {error.start})"
        raise DataError(f"{file}: {kind}; save it as 'CSV UTF-8'") from None
    if "\0" in text:
        raise DataError(f"{file}: holds zero bytes, expected text. Is this a CSV?")
    if not text.strip():
        raise DataError(f"{file}: is empty, expected a header and rows; download or save it again")
    return text


def split_plain(text: str, separator: str) -> pd.DataFrame | None:
    """Split text without quotes in which every line has as many cells as the first; None for any other.

    The result is that of `split_carefully`, five times as fast.
    """
    if '"' in text or len(separator.encode()) != 1:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    content = lines.encode()
    letters = np.frombuffer(content, np.uint8)
    ends = np.append(np.flatnonzero(letters == ord("\n")), len(letters))
    counts = np.diff(np.searchsorted(np.flatnonzero(letters == ord(separator)), ends), prepend=0)
    blank = np.diff(ends, prepend=-1).min() == 1
    if len(ends) == 1 or blank or not (counts == counts[0]).all():
        return None
    table = pd.read_csv(
        StringIO(lines), sep=separator, header=None, dtype="str", na_filter=False, quoting=csv.QUOTE_NONE,
        skip_blank_lines=False,
    )  # fmt: skip
    table.index += 1
    return table.iloc[1:].set_axis(table.iloc[0].to_list(), axis=1)


def split_carefully(text: str, layout: Layout, file: str, *, keep_blanks: bool) -> pd.DataFrame:
    """Split any text into rows of as many cells as the header has names; blank rows are left out.

    The index is the line in which a row begins.
    """
    separator = layout.separator
    padded = not keep_blanks or re.search(rf'{re.escape(separator)} +"', text) is not None
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=padded)
    rows: list[tuple[int, list[str]]] = []
    begin = layout.header
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begin, cells))
            begin = layout.header + reader.line_num
    except csv.Error as error:
        raise DataError(f"{file}: line {reader.line_num + layout.header - 1} is not CSV ({error})") from None
    (_, names), *body = rows
    if len(names) + 1 == len(layout.names) and not layout.names[0]:
        names = ["", *names]
    while not names[-1].strip():
        names.pop()  # the published boxes of the NIH have blank names at the end
    cut = [_fit_cells(cells, len(names), f"{file}: line {line}") for line, cells in body]
    return pd.DataFrame(cut, index=[line for line, _ in body], columns=names, dtype="str")


def _fit_cells(cells: list[str], width: int, place: str) -> list[str]:
    """Cut blank cells beyond the header; refuse any other number of cells than it has."""
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        remedy = (
            "put quotation marks around a cell that holds the separator"
            if len(cells) > width
            else "complete the row"
        )
        raise DataError(f"{place} has {len(cells)} cells, expected {width} as in the header; {remedy}")
    return cells[:width]


def _choose_columns(cells: pd.DataFrame, names: list[str], file: str, line: int) -> list[int]:
    """Return the places of the columns to keep: not those of row numbers, nor blank ones without a name."""
    chosen: list[int] = []
    for place, name in enumerate(names):
        column = cells[place]
        numbered = not chosen and ROW_NUMBERS.fullmatch(name) is not None
        if numbered and column.is_unique and column.str.fullmatch(r"\d+(\.0)?").all():
            continue
        filled = column[column != ""]
        if not name and len(filled):
            found = f"{quote_cell(filled.iloc[0])} in line {filled.index[0]}"
            raise DataError(
                f"{file}: line {line}: column {place + 1} has no name and holds {found}; give it a name, or "
                "remove it"
            )
        if name:
            chosen.append(place)
    kept = [names[place] for place in chosen]
    twice = next((name for name in kept if kept.count(name) > 1), None)
    if twice is not None:
        places = [str(place + 1) for place in chosen if names[place] == twice]
        raise DataError(
            f"{file}: line {line}: column {twice!r} stands twice (columns {' and '.join(places)}); "
            "rename or remove one"
        )
    return chosen
