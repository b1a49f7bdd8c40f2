"""What else a table says of its images: the split, sex, age and view, and other metadata."""

from collections.abc import Sequence

import pandas as pd

from radpipe.config.columns import KNOWN, fold, name_columns
from radpipe.config.readers import RESERVED
from radpipe.data.cells import convert_numbers, is_unknown
from radpipe.data.readers.table.reading import SPLITS

SPLIT_NAMES = frozenset(
    {"split", "set", "partition", "subset", "dataset", "usage", "datasplit", "fold", "phase", "aufteilung"}
)
FEWEST, MOST = 2, 12  # values of a column that forms groups
PLACES = ("x", "y")  # of the mark of an image


def find_split(cells: pd.DataFrame, patients: pd.Series | None) -> tuple[str | None, str]:
    """Return the column of a published split with a test set, and what is to be said of it."""
    named = [str(column) for column in cells if fold(str(column)) in SPLIT_NAMES]
    for column in named:
        words = cells[column].str.lower().mask(is_unknown(cells[column]), "")
        parts = words.map({**SPLITS, "": "train_val"})
        if parts.isna().any() or set(parts) != {"train_val", "test"}:
            continue
        crossing = count_crossing(parts, patients)
        if crossing:
            found = f"{crossing} patients are in its training and in its test set"
            return None, f"column {column!r} is not used: {found}"
        return column, f"column {column!r}: {int((parts == 'test').sum()):,} images of the test set"
    if named:
        words = cells[named[0]].str.lower()
        odd = [word for word in words.unique() if word and word not in SPLITS]
        why = f"{odd[0]!r} is none of {', '.join(SPLITS)}" if odd else "it has no training, or no test set"
        return None, f"column {named[0]!r} is not used: {why}"
    return None, "none: stratified by patient"


def count_crossing(parts: pd.Series, patients: pd.Series | None) -> int:
    """Count the patients who are in both parts of a split."""
    if patients is None:
        return 0
    pairs = pd.DataFrame({"patient": patients, "part": parts}).drop_duplicates()
    return int(pairs["patient"].duplicated().sum())


def choose_metadata(cells: pd.DataFrame, separator: str) -> tuple[list[str], list[str], list[str]]:
    """Divide the columns that mean nothing else.

    Returns
    -------
    list, list, list
        Columns of age, sex and view, and of the mark of the image; columns that may form groups; and columns
        that are left out.
    """
    names = name_columns(map(str, cells))
    known = [column for column, name in names.items() if name in KNOWN]
    places = [column for column in names if column.lower() in PLACES and is_numeric(cells[column], separator)]
    used = known + (places if len(places) == len(PLACES) else [])
    groups = [
        column
        for column in names
        if column not in used and column.lower() not in RESERVED | set(PLACES) and forms_groups(cells[column])
    ]
    return used, groups, [column for column in names if column not in [*used, *groups]]


def is_numeric(column: pd.Series, separator: str) -> bool:
    """Return whether all known cells are numbers."""
    known = column[~is_unknown(column)]
    return bool(len(known) and convert_numbers(known, separator).notna().all())


def forms_groups(column: pd.Series) -> bool:
    """Return whether a column has so few values that they divide the images into groups."""
    return FEWEST <= column[~is_unknown(column)].nunique() <= MOST


def drop(cells: pd.DataFrame, columns: Sequence[str | None]) -> pd.DataFrame:
    """Return the other columns."""
    return cells.drop(columns=[column for column in columns if column is not None], errors="ignore")
