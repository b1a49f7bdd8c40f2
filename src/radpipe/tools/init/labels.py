"""Where the labels of a table are: columns of 0 and 1, or one column of findings and their separator."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from radpipe.config.columns import fold
from radpipe.data.cells import UNCERTAIN, is_unknown, parse_label_cells
from radpipe.data.readers.table.labels import MOST_FINDINGS, NONE_OF_THEM, split_words
from radpipe.data.words import fold_letters
from radpipe.errors import ConfigError, DataError
from radpipe.tools.init.columns import drop

SEPARATORS = ("|", ";", ",", "/", "+", "&", "\\")
HINTS = (
    "finding", "label", "diagnos", "patholog", "class", "disease", "befund", "abnormal", "target", "categor",
    "impression", "hallazgo", "condition",
)  # fmt: skip
EMPTY_LISTS = ("[]", "{}", "()")
YES_AND_NO = {"yes", "no", "y", "n", "ja", "nein"}
NONE_WORDS = ("none", "nil", "nothing")
MOST_SINGLE = 30  # findings in a column where nothing divides them
REPEATED = 3  # rows that a word of findings has at least, on average
MOST_NAMED = 8


@dataclass(frozen=True)
class FoundLabels:
    """What `options` is to say of the labels; `words` are how sure that is, and `open` what nobody knows."""

    columns: tuple[str, ...]
    separator: str | None
    negative: str | None
    uncertain: str
    words: str
    open: tuple[str, ...]


def choose_labels(
    table: str, cells: pd.DataFrame, separator: str, given: Sequence[str] | None
) -> FoundLabels:
    """Choose the columns of labels among those that mean nothing else.

    Parameters
    ----------
    cells : (rows, columns) str
        The columns that are left, or all if the columns are `given`.
    separator
        Of the table.

    Raises
    ------
    ConfigError
        If a column that is given does not exist.
    DataError
        If there is none, or several may be it.
    """
    for column in given or ():
        if column not in cells:
            raise ConfigError(f"--labels {column}: no column of {table}, expected some of {[*cells]}")
    wanted = cells if given is None else cells[list(given)]
    binary = [str(column) for column in wanted if is_binary(wanted[column], separator)]
    if given is None:
        binary = [column for column in binary if fold_letters(column) not in NONE_OF_THEM]
        refuse_both(table, binary, [column for column in list_wordy(cells) if is_hinted(column)])
    if binary and (given is None or len(binary) == len(given)):
        return describe_binary(wanted[binary], separator, list_yes_and_no(drop(wanted, binary)))
    if given is not None and len(given) > 1:
        odd = [column for column in given if column not in binary]
        raise DataError(f"{table}: column {odd[0]!r} (--labels) has other cells than 0, 1, -1 and nothing")
    return describe_words(wanted, choose_words(table, wanted, given is not None))


def refuse_both(table: str, binary: Sequence[str], wordy: Sequence[str]) -> None:
    """Stop if columns of 0 and 1 and a column of findings may both be the labels."""
    if binary and wordy:
        raise DataError(
            f"{table}: the labels may be columns of 0 and 1 ({', '.join(binary[:MOST_NAMED])}) or the column "
            f"{wordy[0]!r}; nothing was written. Give --labels with the one or the others"
        )


def list_yes_and_no(cells: pd.DataFrame) -> list[str]:
    """List the columns that say yes and no, which the reader does not take for labels."""
    words = {str(column): set(cells[column].str.casefold()) - {""} for column in cells}
    return [
        column for column, found in words.items() if found and found <= {"yes", "no", "y", "n", "ja", "nein"}
    ]


def is_binary(column: pd.Series, separator: str) -> bool:
    """Return whether a column has 0 and 1, perhaps -1, and otherwise nothing."""
    known = column[~is_unknown(column)]
    values = parse_label_cells(known, separator)
    return bool(values.isin([0, 1, UNCERTAIN]).all() and (values == 1).any() and (values != 1).any())


def describe_binary(cells: pd.DataFrame, separator: str, unused: Sequence[str]) -> FoundLabels:
    """Describe columns of 0 and 1; `unused` are columns of yes and no."""
    names = tuple(map(str, cells))
    doubtful = sum(int((parse_label_cells(cells[name], separator) == UNCERTAIN).sum()) for name in names)
    empty = int(cells.apply(is_unknown).to_numpy().sum())
    open_questions = [
        f"what -1 means ({doubtful:,} labels): taken for unknown; see options.uncertain" if doubtful else "",
        f"what an empty label means ({empty:,} of them): taken for unknown" if empty else "",
        f"whether {', '.join(unused)} are findings: labels are 0 and 1, not yes and no" if unused else "",
    ]
    return FoundLabels(
        columns=names,
        separator=None,
        negative=None,
        uncertain="unknown" if doubtful else "refuse",
        words=f"{len(names)} columns of 0 and 1, by their cells alone: {', '.join(names)}",
        open=tuple(filter(None, open_questions)),
    )


def choose_words(table: str, cells: pd.DataFrame, given: bool) -> str:
    """Return the column of findings: the only one called so, or that lists several words in a cell."""
    wordy = [str(column) for column in cells] if given else list_wordy(cells)
    hinted = [column for column in wordy if is_hinted(column)]
    listing = [column for column in hinted or wordy if choose_separator(cells[column]) is not None]
    chosen = next((each for each in (listing, hinted, wordy if given else []) if len(each) == 1), None)
    if chosen is not None:
        return chosen[0]
    several = listing or hinted or wordy
    listed = ", ".join(map(repr, several[:MOST_NAMED]))
    found = f"the findings may be in {listed}" if several else "no column has 0 and 1, or a few words"
    raise DataError(
        f"{table}: {found}; nothing was written. Give --labels COLUMN, or several columns of 0 and 1"
    )


def list_wordy(cells: pd.DataFrame) -> list[str]:
    """List the columns that may be one of findings."""
    return [str(column) for column in cells if has_words(cells[column])]


def is_hinted(column: str) -> bool:
    """Return whether a column is called as columns of findings are."""
    return any(hint in fold(column) for hint in HINTS)


def has_words(column: pd.Series) -> bool:
    """Return whether a column may be one of findings: few words, with letters, in many rows."""
    words = count_words(column, choose_separator(column) or "|")
    lettered = all(any(letter.isalpha() for letter in word) for word in words)
    return lettered and 2 <= len(words) <= MOST_FINDINGS and sum(words.values()) >= REPEATED * len(words)


def choose_separator(column: pd.Series) -> str | None:
    """Return what divides the words of cells: of those that occur, the one that leaves the fewest words."""
    if column.str.match(r"\s*[\[({]").any():
        return ","
    used = [each for each in SEPARATORS if column.str.contains(each, regex=False).any()]
    counted = {each: len(count_words(column, each)) for each in used}
    best = min(counted, key=lambda each: counted[each], default=None)
    return best if best is not None and counted[best] < column[column != ""].nunique() else None


def count_words(column: pd.Series, separator: str) -> dict[str, int]:
    """Count the rows of each word."""
    counts: dict[str, int] = {}
    for cell, rows in column[~is_unknown(column)].value_counts().items():
        for word in split_words(str(cell), separator, None):
            counts[word] = counts.get(word, 0) + int(rows)
    return counts


def describe_words(cells: pd.DataFrame, column: str) -> FoundLabels:
    """Describe a column of findings."""
    found = choose_separator(cells[column])
    separator = found or "|"
    words = count_words(cells[column], separator)
    negative = choose_negative(cells[column], words)
    findings = [word for word in words if word != negative]
    divided = f"divided by {found!r}" if found else "one in each cell"
    named = f", {negative!r} is none of them" if negative else ", no word for none of them"
    return FoundLabels(
        columns=(column,),
        separator=separator,
        negative=negative,
        uncertain="refuse",
        words=f"column {column!r}: {len(findings)} findings, {divided}{named}",
        open=tuple(list_questions(column, cells[column], negative, findings if found is None else [])),
    )


def choose_negative(column: pd.Series, words: Mapping[str, int]) -> str | None:
    """Return the word for none of the findings: one that means so, or what stands for an empty list."""
    none = [word for word in words if fold_letters(word) in NONE_OF_THEM]
    none.sort(key=lambda word: -words[word])
    cells = column.value_counts()
    empty = [str(cell) for cell in cells.index if cell in EMPTY_LISTS or str(cell).casefold() in NONE_WORDS]
    return next(iter([*none, *empty]), None)


def list_questions(
    column: str, cells: pd.Series, negative: str | None, single: Sequence[str]
) -> Iterator[str]:
    """Yield what nobody knows of a column of findings; `single` are its words if nothing divides them."""
    nothing = int((cells == "").sum())
    unknown = int((is_unknown(cells) & (cells != "") & (cells != negative)).sum())
    meaning = "unknown" if negative else "none of the findings"
    if nothing:
        asked = f"what an empty cell of {column!r} means ({nothing:,} rows)"
        yield f"{asked}: taken for {meaning}; see options.negative"
    if unknown:
        yield f"{unknown:,} cells of {column!r} hold a word such as NA: taken for unknown"
    spaced = [word for word in single if " " in word.strip()]
    if len(single) > MOST_SINGLE and 2 * len(spaced) > len(single):
        asked = f"whether the {len(single)} different cells of {column!r} are findings"
        yield f"{asked}, or lists that are divided by blanks"
