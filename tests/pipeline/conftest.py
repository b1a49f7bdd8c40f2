"""One run of the whole workflow on a tiny phantom, shared by all tests that need one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from places import PARAMS, REPOSITORY

PARTS = (
    "Snakefile", "params.yaml", "dvc.yaml", "Makefile", ".gitignore", ".dvcignore", ".dvc/config",
    ".dvc/.gitignore", "data/.gitignore", "envs", "profiles", "src", "workflow",
)  # fmt: skip
DATASET = "phantom_chest"


def tiny(values: dict) -> dict:
    """Shrink the default parameters."""
    values["phantoms"]["chest"] |= {"patients": 80, "size": 64}
    values["datasets"][DATASET]["image"]["size"] = 32
    values["datasets"][DATASET]["train"]["epochs"] = 2
    values["datasets"][DATASET]["compare"]["intervals"]["resamples"] = 200
    values["datasets"][DATASET]["explain"]["cases"] = 0  # no third start of Keras; `shipped` shows cases
    return values


class Checkout:
    """A copy of the repository, and what a user types in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, fails: bool = False) -> str:
        """Run a command with this interpreter's tools first; return what it printed, both ways."""
        done = subprocess.run(
            words, check=False, cwd=self.folder, env=environment(), capture_output=True, text=True
        )
        shown = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"{' '.join(words)}\n{shown}"
        return shown

    def plan(self, *targets: str) -> dict[str, int]:
        """Return the rules that a dry run would run, with the number of jobs."""
        shown = self.run("snakemake", "--dry-run", *targets)
        if "Nothing to be done" in shown:
            return {}
        table = shown.split("Job stats:")[-1].split("total")[0].splitlines()[3:]
        return {rule: int(count) for rule, count in (line.split() for line in table) if rule != "all"}

    @contextmanager
    def edited(self, name: str, edit: Callable[[str], str]) -> Iterator[None]:
        """Edit a file for a while."""
        path = self.folder / name
        before = path.read_text()
        after = edit(before)
        assert after != before
        path.write_text(after)
        try:
            yield
        finally:
            path.write_text(before)

    def with_parameter(self, key: str, value: object):
        """Set one leaf of params.yaml for a while; `key` is its path, with dots."""

        def edit(text: str) -> str:
            values = yaml.safe_load(text)
            *parents, last = key.split(".")
            place = values
            for name in parents:
                place = place[name]
            place[last] = value
            return yaml.safe_dump(values, sort_keys=False)

        return self.edited("params.yaml", edit)


def environment() -> dict[str, str]:
    """Return a user's environment: this interpreter active, nothing set for MLflow, DVC or git."""
    foreign = ("MLFLOW_", "DVC_", "GIT_", "SNAKEMAKE_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    author = {
        f"GIT_{who}_{what}": "tester@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**kept, **author, "PATH": tools}


def copy_repository(folder: Path) -> Checkout:
    """Copy what belongs to the workflow, with tiny parameters, into a git repository of its own."""
    for part in PARTS:
        source, target = REPOSITORY / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copyfile(source, target)
    parameters = folder / "params.yaml"
    parameters.write_text(yaml.safe_dump(tiny(yaml.safe_load(parameters.read_text())), sort_keys=False))
    checkout = Checkout(folder)
    checkout.run("git", "init", "--quiet")
    checkout.run("git", "add", ".")
    checkout.run("git", "commit", "--quiet", "--message", "start")
    return checkout


@pytest.fixture(scope="session")
def unrun(tmp_path_factory) -> Checkout:
    """A checkout in which nothing was run. Leave it as it is."""
    return copy_repository(tmp_path_factory.mktemp("workflow") / "unrun")


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Checkout:
    """A checkout after a whole run, recorded by DVC and committed. Leave it as it is."""
    checkout = copy_repository(tmp_path_factory.mktemp("workflow") / "finished")
    checkout.run("snakemake")
    checkout.run("dvc", "commit", "--force", "--quiet")
    checkout.run("git", "add", "dvc.lock")
    checkout.run("git", "commit", "--quiet", "--message", "results")
    return checkout


@pytest.fixture(scope="session")
def shipped(tmp_path_factory) -> Checkout:
    """A checkout after a whole run with the parameters as they are shipped: what `make demo` does."""
    checkout = copy_repository(tmp_path_factory.mktemp("workflow") / "shipped")
    shutil.copyfile(PARAMS, checkout.folder / "params.yaml")
    checkout.run("snakemake")
    return checkout


@pytest.fixture(scope="session")
def restored(finished, tmp_path_factory) -> Checkout:
    """A clone of it, to which `make restore` brought the results from a local remote."""
    place = tmp_path_factory.mktemp("clones")
    finished.run("dvc", "remote", "add", "--local", "--default", "store", str(place / "remote"))
    finished.run("dvc", "push", "--quiet")
    finished.run("git", "clone", "--quiet", ".", str(place / "clone"))
    clone = Checkout(place / "clone")
    clone.run("dvc", "remote", "add", "--local", "--default", "store", str(place / "remote"))
    clone.run("make", "--silent", "--old-file", ".venv/.cpu", "restore")
    return clone
