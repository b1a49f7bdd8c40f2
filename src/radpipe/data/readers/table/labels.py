"""The labels of a user's table: columns of 0 and 1, or one column of words."""

import re
from collections import Counter

import numpy as np
import pandas as pd

from radpipe.config.readers import TableOptions
from radpipe.data.cells import WORDS, parse_labels, refuse_lines
from radpipe.data.delimited_text import DelimitedText
from radpipe.data.words import fold_letters, fold_term, says_nothing
from radpipe.errors import DataError, quote_cell

MOST_FINDINGS = 200
# Of letters alone. Data sets and people call an image without findings so; none of them is a finding.
NONE_OF_THEM = frozenset(
    {
        "no", "nofinding", "nofindings", "noabnormality", "noabnormalities", "noabnormalitydetected",
        "noabnormalfinding", "noabnormalfindings", "noneoftheabove", "nopathology", "nodisease", "nad",
        "negative", "neg", "normal", "healthy", "clear", "unremarkable", "absent", "nilfindings",
        "unauff\u00e4llig", "ohnebefund", "ob", "keine", "keinbefund", "keinepathologie", "negativ", "nein",
        "nilfinding", "sinhallazgos", "normale",
    }
)  # fmt: skip
NO_NAMES = frozenset({"true", "false", "yes", "ja", "y", "n", "positive", "positiv", "present", "abnormal"})
LISTED = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"]*))\s*(?:,|$)""")


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
    none = None if negative is None else fold_term(negative)
    split = [split_words(cell, separator, none) for cell in texts]
    beside = np.array(
        [len(words) > 1 and any(is_no_finding(word, none) for word in words) for words in split]
    )
    problem = f"holds FOUND in column {column!r}: a word for none, or for nothing known, beside a finding"
    refuse_lines(text.name, pd.Series(beside[codes], cells.index), problem, cells)
    findings = sorted({word for words in split for word in words if not is_no_finding(word, none)})
    refuse_findings(findings, text.name, column, none)
    rows = np.array([[word in words for word in findings] for words in split], np.float32)
    given = np.array([bool(words) for words in split])
    lacking = np.array(
        [all(fold_term(word) != none and says_nothing(word) for word in words) for words in split]
    )
    lacking &= given | (none is not None)
    rows[lacking] = np.nan
    words = int((lacking & given)[codes].sum())
    return pd.DataFrame(rows[codes], cells.index, findings), {WORDS: words} if words else {}


def split_words(cell: str, separator: str, negative: str | None) -> set[str]:
    """Return the words of a cell: `Mass|Effusion`, or as Python writes a list, `['Mass', 'Effusion']`.

    A cell that as a whole is the negative word, or says nothing, is one word, whatever separators it holds.
    """
    if is_no_finding(cell, negative):
        words = [cell]
    elif len(cell) > 2 and cell[0] + cell[-1] in {"[]", "()", "{}"}:
        words = [one or two or bare for one, two, bare in LISTED.findall(cell[1:-1])]
    else:
        words = cell.split(separator)
    return {word.strip() for word in words} - {""}


def is_no_finding(word: str, negative: str | None) -> bool:
    """Return whether a word is the negative one, or says that nothing is known."""
    return (negative is not None and fold_term(word) == negative) or says_nothing(word)


def refuse_findings(findings: list[str], file: str, column: str, negative: str | None) -> None:
    """Stop if the words cannot be findings: none, too many, one in two spellings or one for no finding."""
    if not findings:
        raise DataError(f"{file}: column {column!r} (options.labels) names no finding in any row")
    if len(findings) > MOST_FINDINGS:
        raise DataError(
            f"{file}: column {column!r} holds {len(findings)} different words, expected at most "
            f"{MOST_FINDINGS}. Are options.labels and options.separator right?"
        )
    for word in findings:
        problem = find_problem(word, negative)
        if problem:
            raise DataError(f"{file}: column {column!r} holds {quote_cell(word)}, {problem}")
    spellings = Counter(map(fold_term, findings))
    twice = [word for word in findings if spellings[fold_term(word)] > 1]
    if twice:
        raise DataError(
            f"{file}: column {column!r} spells one finding in two ways: {', '.join(map(repr, twice))}"
        )


def find_problem(word: str, negative: str | None) -> str:
    """Return why a word is no name of a finding; nothing if it may be one."""
    letters = fold_letters(word)
    if not any(letter.isalpha() for letter in letters) or letters in NO_NAMES:
        return "which is no name of a finding; labels of 0 and 1 are columns of their own (options.labels)"
    begins = negative is not None and fold_term(word).split()[: len(negative.split())] == negative.split()
    if letters in NONE_OF_THEM or begins:
        other = "" if negative is None else ", or write options.negative in its place"
        return f"which is no finding; set options.negative to it{other}, if it says that there is none"
    return ""
