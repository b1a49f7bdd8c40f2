"""The labels of a user's table: columns of 0 and 1, or one column of words."""

from collections import Counter

import numpy as np
import pandas as pd

from radpipe.config.readers import TableOptions
from radpipe.data.cells import UNKNOWN, WORDS, parse_labels, refuse_lines
from radpipe.data.delimited_text import DelimitedText
from radpipe.errors import DataError, quote_cell

MOST_FINDINGS = 200
# Casefolded, of letters alone. Data sets call an image without findings so; none of them is a finding.
NONE_OF_THEM = frozenset(
    {
        "nofinding", "nofindings", "noabnormality", "noabnormalities", "noabnormalitydetected",
        "noabnormalfinding", "noabnormalfindings", "noneoftheabove", "nopathology", "ohnebefund",
    }
)  # fmt: skip


def encode_labels(text: DelimitedText, options: TableOptions) -> tuple[pd.DataFrame, dict[str, int]]:
    """Turn the labels into one float32 column per finding: 1, 0, NaN where nothing is known; and counts.

    Raises
    ------
    DataError
        If a cell holds what its column may not, or no cell holds a label.
    """
    if options.separator is None:
        labels, notes = parse_labels(text, list(options.labels), options.uncertain, "options.uncertain")
    else:
        labels, notes = encode_words(text, options.labels[0], options.separator, options.negative)
    if not labels.notna().any(axis=None):
        raise DataError(f"{text.name}: no row has a label in {', '.join(options.labels)}")
    return labels, notes


def encode_words(
    text: DelimitedText, column: str, separator: str, negative: str | None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Split words into one column per finding, in alphabetical order.

    Parameters
    ----------
    negative
        The word for none of the findings, in any case; an empty cell is then unknown. None: an empty cell
        says none. A word for nothing known, such as nan or [], is unknown unless it is `negative`.
    """
    cells = text.cells[column]
    codes, texts = pd.factorize(cells)  # few combinations stand for many rows
    split = [split_words(cell, separator) for cell in texts]
    none = set() if negative is None else {negative.casefold()}
    beside = np.array([len(words) > 1 and bool(_fold(words) & (UNKNOWN | none)) for words in split])
    problem = f"holds FOUND in column {column!r}: a word for none, or for nothing known, beside a finding"
    refuse_lines(text.name, pd.Series(beside[codes], cells.index), problem, cells)
    findings = sorted({word for words in split for word in words if not _fold({word}) <= UNKNOWN | none})
    refuse_findings(findings, text.name, column)
    rows = np.array([[word in words for word in findings] for words in split], np.float32)
    given = np.array([bool(words) for words in split])
    lacking = np.array([_fold(words) <= UNKNOWN - none for words in split]) & (given | bool(none))
    rows[lacking] = np.nan
    words = int((lacking & given)[codes].sum())
    return pd.DataFrame(rows[codes], cells.index, findings), {WORDS: words} if words else {}


def split_words(cell: str, separator: str) -> set[str]:
    """Return the words of a cell: `Mass|Effusion`, or as Python writes a list, `['Mass', 'Effusion']`."""
    if len(cell) > 2 and cell[0] + cell[-1] in {"[]", "()", "{}"}:
        words = [word.strip().strip("'\"").strip() for word in cell[1:-1].split(",")]
    else:
        words = [cell] if cell.casefold() in UNKNOWN else [word.strip() for word in cell.split(separator)]
    return set(words) - {""}


def _fold(words: set[str]) -> set[str]:
    return {word.casefold() for word in words}


def refuse_findings(findings: list[str], file: str, column: str) -> None:
    """Stop if the words cannot be findings: none, too many, one in two spellings or one for no finding."""
    if not findings:
        raise DataError(f"{file}: column {column!r} (options.labels) names no finding in any row")
    if len(findings) > MOST_FINDINGS:
        raise DataError(
            f"{file}: column {column!r} holds {len(findings)} different words, expected at most "
            f"{MOST_FINDINGS}. Are options.labels and options.separator right?"
        )
    spellings = Counter(word.casefold() for word in findings)
    twice = [word for word in findings if spellings[word.casefold()] > 1]
    if twice:
        raise DataError(f"{file}: column {column!r} spells one finding in two ways: {', '.join(twice)}")
    letters = {word: "".join(filter(str.isalpha, word.casefold())) for word in findings}
    none = next((word for word in findings if letters[word] in NONE_OF_THEM), None)
    if none is not None:
        raise DataError(
            f"{file}: column {column!r} holds {quote_cell(none)}, which is no finding; set options.negative "
            "to it, if it says that there is none"
        )
