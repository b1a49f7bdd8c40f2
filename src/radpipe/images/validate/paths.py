"""Paths of a table -> files below the root, and nowhere else."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from radpipe.images.problems import ImageProblem, build_access_problem

# The place of a file in a DVC 3 cache, wherever `dvc cache dir` has put it; its name is its content's hash.
DVC_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")

Locate = Callable[[str | None], tuple[str, os.stat_result]]


def build_locator(root: Path) -> Locate:
    """Return a function from the path of an image, relative to `root`, to its true place and status.

    A link may lead into a DVC cache, for `dvc add` leaves such links; any other place outside the root
    is refused. The function raises ImageProblem: missing, outside the root, or unreadable if there is
    no file; a folder is looked up once, not once a file.
    """
    top = str(root.resolve())
    folders: dict[str, str] = {}

    def locate(path: str | None) -> tuple[str, os.stat_result]:
        if path is None:
            raise ImageProblem("missing", "no file of this name below the root")
        folder, _, name = path.rpartition("/")
        if path.startswith("/") or ".." in path.split("/"):
            raise ImageProblem("outside the root", "the path is absolute or climbs with '..'")
        try:
            if folder not in folders:
                folders[folder] = resolve_folder(top, folder)
            return resolve_file(top, f"{folders[folder]}/{name}")
        except (OSError, ValueError) as error:
            raise build_access_problem(error) from None

    return locate


def list_paths(table: pd.DataFrame) -> list[str | None]:
    """Return the column path, with None where it is missing, whatever marks that in the column."""
    return table["path"].astype(object).where(table["path"].notna(), None).tolist()


def resolve_folder(top: str, folder: str) -> str:
    """Follow the links of a folder; raise ImageProblem if they lead out of the root."""
    place = os.path.realpath(f"{top}/{folder}", strict=True)
    if not is_below(top, place):
        raise ImageProblem("outside the root", "its folder is a link that leads out of the root")
    return place


def resolve_file(top: str, place: str) -> tuple[str, os.stat_result]:
    """Follow a link, if the file is one; raise ImageProblem if it leads where it must not."""
    status = os.lstat(place)
    if stat.S_ISLNK(status.st_mode):
        place = os.path.realpath(place, strict=True)
        if not is_below(top, place) and not DVC_CACHE.search(place):
            raise ImageProblem("outside the root", "a link that leads out of the root, not into a DVC cache")
        status = os.lstat(place)
    if not stat.S_ISREG(status.st_mode):
        raise ImageProblem("unreadable", "a folder or a device, not a file")
    return place, status


def is_below(top: str, place: str) -> bool:
    """Return whether a true place is the folder `top` or inside it."""
    return place == top or place.startswith(f"{top.rstrip('/')}/")
