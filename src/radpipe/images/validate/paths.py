"""Paths of a table -> files below the root, and nowhere else."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from radpipe.config.data import LinkSpec
from radpipe.errors import DataError
from radpipe.images.problems import ImageProblem, build_access_problem

# The place of a file in a DVC 3 cache, wherever `dvc cache dir` has put it; its name is its content's hash.
DVC_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")

ADVICE = "set follow_links: true and link_roots to the folders that links lead into, or copy the files"
Locate = Callable[[str | None], tuple[str, os.stat_result]]


def build_locator(root: Path, links: LinkSpec | None = None) -> Locate:
    """Return a function from the path of an image, relative to `root`, to its true place and status.

    A link may lead into a DVC cache, for `dvc add` leaves such links, and with `follow_links` into the
    `link_roots`; any other place outside the root is refused. The function raises ImageProblem: missing,
    outside the root, or unreadable if there is no file; a folder is looked up once, not once a file.
    """
    allowed = list_allowed(root, links)
    top = allowed[0]
    folders: dict[str, str] = {}

    def locate(path: str | None) -> tuple[str, os.stat_result]:
        if path is None:
            raise ImageProblem("missing", "no file of this name below the root")
        folder, _, name = path.rpartition("/")
        if path.startswith("/") or ".." in path.split("/"):
            raise ImageProblem("outside the root", "the path is absolute or climbs with '..'")
        try:
            if folder not in folders:
                folders[folder] = resolve_folder(f"{top}/{folder}", allowed)
            return resolve_file(f"{folders[folder]}/{name}", allowed)
        except (OSError, ValueError) as error:
            raise build_access_problem(error) from None

    return locate


def list_allowed(root: Path, links: LinkSpec | None) -> tuple[str, ...]:
    """Return the true places that files may lie in: the root first, then where links may lead."""
    roots = links.link_roots if links is not None and links.follow_links else ()
    return tuple(os.path.realpath(place) for place in (os.fspath(root), *roots))


def refuse_links(paths: Iterable[str | None], root: Path, links: LinkSpec) -> None:
    """Raise DataError, with the first path, if a link of a table's images leads where it must not.

    Parameters
    ----------
    paths
        Relative to `root`; None and paths without a file are left to `validate`.
    """
    allowed = list_allowed(root, links)
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        if path is not None:
            folder, _, name = path.rpartition("/")
            by_folder.setdefault(folder, []).append(name)
    for folder, names in by_folder.items():
        name, detail = find_forbidden_link(f"{allowed[0]}/{folder}", names, allowed)
        if detail:
            raise DataError(f"{Path(root, folder, name)}: {detail}; {ADVICE}")


def find_forbidden_link(folder: str, names: Sequence[str], allowed: Sequence[str]) -> tuple[str, str]:
    """Return the first file of a folder that is a link out of what is allowed, and why; or two empty texts.

    What is not there, or leads in a circle, is a problem of that image alone.
    """
    name = ""
    try:
        place = resolve_folder(folder, allowed)
        with os.scandir(place) as entries:
            links = {entry.name for entry in entries if entry.is_symlink()}
        for name in names:
            if name in links:
                resolve_file(f"{place}/{name}", allowed)
    except ImageProblem as problem:
        return (name, problem.detail) if problem.reason == "outside the root" else ("", "")
    except OSError:
        pass
    return "", ""


def list_paths(table: pd.DataFrame) -> list[str | None]:
    """Return the column path, with None where it is missing, whatever marks that in the column."""
    return table["path"].astype(object).where(table["path"].notna(), None).tolist()


def resolve_folder(folder: str, allowed: Sequence[str]) -> str:
    """Follow the links of a folder; raise ImageProblem if they lead out of all places that are allowed."""
    place = os.path.realpath(folder, strict=True)
    if not is_below(allowed, place):
        raise ImageProblem("outside the root", "its folder is a link that leads out of the root")
    return place


def resolve_file(place: str, allowed: Sequence[str]) -> tuple[str, os.stat_result]:
    """Follow a link, if the file is one; raise ImageProblem if it leads where it must not."""
    status = os.lstat(place)
    if stat.S_ISLNK(status.st_mode):
        place = os.path.realpath(place, strict=True)
        if not is_below(allowed, place) and not DVC_CACHE.search(place):
            raise ImageProblem("outside the root", "a link that leads out of the root, not into a DVC cache")
        status = os.lstat(place)
    if not stat.S_ISREG(status.st_mode):
        raise ImageProblem("unreadable", "a folder or a device, not a file")
    return place, status


def is_below(folders: Sequence[str], place: str) -> bool:
    """Return whether a true place is one of the folders, or inside one."""
    return any(place == top or place.startswith(f"{top.rstrip('/')}/") for top in folders)
