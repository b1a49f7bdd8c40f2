"""Rooms import along the allowed edges, each library has one owner, faces hold no work, files stay short."""

import ast
import re
import subprocess
import sys

import pytest
from places import REPOSITORY, SOURCE

CONTRACTS = {"errors", "outputs", "predictions"}
# Room -> the rooms that it may import, besides itself. A new edge is a decision: make it here, and say why.
ALLOWED = {
    "__main__": {"cli"},
    "cli": {"config", "errors", "steps", "tools"},
    "errors": set(),
    "outputs": {"errors"},
    "predictions": {"errors", "outputs"},
    "config": {"errors"},
    "workflow": {"errors", "outputs"},
    "images": {"config", "errors", "outputs"},
    "data": {"config", "errors", "images", "outputs"},
    "phantoms": {"config", "errors", "outputs"},
    "evaluation": {"config", "errors", "predictions"},
    "training": {"config", "evaluation", *CONTRACTS},  # evaluation/metrics: early stopping on the same AUROC
    "explanation": {"config", "evaluation", "images", "training", *CONTRACTS},
    "report": {"config", "data", "images", *CONTRACTS},
    "tracking": {"config", "errors", "outputs"},
    "tools": {"config", "data", "evaluation", "images", "report", "tracking", "training", *CONTRACTS},
    "steps": {
        "config", "data", "evaluation", "explanation", "images", "phantoms", "report", "tracking",
        "training", *CONTRACTS,
    },
}  # fmt: skip
# What only some may import, finer than rooms: modules that begin so -> the rooms.
RESERVED = {
    "radpipe.data.readers": {"data", "steps", "tools"},
    "radpipe.tools": {"cli", "tools"},
}
OWNERS = {
    "mlflow": ("tracking",),
    "matplotlib": ("report/figures",),
    "pydicom": ("images/files", "images/header_table.py", "images/pack/journal.py", "phantoms"),
    "imagecodecs": ("images/files", "images/pack/journal.py"),
    "keras": ("training", "explanation/gradcam.py", "tools/predict.py"),
    "tensorflow": ("training/runtime.py", "explanation/gradcam.py"),
    "jax": ("training/runtime.py", "explanation/gradcam.py"),
    "snakemake": (),
    "dvc": (),
}
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")
FACES = sorted(SOURCE.rglob("__init__.py"))
LONGEST_FILE = 300
LONGEST_FACE = 25
LONGEST_FUNCTION = 30
MOST_NAMES = 20


def imports(text):
    """Every module that a file imports, anywhere in it, by its full name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            yield ast.literal_eval(node.args[0])


def forbidden(place, text):
    """List what a file imports against the tables above; `place` is its path inside the package."""
    own = place.split("/")[0].removesuffix(".py")
    wrong = []
    for name in imports(text):
        package, *inside = name.split(".")
        if package == "radpipe":
            room = inside[0]
            if room != own and room not in ALLOWED[own]:
                wrong.append(f"{own} must not import {name}")
            wrong += [
                f"{own} must not import {name}"
                for start, rooms in RESERVED.items()
                if f"{name}.".startswith(f"{start}.") and own not in rooms
            ]
        elif package in OWNERS and not place.startswith(OWNERS[package]):
            wrong.append(f"{place} must not import {package}")
    return wrong


def short(path):
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_imports_follow_the_allowed_edges(path):
    assert forbidden(short(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("report/page.py", "from radpipe.training import losses"),
        ("report/page.py", "from radpipe.data.readers.registry import READERS"),
        ("report/sections/flow.py", "import matplotlib"),
        ("evaluation/metrics.py", "import keras"),
        ("evaluation/metrics.py", "def late():\n    import keras.ops"),
        ("evaluation/metrics.py", "from radpipe.training.losses import weighted_bce"),
        ("data/splits.py", "from radpipe.steps import learning"),
        ("images/pack/packing.py", "from radpipe.data.index import Index"),
        ("explanation/cases.py", "from keras import ops"),
        ("training/loop.py", "from radpipe import report"),
        ("tracking/store.py", "from radpipe.tools.external import analysis"),
    ],
)
def test_a_forbidden_import_is_found(place, text):
    assert forbidden(place, text)


def test_the_allowed_edges_hold_no_circle():
    def reach(room, seen=()):
        assert room not in seen, " -> ".join((*seen, room))
        for other in ALLOWED[room]:
            reach(other, (*seen, room))

    for room in ALLOWED:
        reach(room)


def test_the_rooms_of_the_table_are_those_of_the_package():
    names = {path.name.removesuffix(".py") for path in SOURCE.iterdir() if path.suffix in {".py", ""}}
    assert names - {"__init__", "__pycache__"} == set(ALLOWED)


def test_the_top_of_the_package_shows_the_pipeline():
    assert len([path for path in SOURCE.iterdir() if path.name != "__pycache__"]) <= MOST_NAMES


@pytest.mark.parametrize("path", FACES, ids=short)
def test_a_face_is_a_table_of_contents(path):
    text = path.read_text(encoding="utf-8")
    body = ast.parse(text).body
    assert len(text.splitlines()) <= LONGEST_FACE
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)


@pytest.mark.parametrize("path", [path for path in FACES if path.parent != SOURCE], ids=short)
def test_a_face_lists_every_module_and_room_of_its_folder(path):
    names = {
        f"{other.name}/" if other.is_dir() else other.name.removesuffix(".py")
        for other in path.parent.iterdir()
        if (other.suffix == ".py" or other.is_dir()) and not other.name.startswith("__")
    }
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert set(re.findall(r"^(\S+) {2,}\S", docstring, re.MULTILINE)) == names


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_files_are_not_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def count_lines(function, lines):
    """Lines of code of a function: without its docstring and blank lines."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return sum(bool(line.strip()) for line in lines[body[0].lineno - 1 : body[-1].end_lineno]) if body else 0


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_functions_are_not_too_long(path):
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    lines = text.splitlines()
    assert [each.name for each in functions if count_lines(each, lines) > LONGEST_FUNCTION] == []


def test_the_picture_of_the_rooms_is_true():
    subprocess.run([sys.executable, REPOSITORY / "docs/rooms.py", "--check"], check=True)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/intervals.md"])
def test_the_links_of_a_page_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)", (REPOSITORY / page).read_text(encoding="utf-8"))
    inside = [link for link in links if not link.startswith("http")]
    assert inside
    assert [link for link in inside if not (REPOSITORY / page).parent.joinpath(link).exists()] == []
