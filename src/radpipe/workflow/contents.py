"""The contents of the files below a folder as hashes, of which each is computed once.

Below `.radpipe/contents` lies for each folder what was read: of each file its size, its times of modification
and of status change, its number (inode), and the SHA-256 of its content. A file replaced in place may keep
its size and mtime; its ctime or its number it cannot keep.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from radpipe.errors import DataError
from radpipe.outputs.writing import write_whole

PLACE = Path(".radpipe/contents")  # below the current folder
DVC_CACHE = "/files/md5/"
DIGITS = 64  # of a SHA-256
NOT_READ = "not read "  # before what the file system says of a file, where its content is not known
GROUP = 2**30  # bytes read between two times that the cache is written: what an interruption costs at most


class File(NamedTuple):
    """A file, by its name below the folder, and what the file system says of it; times in ns.

    `target` is where a link leads that is not followed, and empty for a file.
    """

    name: str
    size: int
    mtime: int
    ctime: int
    inode: int
    target: str = ""

    @property
    def age(self) -> int:
        """The later of both times [ns]: a file moved into place keeps its mtime, not its ctime."""
        return max(self.mtime, self.ctime)

    @property
    def key(self) -> str:
        """All of it as one line, without the end."""
        name = self.name.replace("\\", "\\\\").replace("\n", "\\n")
        return f"{self.size} {self.mtime} {self.ctime} {self.inode} {name}"


def list_files(folder: Path, link_roots: Sequence[str]) -> list[File]:
    """List the files below a folder, in the order of their names.

    Links are followed within the folder, into the DVC cache, and into `link_roots`; any other link, or one
    that leads nowhere, is listed with the place that it leads to.

    Raises
    ------
    DataError
        If a link leads in a circle, or a name is no UTF-8.
    """
    top = os.fspath(folder)
    allowed = [f"{os.path.realpath(place).rstrip('/')}/" for place in (top, *link_roots)]
    return sorted(_walk(top, "", allowed, (os.path.realpath(top),)))


def _walk(top: str, inside: str, allowed: Sequence[str], places: tuple[str, ...]) -> Iterator[File]:
    """List a folder; `places` are its true place, and those of the folders whose links led to it."""
    with os.scandir(f"{top}/{inside}") as entries:
        for entry in entries:
            name = f"{inside}{entry.name}"
            if not entry.name.isascii():
                _refuse_other_encoding(top, name)
            if entry.is_symlink():
                yield from _follow(top, name, allowed, places)
            elif entry.is_dir():
                yield from _walk(top, f"{name}/", allowed, (*places[:-1], f"{places[-1]}/{entry.name}"))
            else:
                status = entry.stat(follow_symlinks=False)
                regular = stat.S_ISREG(status.st_mode)  # reading any other kind might not end
                yield describe_file(name, status, "" if regular else "no regular file")


def _follow(top: str, name: str, allowed: Sequence[str], places: tuple[str, ...]) -> Iterator[File]:
    """List what a link leads to."""
    link = f"{top}/{name}"
    target = os.path.realpath(link)
    try:
        status = os.stat(link)  # noqa: PTH116 (a Path for each link takes longer)
    except FileNotFoundError:
        yield describe_file(name, os.lstat(link), target)
        return
    except OSError as error:
        raise DataError(f"{link}: {error.strerror}; remove the link") from None
    inside = any(f"{target}/".startswith(root) for root in allowed)
    if inside and stat.S_ISDIR(status.st_mode):
        if any(f"{place}/".startswith(f"{target}/") for place in places):
            raise DataError(f"{link}: a link that leads in a circle, to {target}; remove it")
        yield from _walk(top, f"{name}/", allowed, (*places, target))
    elif stat.S_ISREG(status.st_mode) and (inside or DVC_CACHE in target):
        yield describe_file(name, status)
    else:
        yield describe_file(name, os.lstat(link), target)


def describe_file(name: str, status: os.stat_result, target: str = "") -> File:
    """Return a file with what the file system says of it."""
    times = status.st_mtime_ns, status.st_ctime_ns
    return File(name, status.st_size, *times, status.st_ino, target)


def _refuse_other_encoding(top: str, name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode(errors="surrogateescape")
        raise DataError(f"{top}: the name {shown!r} is no UTF-8; rename the file") from None


def hash_contents(folder: Path, files: Sequence[File], read: bool) -> list[str]:
    """Return the SHA-256 of each file, or what stands for it.

    Parameters
    ----------
    folder
        What the names of the files are below.
    files
        From `list_files`.
    read
        Read files whose content is not known, and remember it; otherwise what the file system says of them
        stands for it.
    """
    cache = PLACE / f"{hashlib.sha256(os.path.realpath(folder).encode()).hexdigest()[:16]}.txt"
    known = read_cache(cache)
    missing = [file for file in files if not file.target and file.key not in known] if read else []
    for group in divide(missing):
        known |= hash_group(folder, group)
        write_cache(cache, known, {file.key for file in files})
    return [
        f"-> {file.target}" if file.target else known.get(file.key, f"{NOT_READ}{file.key}") for file in files
    ]


def divide(files: Sequence[File]) -> Iterator[list[File]]:
    """Divide files into groups of about `GROUP` bytes."""
    group: list[File] = []
    size = 0
    for file in files:
        group.append(file)
        size += file.size
        if size >= GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def hash_group(folder: Path, files: Sequence[File]) -> dict[str, str]:
    """Read files; hashlib releases the interpreter lock."""
    with (
        ThreadPoolExecutor(os.cpu_count()) as pool,
        tqdm(total=len(files), desc="contents", unit="file", disable=None) as progress,
    ):
        found = {}
        contents = pool.map(lambda file: hash_file(folder / file.name), files)
        for file, content in zip(files, contents, strict=True):
            found[file.key] = content
            progress.update()
    return found


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file; where it cannot be read, why: `validate` will reject it."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return f"not readable: {error.strerror}"


def read_cache(cache: Path) -> dict[str, str]:
    """Return what is known, by the key of each file; nothing if the cache is absent or damaged."""
    try:
        lines = cache.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return {}
    return {line[DIGITS + 1 :]: line[:DIGITS] for line in lines if line[DIGITS : DIGITS + 1] == " "}


def write_cache(cache: Path, known: Mapping[str, str], kept: Set[str]) -> None:
    """Write what is known of the files that are there still, whole or not at all."""
    lines = (f"{known[key]} {key}\n" for key in sorted(kept & known.keys()) if len(known[key]) == DIGITS)
    with write_whole(cache) as draft:
        draft.write_text("".join(lines), encoding="utf-8")
