"""One process at a time makes a thing: a run, the packed images.

The lock is one of the operating system (`flock`), which the death of its holder frees. A file system without
such locks gets a heartbeat: the holder touches the file, and one not touched for a while is nobody's.
"""

import errno
import fcntl
import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from radpipe.errors import DataError
from radpipe.outputs.receipts import read_object
from radpipe.outputs.writing import name_failed_write

BEAT = 10.0  # [s] between two touches
DEAD = 60.0  # [s] after which a file that was not touched is nobody's
HOLDER = {"process", "host", "since"}  # keys of the file of a lock
UNSUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def hold(folder: Path, what: str) -> Iterator[None]:
    """Hold the lock of a folder, `<folder>.lock`, while something is made of it.

    Parameters
    ----------
    folder
        What is made, or made from.
    what
        What that is, for the message.

    Raises
    ------
    DataError
        If another process holds the lock: it is named with its number, host and time of start.
    """
    path = folder.with_name(f"{folder.name}.lock")
    file, beating = _open(path, what)
    stop, ours = threading.Event(), False
    try:
        _refuse_foreign(file, path)
        ours = True
        with name_failed_write(path):
            _write_holder(file)
        if beating:
            threading.Thread(target=_beat, args=(path, stop), daemon=True).start()
        yield
    finally:
        stop.set()
        if ours:
            path.unlink(missing_ok=True)  # before the lock is free: who opened this file sees that it is gone
        os.close(file)


def _open(path: Path, what: str) -> tuple[int, bool]:
    """Open the file of a lock and take the lock; once more if its last holder has removed it meanwhile."""
    while True:
        with name_failed_write(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                raise DataError(f"{path}: a link, expected a lock or nothing; nothing was changed; remove it")
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            beating = _acquire(file, path, what)
            if path.exists() and os.fstat(file).st_ino == path.stat().st_ino:
                return file, beating
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _acquire(file: int, path: Path, what: str) -> bool:
    """Take the lock; return whether it must be kept by a heartbeat, as the file system knows no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DataError(format_holder(read_object(path), what)) from None
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        holder = read_object(path)
        if holder and time.time() - path.stat().st_mtime < DEAD:
            raise DataError(format_holder(holder, what)) from None
        return True
    return False


def _refuse_foreign(file: int, path: Path) -> None:
    """Raise DataError if what lies where the lock goes is not what a holder has left."""
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or (found.st_size and not set(read_object(path)) >= HOLDER):
        raise DataError(
            f"{path}: not a lock of radpipe, which would replace it; nothing was changed; move it away"
        )


def _write_holder(file: int) -> None:
    started = time.strftime("%Y-%m-%d %H:%M:%S")
    holder = {"process": os.getpid(), "host": socket.gethostname(), "since": started}
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps(holder).encode(), 0)


def _beat(path: Path, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        try:
            os.utime(path)
        except OSError:
            return


def format_holder(holder: dict[str, Any], what: str) -> str:
    """Return in one line who makes something, and what to do about it."""
    if not holder.keys() >= HOLDER:
        return f"{what}: another process has just started with it; wait for it, or try again in a moment"
    process, host = holder["process"], holder["host"]
    there = "" if host == socket.gethostname() else " there"
    return (
        f"{what}: process {process} on {host} is at it since {holder['since']}, perhaps left from "
        f"a Snakemake that was killed; wait for it, or stop it{there}: kill {process}"
    )
