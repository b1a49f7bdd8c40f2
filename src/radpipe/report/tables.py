"""Tables of the page: typed columns, figures set under each other, each table also as CSV."""

import base64
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

from radpipe.report.estimate import ends_of

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
Show = Callable[[Any], str]


def text(value: Any) -> str:
    """Show a value as it is."""
    return str(value)


def count(value: float) -> str:
    """Show a whole number with separated thousands."""
    return f"{value:,.0f}"


def share(value: float) -> str:
    """Show a metric or share with three decimals."""
    return f"{value:.3f}"


def percent(value: float) -> str:
    """Show a share as a percentage with one decimal."""
    return f"{value:.1%}".replace("%", "\N{NARROW NO-BREAK SPACE}%")


def exact_percent(value: float) -> str:
    """Show a share as a percentage with two decimals, as the published table does."""
    return f"{value:.2%}".replace("%", "\N{NARROW NO-BREAK SPACE}%")


def change(value: float) -> str:
    """Show a difference with its sign; zero has none."""
    shown = f"{value:+.3f}"
    return "0.000" if float(shown) == 0 else shown.replace("-", MINUS)


def change_of_count(value: float) -> str:
    """Show a difference of whole numbers with its sign; zero has none."""
    shown = f"{value:+,.0f}"
    return "0" if shown in ("+0", "-0") else shown.replace("-", MINUS)


def number(value: float) -> str:
    """Show a number with four significant digits."""
    return f"{value:#.4g}".rstrip(".").replace("-", MINUS)


def span(ends: Sequence[float]) -> str:
    """Show an interval of metrics or shares."""
    return " to ".join(share(end) for end in ends)


def span_of_changes(ends: Sequence[float]) -> str:
    """Show an interval of differences."""
    return " to ".join(change(end) for end in ends)


def span_of_numbers(ends: Sequence[float]) -> str:
    """Show an interval of whole numbers."""
    return " to ".join(count(end) for end in ends)


def span_of_count_changes(ends: Sequence[float]) -> str:
    """Show an interval of differences of whole numbers."""
    return " to ".join(change_of_count(end) for end in ends)


SPANS = (span, span_of_changes, span_of_numbers, span_of_count_changes)
LOW, HIGH = ", low", ", high"  # ends of an interval, in the CSV


@dataclass(frozen=True)
class Column:
    """One column: its name, how its values are shown, the group it stands under, the arm it belongs to."""

    name: str
    show: Show = text
    group: str = ""
    arm: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its cells are set flush right."""
        return self.show is not text

    @property
    def paired(self) -> bool:
        """Whether its cells are intervals: two numbers in the CSV."""
        return self.show in SPANS

    def cell(self, value: Any) -> str:
        """Show one value; nothing known is a dash, and words stand in any column."""
        if value is None:
            return NOTHING
        return value if isinstance(value, str) else self.show(value)

    def within(self, value: Any) -> str:
        """Show the interval of a value that knows one."""
        ends = ends_of(value)
        between = " to " if self.show is change else NOTHING
        return "" if ends is None else between.join(self.show(end) for end in ends)


@dataclass(frozen=True)
class Row:
    """One row: the first value names it; a note says what a reader must know about it."""

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
        """Neighbouring columns of one group; columns without a group each stand alone."""
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
        endings = [self._endings(position) for position in range(len(self.columns))]
        names = [f"{c.group}: {c.name}" if c.group else c.name for c in self.columns]
        head = [name + end for name, ends in zip(names, endings, strict=True) for end in ends]
        writer.writerow(head + ["Note"] * noted)
        for row in self.rows:
            cells = [_flat(value, ends) for value, ends in zip(row.values, endings, strict=True)]
            writer.writerow([*chain(*cells), *([row.note] if noted else [])])
        return lines.getvalue()

    def _endings(self, position: int) -> tuple[str, ...]:
        """Name what a column becomes in the CSV: itself, its interval, or both."""
        if self.columns[position].paired:
            return (LOW, HIGH)
        estimated = any(ends_of(row.values[position]) for row in self.rows)
        return ("", LOW, HIGH) if estimated else ("",)

    @property
    def uri(self) -> str:
        """The CSV as an address that needs no network."""
        return data_uri("text/csv;charset=utf-8", self.csv.encode())


def data_uri(kind: str, content: bytes) -> str:
    """Pack a file into an address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def rows(values: Sequence[Sequence[Any]]) -> tuple[Row, ...]:
    """Make plain rows."""
    return tuple(Row(tuple(line)) for line in values)


def _flat(value: Any, endings: Sequence[str]) -> Sequence[Any]:
    if "" not in endings:
        return value or (None, None)
    return (value, *(ends_of(value) or (None, None)))[: len(endings)]
