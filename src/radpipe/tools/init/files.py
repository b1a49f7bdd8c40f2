"""Where the images of a table are: the column of paths, or the pattern of columns, that finds most files."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePosixPath

import pandas as pd

from radpipe.data.readers.table.paths import PLACE, fill_pattern

EXAMPLES = 200  # rows that name a file, from which patterns are derived
FEW = 30  # rows whose names are looked for inside names of files
MOST_FILES = 5000  # names of files that are looked through for them
MOST_PLACES = 20  # files of one name that an example may mean
MOST_ABOVE = 3  # folders above that of the images, whose names paths may have
TRIED = 12  # patterns that are tried on all rows
Places = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class FoundPaths:
    """How rows and files belong together.

    Attributes
    ----------
    path
        What `options.path` is to be: a column, or a pattern.
    there : (rows,) bool
        The file of the row exists.
    paths : (rows,) str
        The path of each row.
    """

    path: str
    there: pd.Series
    paths: pd.Series


def list_files(folder: Path) -> list[str]:
    """List the files below a folder, hidden ones left out, by their paths relative to it."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = Path(place).relative_to(folder)
        found += [(inside / name).as_posix() for name in sorted(names) if not name.startswith(".")]
    return found


def find_paths(cells: pd.DataFrame, files: Sequence[str]) -> FoundPaths | None:
    """Return the column or pattern by which rows have the most different files; None if none has one.

    Parameters
    ----------
    cells : (rows, columns) str
        The table.
    files
        Paths of all files below the root.
    """
    known = set(files)
    tails = index_tails(files)
    named = cells[cells.apply(lambda column: column.isin(tails.keys())).any(axis=1)]
    patterns = Counter(derive_patterns(named.iloc[:: max(1, len(named) // EXAMPLES)], tails))
    if not patterns:
        few = cells.iloc[:: max(1, len(cells) // FEW)]
        patterns = Counter(derive_inner_patterns(few, files[:MOST_FILES]))
    tried = [
        try_pattern(cells, pattern, known)
        for pattern, _ in sorted(patterns.items(), key=lambda each: (-each[1], each[0].count("{")))[:TRIED]
    ]
    best = max(tried, key=lambda found: found.paths[found.there].nunique(), default=None)
    return best if best is not None and best.there.any() else None


def try_pattern(cells: pd.DataFrame, pattern: str, known: Set[str]) -> FoundPaths:
    """Return which rows have a file by a pattern."""
    paths = fill_pattern(cells, pattern)
    there = paths.isin(known) & ~(cells[PLACE.findall(pattern)] == "").any(axis=1)
    column = PLACE.fullmatch(pattern)
    return FoundPaths(column[1] if column else pattern, there, paths)


def find_root(cells: pd.DataFrame, folder: Path) -> tuple[Path, FoundPaths | None, int]:
    """Return the folder that paths start from: the one of the images, or one above it that cells name.

    Returns
    -------
    Path, FoundPaths or None, int
        The folder, how rows and files belong together, and how many files there are.
    """
    files = list_files(folder)
    for root in [folder, *folder.parents[:MOST_ABOVE]]:
        inside = folder.relative_to(root).as_posix()
        found = find_paths(cells, files if root == folder else [f"{inside}/{file}" for file in files])
        if found is not None:
            return root, found, len(files)
    return folder, None, len(files)


def index_tails(files: Sequence[str]) -> Places:
    """Return the files by each tail of their paths, with the suffix and without it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for file in files:
        parts = file.split("/")
        for start in range(len(parts)):
            tail = "/".join(parts[start:])
            bare = tail.removesuffix(PurePosixPath(file).suffix)
            for name in {tail, bare}:
                if len(found[name]) < MOST_PLACES:
                    found[name].append(file)
    return found


def derive_patterns(rows: pd.DataFrame, tails: Places) -> Iterator[str]:
    """Yield each pattern by which a row has a file that ends as one of its cells, once for each row."""
    records: list[dict[str, str]] = rows.to_dict("records")  # type: ignore[assignment]  # cells are text
    for row in records:
        found: set[str] = set()
        for column, cell in row.items():
            for file in tails.get(cell, ()) if cell else ():
                start = find_start(file, cell)
                found.update(
                    spell_folders(file[:start], f"{{{column}}}{file[start + len(cell) :]}", row, str(column))
                )
        yield from found


def find_start(file: str, cell: str) -> int:
    """Return where the tail begins that equals a cell, with the suffix or without it."""
    return (
        len(file) - len(cell)
        if file.endswith(cell)
        else len(file.removesuffix(PurePosixPath(file).suffix)) - len(cell)
    )


def spell_folders(folders: str, rest: str, row: Mapping[str, str], used: str) -> Iterator[str]:
    """Yield the pattern with each folder by its name, or by another column that has this name in the row."""
    choices = []
    for folder in folders.split("/")[:-1]:
        columns = [name for name, cell in row.items() if cell == folder and name != used]
        choices.append([folder, *(f"{{{name}}}" for name in columns[:2])])
    for chosen in product(*choices):
        yield "/".join([*chosen, rest])


def derive_inner_patterns(rows: pd.DataFrame, files: Sequence[str]) -> Iterator[str]:
    """Yield patterns such as img_{number}_PA.png, where a cell is a part of the name of a file."""
    for column in rows:
        cells = [cell for cell in rows[column].unique() if len(cell) > 1]
        for cell in cells if len(cells) * 2 > len(rows) else ():
            whole = re.compile(rf"(?<![A-Za-z0-9]){re.escape(cell)}(?![A-Za-z0-9])")
            named = [file for file in files if cell in file and whole.search(file)]
            if len(named) == 1:
                yield whole.sub(f"{{{column}}}".replace("\\", r"\\"), named[0], count=1)
