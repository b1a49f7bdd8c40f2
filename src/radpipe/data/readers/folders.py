"""Published folders: find their tables and their images."""

import sys
from collections.abc import Sequence
from pathlib import Path

from radpipe.errors import DataError


def find_table(folder: Path, names: Sequence[str]) -> Path | None:
    """Return the first of the files that exists, plain or gzipped."""
    paths = [folder / f"{name}{suffix}" for name in names for suffix in ("", ".gz")]
    return next((path for path in paths if path.is_file()), None)


def find_images(root: Path, folders: Sequence[str], suffix: str) -> tuple[dict[str, str], int]:
    """List the images by file name: their order on disk says nothing about the rows of a table.

    Parameters
    ----------
    folders
        Glob patterns below `root`; of two files of one name the first is taken.
    suffix
        In lower case, with the dot; matches capitals too.

    Returns
    -------
    dict, int
        File name -> path relative to the root; and how many names stand in two folders.

    Raises
    ------
    DataError
        If two files of one name have different sizes: which one is meant?
    """
    found: dict[str, Path] = {}
    twice = 0
    for folder in [folder for pattern in folders for folder in sorted(root.glob(pattern)) if folder.is_dir()]:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() == suffix:
                twice += refuse_different(found.setdefault(path.name, path), path)
    return {name: path.relative_to(root).as_posix() for name, path in found.items()}, twice


def refuse_different(first: Path, second: Path) -> bool:
    """Return whether two files share a name; refuse them if their sizes differ."""
    if first == second:
        return False
    if first.is_file() and second.is_file() and first.stat().st_size != second.stat().st_size:
        raise DataError(f"{first} and {second} have one name and different sizes; remove one of them")
    return True


def record_warning(notes: dict[str, int], line: str, images: int) -> None:
    """Record what may be right and may be a mistake: in the log at once, in the report as a count."""
    notes[line] = images
    print(f"index: {line} ({images:,} images)", file=sys.stderr)


def record_warnings(notes: dict[str, int], found: dict[str, int]) -> None:
    """Record counts of what was not understood or may be a mistake: in the log at once, in the report too."""
    for line, count in found.items():
        notes[line] = count
        print(f"index: {line} ({count:,})", file=sys.stderr)
