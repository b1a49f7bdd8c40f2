"""The three published tables, each checked as it is read; ids stay text, as in the names of folders."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from radpipe.data.cells import is_unknown, parse_numbers, refuse_lines, select_columns
from radpipe.data.delimited_text import DelimitedText, read_delimited
from radpipe.data.readers.folders import find_table
from radpipe.data.readers.rsna_lumbar.grades import CONDITIONS, GRADES, LEVELS, to_long
from radpipe.errors import DataError

TRAIN = "train.csv"
COORDINATES = "train_label_coordinates.csv"
SERIES = "train_series_descriptions.csv"
SOURCE = "https://www.kaggle.com/competitions/rsna-2024-lumbar-spine-degenerative-classification/data"
MARK_KEYS = ("study_id", "series_id", "instance_number")
MARK_COLUMNS = (*MARK_KEYS, "condition", "level", "x", "y")
SERIES_COLUMNS = ("study_id", "series_id", "series_description")
FARTHEST = 100_000  # [px]; no image is that large, and a crop there would hold nothing
VIEWS = ("Sagittal T1", "Sagittal T2/STIR", "Axial T2")


def read_grades(path: Path) -> tuple[pd.DataFrame, int]:
    """Read train.csv as one row per grade, see `to_long`; and count rows that stood twice.

    Raises
    ------
    DataError
        If a column, an id or a word is not of the format, or two rows of a study differ.
    """
    text, repeated = read_text(path, ("study_id", *GRADES), ("study_id",))
    table = text.cells
    foreign = sorted(table.columns.difference(["study_id", *GRADES]).astype("str"))
    if foreign:
        raise DataError(f"{path.name}: columns {foreign[:5]} are no grade, expected <condition>_<level>")
    refuse_contradictions(table, ["study_id"], path.name)
    return to_long(table, path.name), repeated


def read_marks(path: Path) -> tuple[pd.DataFrame, int]:
    """Read the coordinates, with condition and level as train.csv spells them; and count repeated rows.

    Returns
    -------
    DataFrame, int
        study_id, series_id text, instance_number int64, condition, level, grade, x, y [px] float32.
    """
    text, repeated = read_text(path, MARK_COLUMNS, MARK_KEYS)
    table = text.cells.copy()
    table["condition"] = normalise_words(table["condition"], " ", CONDITIONS, path.name)
    table["level"] = normalise_words(table["level"], "/", LEVELS, path.name)
    table["grade"] = table["condition"] + "_" + table["level"]
    table["instance_number"] = table["instance_number"].astype("int64")
    for axis in ("x", "y"):
        numbers = parse_numbers(text, axis, "a position [px]")
        wrong = ~(numbers.abs() <= FARTHEST)
        problem = f"holds FOUND in column {axis!r}, expected a position [px]"
        refuse_lines(path.name, wrong, problem, text.cells[axis])
        table[axis] = numbers.astype("float32")
    return table, repeated


def read_series(path: Path) -> tuple[pd.DataFrame, int]:
    """Read study_id, series_id and series_description, one of `VIEWS`; and count repeated rows."""
    text, repeated = read_text(path, SERIES_COLUMNS, SERIES_COLUMNS[:2])
    table = text.cells
    unknown = sorted(set(table["series_description"].fillna("")) - set(VIEWS))
    if unknown:
        raise DataError(
            f"{path.name}: column 'series_description' holds {unknown[:5]}, expected {', '.join(VIEWS)}"
        )
    refuse_contradictions(table, ["study_id", "series_id"], path.name)
    return table, repeated


def locate_table(folder: Path, name: str) -> Path:
    """Return the path of a table, plain or gzipped."""
    path = find_table(folder, (name,))
    if path is None:
        raise DataError(f"{folder}: {name} (or {name}.gz) not found; download it from {SOURCE}")
    return path


def read_text(path: Path, columns: Sequence[str], keys: Sequence[str]) -> tuple[DelimitedText, int]:
    """Read a table as text, missing where nothing is known, without rows that stand twice.

    Parameters
    ----------
    columns
        Those that must be there.
    keys
        Those that hold whole numbers: ids, which are also names of folders.
    """
    text = read_delimited(path)
    select_columns(text, columns, "RSNA")
    table = text.cells.apply(lambda column: column.mask(is_unknown(column)))
    for key in keys:
        wrong = ~table[key].fillna("").str.fullmatch("[0-9]{1,18}")
        refuse_lines(path.name, wrong, f"holds FOUND in column {key!r}, expected digits", table[key])
    kept = table.drop_duplicates()
    return replace(text, cells=kept), len(table) - len(kept)


def refuse_contradictions(table: pd.DataFrame, keys: list[str], file: str) -> None:
    """Refuse two rows of one key that say different things."""
    again = table.duplicated(keys)
    if again.any():
        line = table.index.to_numpy(int)[again][0]
        raise DataError(
            f"{file}: {int(again.sum())} rows repeat {' and '.join(keys)} with other values, the first is "
            f"line {line}; keep one of them"
        )


def normalise_words(words: pd.Series, separator: str, expected: Sequence[str], file: str) -> pd.Series:
    """Turn `Spinal Canal Stenosis` or `L1/L2` into the spelling of train.csv."""
    spelled = words.fillna("").str.lower().str.replace(separator, "_", regex=False)
    unknown = sorted(set(words[~spelled.isin(expected)].fillna("")))
    if unknown:
        raise DataError(
            f"{file}: column {str(words.name)!r} holds {unknown[:5]}, "
            f"expected {', '.join(name.replace('_', separator).title() for name in expected)}"
        )
    return spelled
