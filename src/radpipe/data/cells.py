"""What the cells of a table say: a number, a label, or nothing; and where one does not."""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from radpipe.config.readers import UncertainChoice
from radpipe.data.delimited_text import DelimitedText
from radpipe.data.words import says_nothing
from radpipe.errors import DataError, quote_cell

NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
MOST_NAMED = 20
MEANINGS: dict[UncertainChoice, float] = {"unknown": np.nan, "positive": 1.0, "negative": 0.0}
UNCERTAIN = -1.0  # as in CheXpert, Irvin et al., AAAI 2019, https://doi.org/10.1609/aaai.v33i01.3301590
LOGICAL = {"true": 1.0, "false": 0.0}  # as Python, R and databases write them
WORDS = "label cells that hold a word for nothing known, such as NA: unknown"


def refuse_columns(text: DelimitedText, wanted: Sequence[tuple[str, str]]) -> None:
    """Stop if a column is missing.

    Parameters
    ----------
    wanted
        (option, column): where params.yaml asks for which column.
    """
    names = text.cells.columns.to_list()
    for option, column in wanted:
        if column not in names:
            same = [name for name in names if name.lower() == column.lower()]
            near = get_close_matches(column, names, 2, 0.5) or same
            hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
            listed = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
            raise DataError(
                f"{text.name}: no column {column!r} (options.{option}); {hint}The columns are {listed}"
            )


def select_columns(text: DelimitedText, columns: Sequence[str], origin: str) -> pd.DataFrame:
    """Return the columns of a published table; stop if one is missing."""
    missing = [column for column in columns if column not in text.cells]
    if missing:
        found = ", ".join(text.cells.columns[:MOST_NAMED])
        raise DataError(
            f"{text.name}: columns {missing} are missing; found {found}. Is this the file of the {origin}?"
        )
    return text.cells[list(columns)]


def refuse_lines(file: str, wrong: pd.Series, problem: str, cells: pd.Series | None = None) -> None:
    """Stop at the first of the lines that are wrong; the index of `wrong` holds their numbers.

    `FOUND` in the problem becomes what `cells`, text in the order of `wrong`, hold there.
    """
    if wrong.any():
        mask = wrong.to_numpy(bool)
        lines = wrong.index[mask].to_list()
        more = f" ({len(lines)} such lines)" if len(lines) > 1 else ""
        if cells is not None:
            cell = cells[mask].iloc[0]
            problem = problem.replace("FOUND", quote_cell(cell))
        raise DataError(f"{file}: line {lines[0]} {problem}{more}")


def is_unknown(cells: pd.Series) -> pd.Series:
    """Return in which cells nothing is known: empty ones, and words such as NA, nan or None."""
    return apply_once(cells, says_nothing).astype(bool)


def apply_once(cells: pd.Series, function: Callable[[str], Any]) -> pd.Series:
    """Apply a function to each distinct text once; missing counts as empty."""
    codes, texts = pd.factorize(cells.fillna("").astype(object))
    found = np.empty(len(texts), dtype=object)
    found[:] = [function(text) for text in texts]
    return pd.Series(found[codes], cells.index, name=cells.name)


def parse_numbers(text: DelimitedText, column: str, expected: str = "a number") -> pd.Series:
    """Return the numbers of a column, float64; NaN where nothing is known.

    Raises
    ------
    DataError
        If a cell holds anything else; see `convert_numbers` for commas.
    """
    cells = text.cells[column]
    numbers = convert_numbers(cells, text.separator)
    wrong = numbers.isna() & ~is_unknown(cells)
    refuse_lines(text.name, wrong, f"holds FOUND in column {column!r}, expected {expected}", cells)
    return numbers


def convert_numbers(cells: pd.Series, separator: str) -> pd.Series:
    """Return the numbers of a column, float64; NaN for any other text.

    A comma is a decimal comma. Where all commas of a column stand before three digits, as in 1,024, they may
    be decimal or divide thousands: such a cell is no number, unless semicolons separate the cells, as where
    commas are decimal.
    """
    texts = cells.fillna("").astype(object).unique()
    commas = [text for text in texts if "," in text and NUMBER.fullmatch(text.strip())]
    decimal = separator == ";" or any(THOUSANDS.fullmatch(text.strip()) is None for text in commas)
    return apply_once(cells, lambda cell: parse_number(cell, decimal=decimal)).astype("float64")


def parse_number(cell: str, *, decimal: bool = False) -> float:
    """Return a number with a decimal point or comma; NaN for anything else.

    Parameters
    ----------
    decimal
        A comma before three digits is known to be a decimal comma.

    Examples
    --------
    >>> parse_number("0,5"), parse_number("1,024"), parse_number("1,024", decimal=True)
    (0.5, nan, 1.024)
    """
    text = cell.strip()
    ambiguous = not decimal and THOUSANDS.fullmatch(text) is not None
    if ambiguous or NUMBER.fullmatch(text) is None:
        return np.nan
    number = float(text.replace(",", "."))
    return number if abs(number) < np.inf else np.nan


def parse_labels(
    text: DelimitedText, columns: list[str], uncertain: UncertainChoice, option: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read columns of labels.

    Parameters
    ----------
    uncertain
        What -1 means; `refuse`: stop at the first.
    option
        Where the user says so, for messages: options.uncertain or --uncertain.

    Returns
    -------
    DataFrame, dict
        (rows, columns) float32: 1, 0, NaN where nothing is known; and counts of what was decided, none of
        which is 0.

    Raises
    ------
    DataError
        If a cell is neither 0, 1, true, false nor a word for nothing known.
    """
    parsed = {column: _parse_column(text, column, uncertain, option) for column in columns}
    labels = pd.DataFrame(parsed, index=text.cells.index)
    doubtful = labels == UNCERTAIN
    cells = text.cells[columns]
    words = cells.apply(is_unknown) & (cells.apply(lambda column: column.str.strip()) != "")
    counts = {
        f"labels of -1 (uncertain), taken for {uncertain} ({option})": int(doubtful.to_numpy().sum()),
        WORDS: int(words.to_numpy().sum()),
    }
    filled = labels.mask(doubtful, MEANINGS.get(uncertain, np.nan)).astype("float32")
    return filled, {note: count for note, count in counts.items() if count}


def _parse_column(text: DelimitedText, column: str, uncertain: UncertainChoice, option: str) -> pd.Series:
    """Return 1, 0, -1 or NaN for each cell."""
    cells = text.cells[column]
    values = parse_label_cells(cells, text.separator)
    doubtful = values == UNCERTAIN
    if uncertain == "refuse":
        problem = f"holds -1 (uncertain?) in column {column!r}; set {option} to unknown, positive or negative"
        refuse_lines(text.name, doubtful, problem)
    wrong = ~(values.isin([0, 1]) | doubtful | is_unknown(cells))
    problem = f"holds FOUND in column {column!r}, expected 0, 1 or nothing for unknown"
    refuse_lines(text.name, wrong, problem, cells)
    return values


def parse_label_cells(cells: pd.Series, separator: str) -> pd.Series:
    """Return the number that each cell says, NaN for none; true is 1 and false 0."""
    words = apply_once(cells, lambda cell: LOGICAL.get(cell.strip().casefold(), np.nan)).astype("float64")
    return words.fillna(convert_numbers(cells, separator))
