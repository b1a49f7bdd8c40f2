"""Where the images of a user's table are: a column of paths, or a pattern of columns -> files below root."""

import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from radpipe.data.cells import refuse_lines
from radpipe.data.delimited_text import DelimitedText

PLACE = re.compile(r"\{([^{}]+)\}")  # of a column in a pattern, such as png/{image_id}.png


def list_path_columns(path: str, columns: Sequence[str]) -> list[str]:
    """Return the columns that make a path: the column of that name, or those between braces."""
    return [path] if path in columns else [name.strip() for name in PLACE.findall(path)] or [path]


def build_paths(text: DelimitedText, path: str) -> pd.Series:
    """Return the path of each image below root.

    Parameters
    ----------
    path
        A column, or a pattern such as `png/{image_id}.png`.

    Returns
    -------
    (rows,) str

    Raises
    ------
    DataError
        If a cell is empty, or the path leads out of root or contains a backslash.
    """
    columns = list_path_columns(path, [*text.cells.columns])
    for column in columns:
        refuse_lines(text.name, text.cells[column] == "", f"has no path in column {column!r}")
    given = text.cells[columns[0]] if columns == [path] else fill_pattern(text.cells, path)
    said = f"column {path!r}" if columns == [path] else f"the pattern {path!r}"
    absolute = given.str.match(r"^(/|[A-Za-z]:)")
    refuse_lines(text.name, absolute, f"holds FOUND in {said}, expected a path below root", given)
    backslash = given.str.contains("\\", regex=False)
    refuse_lines(
        text.name, backslash, f"holds the path FOUND with \\ in {said}, expected / between folders", given
    )
    return given.map(posixpath.normpath)


def fill_pattern(cells: pd.DataFrame, pattern: str) -> pd.Series:
    """Return the pattern with the cells of each row in the places of their columns."""
    found = pd.Series("", cells.index, dtype="str")
    for place, part in enumerate(PLACE.split(pattern)):  # text, column, text, column ... text
        found += cells[part.strip()].astype("str") if place % 2 else part
    return found


def find_files(images: pd.DataFrame, root: Path) -> tuple[pd.DataFrame, int]:
    """Set the path to missing where there is no such file; return the number of these."""
    there = pd.Series([(root / path).is_file() for path in images["path"]], images.index, dtype=bool)
    return images.assign(path=images["path"].where(there)), int((~there).sum())
