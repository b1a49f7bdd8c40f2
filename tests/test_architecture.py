"""Imports point one way, each library has one owner, and files stay short."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "radpipe"
LAYERS = (
    {"errors", "arms"},
    {"outputs", "targets"},
    {"config", "index", "sources", "fingerprint"},
    {"predictions", "cases", "stratification"},
    {"images", "metrics", "intervals"},
    {
        "readers",
        "phantoms",
        "splits",
        "weights",
        "standard",
        "losses",
        "scores",
        "audit",
        "estimates",
        "thresholds",
        "rounds",
    },
    {"operating", "calibration"},
    {"evaluation", "subgroups", "batches", "models", "doctor"},
    {"comparison"},
    {"training", "report", "tracking"},
    {"explanation", "foreign"},
    {"steps", "tools"},
    {"cli"},
    {"__main__"},
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
OWNERS = {
    "mlflow": {"tracking"},
    "matplotlib": {"report"},
    "pydicom": {"images", "phantoms"},
    "imagecodecs": {"images"},
    "keras": {"losses", "models", "training", "batches", "explanation"},
    "tensorflow": {"training", "explanation"},
    "jax": {"training", "explanation"},
    "snakemake": set(),
    "dvc": set(),
}
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def own_name(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path):
    """Every module that a file imports, anywhere in it, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "radpipe":
            yield from (f"radpipe.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def short(path):
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_imports_point_downwards(path):
    own = own_name(path)
    inside = {name.split(".")[1] for name in imports(path) if name.startswith("radpipe.")}
    for name in inside - {own}:
        assert RANK[name] < RANK[own], f"{own} must not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_each_library_has_one_owner(path):
    foreign = {name.split(".")[0] for name in imports(path)}
    for library in foreign & set(OWNERS):
        assert own_name(path) in OWNERS[library], f"{own_name(path)} must not import {library}"


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_files_are_at_most_200_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200
