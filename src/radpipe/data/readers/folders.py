"""Published folders: find their tables and their images."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from radpipe.errors import DataError


@contextmanager
def refuse_unreadable(path: Path) -> Iterator[None]:
    """Raise what pandas finds wrong with a file as one line with its name."""
    try:
        yield
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: is not UTF-8 text; download it again, or save it as UTF-8") from None
    except pd.errors.EmptyDataError:
        raise DataError(f"{path.name}: is empty; download it again") from None
    except (ValueError, OSError, EOFError) as error:  # pandas' parser errors are ValueErrors
        reason = str(error).strip().split("\n")[0]
        raise DataError(f"{path.name}: not readable as a table ({reason}); download it again") from None


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


def refuse_lines(path: Path, wrong: pd.Series, problem: str, cells: pd.Series | None = None) -> None:
    """Stop at the first of the lines that are wrong; the index of `wrong` holds their numbers.

    `FOUND` in the problem becomes what `cells`, text in the order of `wrong`, hold there.
    """
    if wrong.any():
        lines = wrong.index[wrong.to_numpy(bool)].to_list()
        more = f" ({len(lines)} such lines)" if len(lines) > 1 else ""
        if cells is not None:
            cell = cells[wrong.to_numpy(bool)].iloc[0]
            problem = problem.replace("FOUND", "nothing" if pd.isna(cell) else repr(str(cell)))
        raise DataError(f"{path.name}: line {lines[0]} {problem}{more}")


def record_warning(notes: dict[str, int], line: str, images: int) -> None:
    """Record what may be right and may be a mistake: in the log at once, in the report as a count."""
    notes[line] = images
    print(f"index: {line} ({images:,} images)", file=sys.stderr)
