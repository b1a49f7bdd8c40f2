"""Tables of the page: typed columns, figures set under each other, each table also as CSV."""

import base64
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

from radpipe.outputs.writing import disarm

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
Formatter = Callable[[Any], str]


def format_text(value: Any) -> str:
    """Return a value as text."""
    return str(value)


def format_count(value: float) -> str:
    """Format a whole number with separated thousands."""
    return f"{value:,.0f}"


def format_share(value: float) -> str:
    """Format a metric or share with three decimals."""
    return f"{value:.3f}"


def format_percent(value: float) -> str:
    """Format a share as a percentage with one decimal."""
    return f"{value:.1%}".replace("%", "\N{NARROW NO-BREAK SPACE}%")


def format_exact_percent(value: float) -> str:
    """Format a share as a percentage with two decimals, as the published table does."""
    return f"{value:.2%}".replace("%", "\N{NARROW NO-BREAK SPACE}%")


def format_difference(value: float) -> str:
    """Format a difference with its sign; zero has none."""
    shown = f"{value:+.3f}"
    return "0.000" if float(shown) == 0 else shown.replace("-", MINUS)


def format_count_difference(value: float) -> str:
    """Format a difference of whole numbers with its sign; zero has none."""
    shown = f"{value:+,.0f}"
    return "0" if shown in ("+0", "-0") else shown.replace("-", MINUS)


def format_number(value: float) -> str:
    """Format a number with four significant digits."""
    return f"{value:#.4g}".rstrip(".").replace("-", MINUS)


def format_interval(ends: Sequence[float]) -> str:
    """Format an interval of metrics or shares."""
    return " to ".join(format_share(end) for end in ends)


def format_difference_interval(ends: Sequence[float]) -> str:
    """Format an interval of differences."""
    return " to ".join(format_difference(end) for end in ends)


def format_count_interval(ends: Sequence[float]) -> str:
    """Format an interval of whole numbers."""
    return " to ".join(format_count(end) for end in ends)


def format_count_difference_interval(ends: Sequence[float]) -> str:
    """Format an interval of differences of whole numbers."""
    return " to ".join(format_count_difference(end) for end in ends)


INTERVALS = (
    format_interval,
    format_difference_interval,
    format_count_interval,
    format_count_difference_interval,
)
ENDS = (", low", ", high")  # of an interval, in the CSV


class Estimate(float):
    """A number with the ends of its interval, None if it has none."""

    ends: Sequence[float] | None

    def __new__(cls, value: float, ends: Sequence[float] | None = None) -> "Estimate":
        """Return the number with its interval."""
        estimate = super().__new__(cls, value)
        estimate.ends = ends
        return estimate


def find_ends(value: Any) -> Sequence[float] | None:
    """Return the ends of the interval of a value, None if it has none."""
    return value.ends if isinstance(value, Estimate) else None


@dataclass(frozen=True)
class Column:
    """One column: its name, how its values are formatted, the group above it, the arm it belongs to."""

    name: str
    formatter: Formatter = format_text
    group: str = ""
    arm: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its cells are set flush right."""
        return self.formatter is not format_text

    @property
    def paired(self) -> bool:
        """Whether its cells are intervals: two numbers in the CSV."""
        return self.formatter in INTERVALS

    def format_cell(self, value: Any) -> str:
        """Format one value; an unknown one is a dash, and text is allowed in any column."""
        if value is None:
            return NOTHING
        return value if isinstance(value, str) else self.formatter(value)

    def format_cell_interval(self, value: Any) -> str:
        """Format the interval of a value, empty if it has none."""
        ends = find_ends(value)
        between = " to " if self.formatter is format_difference else NOTHING
        return "" if ends is None else between.join(self.formatter(end) for end in ends)


@dataclass(frozen=True)
class Row:
    """One row: the first value names it; a note is shown below its name."""

    values: tuple[Any, ...]
    note: str = ""
    average: bool = False


@dataclass(frozen=True)
class Table:
    """What the page shows as a table and offers as CSV.

    Attributes
    ----------
    key
        Name of the CSV and of the anchor, lower-case words joined by hyphens.
    caption
        What the table shows, as one sentence or title.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def grouped(self) -> bool:
        """Whether the head has two lines."""
        return any(column.group for column in self.columns)

    @property
    def groups(self) -> list[tuple[str, tuple[Column, ...]]]:
        """Neighbouring columns of one group; a column without a group is alone."""
        numbered = enumerate(self.columns)
        runs = groupby(numbered, key=lambda pair: pair[1].group or pair[0])
        return [(str(key) if isinstance(key, str) else "", tuple(c for _, c in run)) for key, run in runs]

    def starts_group(self, position: int) -> bool:
        """Whether a column is the first of its group."""
        group = self.columns[position].group
        return bool(group) and group != self.columns[position - 1].group

    @property
    def csv(self) -> str:
        """The table as CSV, numbers in full precision."""
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        noted = any(row.note for row in self.rows)
        endings = [self._list_endings(position) for position in range(len(self.columns))]
        names = [f"{c.group}: {c.name}" if c.group else c.name for c in self.columns]
        head = [name + end for name, ends in zip(names, endings, strict=True) for end in ends]
        writer.writerow(map(disarm, [*head, "Note"] if noted else head))
        for row in self.rows:
            cells = [_flatten_value(value, ends) for value, ends in zip(row.values, endings, strict=True)]
            writer.writerow(map(disarm, [*chain(*cells), *([row.note] if noted else [])]))
        return lines.getvalue()

    def _list_endings(self, position: int) -> tuple[str, ...]:
        """List what a column becomes in the CSV: itself, its interval, or both."""
        if self.columns[position].paired:
            return ENDS
        estimated = any(find_ends(row.values[position]) for row in self.rows)
        return ("", *ENDS) if estimated else ("",)

    @property
    def uri(self) -> str:
        """The CSV as an address that needs no network."""
        return build_data_uri("text/csv;charset=utf-8", self.csv.encode())


def build_data_uri(kind: str, content: bytes) -> str:
    """Return a file as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def build_rows(values: Sequence[Sequence[Any]]) -> tuple[Row, ...]:
    """Return rows without notes."""
    return tuple(Row(tuple(line)) for line in values)


def _flatten_value(value: Any, endings: Sequence[str]) -> Sequence[Any]:
    if "" not in endings:
        return value or (None, None)
    return (value, *(find_ends(value) or (None, None)))[: len(endings)]
