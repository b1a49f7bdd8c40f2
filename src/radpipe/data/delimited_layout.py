"""A delimited text -> what separates its cells, and where its header is."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from radpipe.errors import DataError, quote_cell

SEPARATORS = (",", ";", "\t", "|")
OTHERS = {":": "colons", r"\^": "carets", "~": "tildes", r"\s+": "blanks"}  # known, and refused by name
NAMED = {"\\t": "\t", "tab": "\t"}  # as people write a tab behind sep=
COMPARED = 20  # rows by which the separator is chosen
LOOKED_AT = 100  # lines in which the header, and so many rows below it, begin
BLANK = ' \t,;|"\ufeff'
END = re.compile(r"\r\n|\r|\n")
SEPARATOR_LINE = re.compile(r'"?sep\s*=\s*(\\t|tab|.)"?[;,\t| ]*', re.IGNORECASE | re.DOTALL)  # of Excel


@dataclass(frozen=True)
class Layout:
    """How a file is divided: what separates its cells; the names of its columns, and their line."""

    separator: str
    names: tuple[str, ...]
    header: int


def find_layout(text: str, file: str) -> Layout:
    """Find the header, and the separator: Excel's first line names it, or it cuts the first lines alike.

    Raises
    ------
    DataError
        If lines stand above the header, or the cells are separated by something else.
    """
    lines = END.split(text, maxsplit=LOOKED_AT)[:LOOKED_AT]
    filled = [place for place, line in enumerate(lines) if line.strip(BLANK)]
    if not filled:
        raise DataError(f"{file}: holds no rows below a header")
    marked = SEPARATOR_LINE.fullmatch(lines[filled[0]].strip(" \ufeff"))
    below = filled[1:] if marked else filled
    if not below:
        raise DataError(f"{file}: holds no rows below a header")
    rows = [lines[place] for place in below[:COMPARED]]
    separator = NAMED.get(marked[1], marked[1]) if marked else choose_separator(rows)
    header = split_line(rows[0], separator)
    if len(header) == 1 and not marked:
        _refuse_other_shape(rows, below[0] + 1, file)
    if is_one_short(rows, separator):
        header = ["", *header]  # R writes no name for its row names
    return Layout(separator, tuple(name.strip() for name in header), below[0] + 1)


def choose_separator(rows: Sequence[str]) -> str:
    """Return what cuts all rows alike, into most cells; if nothing does, what cuts the header into most."""
    counts = {choice: [len(split_line(row, choice)) for row in rows] for choice in SEPARATORS}
    alike = [choice for choice in SEPARATORS if min(counts[choice]) == max(counts[choice]) > 1]
    return max(alike or SEPARATORS, key=lambda choice: counts[choice][0])


def split_line(line: str, separator: str) -> list[str]:
    """Split one line into cells."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell of more than 131,072 letters
        return line.split(separator)


def is_one_short(rows: Sequence[str], separator: str) -> bool:
    """Return whether each row has one cell more than the header, and begins with its number."""
    cells = [split_line(row, separator) for row in rows]
    numbers = [row[0].strip() for row in cells[1:] if row]
    counted = any(numbers == [str(place + first) for place in range(len(numbers))] for first in (0, 1))
    return counted and all(len(row) == len(cells[0]) + 1 and row[-1].strip() for row in cells[1:])


def _refuse_other_shape(rows: Sequence[str], line: int, file: str) -> None:
    """Stop if the header is one cell, and the rows below it, or other separators, say that it is none."""
    below = rows[1:] if len(rows) > 1 else rows
    widest = max(min(len(split_line(row, choice)) for row in below) for choice in SEPARATORS)
    if widest > 1:
        raise DataError(
            f"{file}: line {line} holds {quote_cell(rows[0].strip())}, and the rows below it have {widest} "
            "cells; expected the names of the columns: remove the lines above them"
        )
    for choice, name in OTHERS.items():
        counts = {len(re.split(choice, row.strip())) for row in rows}
        if len(counts) == 1 and min(counts) > 1 and len(rows) > 1:
            raise DataError(
                f"{file}: cells are separated by {name}, expected commas, semicolons, tabs or bars; save it "
                "with one of these"
            )


def skip_lines(text: str, number: int) -> str:
    """Return a text without its first lines."""
    return text if number == 0 else END.split(text, maxsplit=number)[-1]
