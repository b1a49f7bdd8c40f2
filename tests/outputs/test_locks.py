"""One process at a time makes a thing; the death of the holder frees it."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time

import pytest

from radpipe.errors import DataError
from radpipe.outputs import locks
from radpipe.outputs.locks import hold

CHILD = """
import sys, time, pathlib
from radpipe.outputs.locks import hold
with hold(pathlib.Path(sys.argv[1]), "a thing"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "held\n"
    yield child
    child.kill()
    child.wait()
    child.stdout.close()


def take(folder):
    with hold(folder, "a thing"):
        return True


def test_a_lock_is_held_once_and_leaves_nothing(tmp_path):
    with hold(tmp_path / "run", "a thing"):
        assert (tmp_path / "run.lock").exists()
        with pytest.raises(DataError, match=f"a thing: process {os.getpid()} on .* is at it since"):
            take(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    assert take(tmp_path / "run")


def test_another_process_is_named_with_what_to_do(tmp_path, holder):
    with pytest.raises(DataError) as caught:
        take(tmp_path / "run")
    assert f"process {holder.pid} on " in str(caught.value)
    assert f"kill {holder.pid}" in str(caught.value)
    assert "a Snakemake that was killed" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_death_of_the_holder_frees_the_lock(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert take(tmp_path / "run")


def test_an_error_inside_frees_the_lock(tmp_path):
    def fail():
        with hold(tmp_path / "run", "a thing"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert take(tmp_path / "run")


def test_a_file_system_without_locks_gets_a_heartbeat(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    monkeypatch.setattr(locks, "BEAT", 0.01)
    path = tmp_path / "run.lock"
    with hold(tmp_path / "run", "a thing"):
        os.utime(path, (0, 0))
        deadline = time.monotonic() + 5
        while path.stat().st_mtime == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert path.stat().st_mtime > 0
        with pytest.raises(DataError, match="is at it since"):
            take(tmp_path / "run")
    path.write_text('{"process": 1, "host": "elsewhere", "since": "long ago"}')
    with pytest.raises(DataError, match="process 1 on elsewhere is at it since long ago.*stop it there"):
        take(tmp_path / "run")
    os.utime(path, (0, 0))
    assert take(tmp_path / "run")  # nobody's


def test_a_link_in_the_place_of_a_lock_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "run.lock").symlink_to("mine")
    with pytest.raises(DataError, match=r"run\.lock"):
        take(tmp_path / "run")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def fail(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(locks, "_write_holder", fail)
    with pytest.raises(DataError, match=r"run\.lock"):
        take(tmp_path / "run")


@pytest.mark.parametrize("content", ["mine", "{}", '{"process": 1}', "[1]"])
def test_a_file_of_the_user_in_the_place_of_the_lock_is_kept(tmp_path, content):
    path = tmp_path / "run.lock"
    path.write_text(content)
    with pytest.raises(DataError, match=r"run\.lock: not a lock of radpipe"):
        take(tmp_path / "run")
    assert path.read_text() == content


def test_a_pipe_in_the_place_of_the_lock_is_kept(tmp_path):
    os.mkfifo(tmp_path / "run.lock")
    with pytest.raises(DataError, match=r"run\.lock: not a lock of radpipe"):
        take(tmp_path / "run")
    assert (tmp_path / "run.lock").is_fifo()


def test_a_holder_that_has_not_written_yet_is_said_to_have_just_started(tmp_path):
    path = tmp_path / "run.lock"
    with path.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="a thing: another process has just started with it"):
            take(tmp_path / "run")
