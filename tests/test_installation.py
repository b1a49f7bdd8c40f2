"""An installation that was killed is done again, and what a user had is not removed."""

import os
import subprocess

import pytest
from places import REPOSITORY

# Stands in for Python: notes what it is asked for, makes an environment of itself, is killed where told to.
STUB = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
  *"$KILLED"*) kill -9 $PPID; exit ;;
esac
case "$1 $2" in
  "-m venv")
    for folder in "$@"; do :; done
    case "$*" in *--clear*) find "$folder" -mindepth 1 -delete ;; esac
    mkdir -p "$folder/bin" "$folder/lib"
    cp "$0" "$folder/bin/python"
    ;;
esac
"""
NOWHERE = "no such word"


@pytest.fixture
def install(tmp_path):
    """Return what runs the script in an empty folder, killed at a word or not: -> output, calls."""
    python = tmp_path / "python"
    python.write_text(STUB)
    python.chmod(0o755)

    def run(killed=NOWHERE):
        calls = tmp_path / "calls"
        calls.write_text("")
        values = {"PYTHON": str(python), "VENV": "venv", "CALLS": str(calls), "KILLED": killed}
        done = subprocess.run(
            ["sh", str(REPOSITORY / "envs/install.sh"), "cpu.lock"],
            check=False, cwd=tmp_path, env=os.environ | values, capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode == 0) == (killed == NOWHERE)
        return done.stdout, calls.read_text()

    return run


def test_the_first_installation_leaves_no_mark(install, tmp_path):
    shown, calls = install()
    assert shown == ""
    assert "--clear" not in calls
    assert "--ignore-installed" not in calls
    assert not (tmp_path / "venv.unfinished").exists()


@pytest.mark.parametrize("killed", ["-m venv", "--require-hashes", "--editable", "compileall"])
def test_a_new_environment_is_made_anew_after_a_kill(install, tmp_path, killed):
    install(killed)
    (tmp_path / "venv/half").touch()
    shown, calls = install()
    assert shown == "The last installation was interrupted: it is done again.\n"
    assert "-m venv --clear venv" in calls
    assert not (tmp_path / "venv/half").exists()
    assert not (tmp_path / "venv.unfinished").exists()


@pytest.mark.parametrize("killed", ["-m venv", "--require-hashes", "--editable"])
def test_an_environment_that_was_there_keeps_what_is_in_it(install, tmp_path, killed):
    install()
    (tmp_path / "venv/own").touch()
    install(killed)
    _, calls = install()
    assert "--clear" not in calls
    assert "--ignore-installed --require-hashes" in calls
    assert (tmp_path / "venv/own").exists()
    assert "--ignore-installed" not in install()[1]


def test_a_kill_while_the_environment_is_emptied_is_healed_too(install, tmp_path):
    install("--require-hashes")
    install("--clear")
    (tmp_path / "venv/half").touch()
    assert "-m venv --clear venv" in install()[1]
    assert not (tmp_path / "venv/half").exists()


def test_a_folder_put_there_after_a_kill_is_not_emptied(install, tmp_path):
    install("--require-hashes")
    (tmp_path / "venv").rename(tmp_path / "away")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/own").touch()
    assert "--clear" not in install()[1]
    assert (tmp_path / "venv/own").exists()


def test_a_second_kill_changes_nothing(install):
    install("--require-hashes")
    install("--require-hashes")
    assert "-m venv --clear venv" in install()[1]


def test_an_unfinished_environment_is_never_up_to_date(tmp_path):
    (tmp_path / "envs").mkdir()
    (tmp_path / ".venv").mkdir()
    for name in ("Makefile", "pyproject.toml", "envs/cpu.lock", "envs/install.sh"):
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    (tmp_path / ".venv/.cpu").touch()
    ask = ["make", "--question", ".venv/.cpu"]
    assert subprocess.run(ask, check=False, cwd=tmp_path).returncode == 0
    (tmp_path / ".venv.unfinished").write_text("old\n")
    assert subprocess.run(ask, check=False, cwd=tmp_path).returncode == 1
