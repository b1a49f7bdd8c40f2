"""The labels of a user's table: columns of 0 and 1, or one column of words."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.readers import TableOptions
from radpipe.data.readers.folders import refuse_lines
from radpipe.errors import DataError

NUMBERS = {"0": 0.0, "0.0": 0.0, "1": 1.0, "1.0": 1.0, "": np.nan}
MOST_FINDINGS = 200


def encode_labels(table: pd.DataFrame, options: TableOptions, path: Path) -> pd.DataFrame:
    """Turn the labels into one float32 column per finding: 1, 0, NaN where nothing is known.

    Raises
    ------
    DataError
        If a cell holds what its column may not, or no cell holds a label.
    """
    if options.separator is None:
        labels = encode_numbers(table[list(options.labels)], path)
    else:
        labels = encode_words(table[options.labels[0]], options.separator, options.negative, path)
    if not labels.notna().any(axis=None):
        raise DataError(f"{path.name}: no row has a label in {', '.join(options.labels)}")
    return labels


def encode_numbers(cells: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Read columns of 0, 1 and nothing."""
    columns = {}
    for column, texts in cells.items():
        wrong = ~texts.isin(list(NUMBERS))
        found = next(iter(texts[wrong]), None)
        refuse_lines(
            path, wrong, f"holds {found!r} in column {column!r}, expected 0, 1 or nothing for unknown"
        )
        columns[str(column)] = texts.map(NUMBERS).astype("float32")
    return pd.DataFrame(columns)


def encode_words(cells: pd.Series, separator: str, negative: str | None, path: Path) -> pd.DataFrame:
    """Split words into one column per finding, in alphabetical order.

    Parameters
    ----------
    negative
        The word for none of the findings; an empty cell is then unknown. None: an empty cell says none.
    """
    codes, texts = pd.factorize(cells)  # few combinations stand for many rows
    split = [{word.strip() for word in text.split(separator)} - {""} for text in texts]
    if negative is not None:
        beside = pd.Series([negative in words and len(words) > 1 for words in split], dtype=bool)
        message = f"holds {negative!r} (options.negative) beside a finding in column {cells.name!r}"
        refuse_lines(path, pd.Series(beside.to_numpy()[codes], cells.index), message)
    findings = sorted({word for words in split for word in words} - {negative})
    refuse_findings(findings, path, str(cells.name))
    unknown = [not words and negative is not None for words in split]
    rows = np.array([[word in words for word in findings] for words in split], np.float32)
    rows[unknown] = np.nan
    return pd.DataFrame(rows[codes], cells.index, findings)


def refuse_findings(findings: list[str], path: Path, column: str) -> None:
    """Stop if the words cannot be findings: none, too many, or one in two spellings."""
    if not findings:
        raise DataError(f"{path.name}: column {column!r} (options.labels) names no finding in any row")
    if len(findings) > MOST_FINDINGS:
        raise DataError(
            f"{path.name}: column {column!r} holds {len(findings)} different words, expected at most "
            f"{MOST_FINDINGS}. Are options.labels and options.separator right?"
        )
    spellings = Counter(word.casefold() for word in findings)
    twice = [word for word in findings if spellings[word.casefold()] > 1]
    if twice:
        raise DataError(f"{path.name}: column {column!r} spells one finding in two ways: {', '.join(twice)}")
