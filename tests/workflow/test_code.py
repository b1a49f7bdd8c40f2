"""What the workflow watches: the closure of a step's imports, and its own text."""

from pathlib import Path

import pytest
from places import REPOSITORY

from radpipe.workflow import code

STEPS = """
import json
from radpipe.config.parameters import Spec
from radpipe.data import index as indexing
from radpipe.data import splits
from radpipe.data.readers.registry import READERS
from radpipe.tracking.recording import record

LIMIT = 3


def index(*, spec: Spec) -> None:
    READERS[spec](LIMIT)
    record(indexing)


def split(*, index: str) -> None:
    from radpipe import deep

    helper(splits.assign(index))


def helper(value: int) -> None:
    json.dumps(value)
"""
FACE = '"""A room."""'
MODULES = {
    "__init__.py": FACE,
    "steps/data.py": STEPS,
    "data/__init__.py": FACE,
    "data/index.py": "",
    "data/splits.py": "def assign():\n    from radpipe.data.weights import weigh",
    "data/weights.py": "from radpipe.config.targets import mirror",
    "data/readers/__init__.py": FACE,
    "data/readers/registry.py": "from radpipe.data.readers import chest",
    "data/readers/chest.py": "from radpipe.data.index import Index",
    "deep.py": "from radpipe.report import page",
    "tracking/__init__.py": FACE,
    "tracking/recording.py": "import radpipe.data.weights",
    "config/__init__.py": FACE,
    "config/parameters.py": "import radpipe.data.weights",
    "config/targets.py": "",
    "report/__init__.py": "COLUMNS = 3",
    "report/page.py": "",
    "report/templates/page.html.j2": "",
    "report/figures.py": "",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package in place of radpipe; return what writes its steps anew."""
    folder = tmp_path / "src" / "radpipe"

    def write(name, text):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        code._find_definitions.cache_clear()
        code._parse.cache_clear()

    for name, text in MODULES.items():
        write(name, text)
    monkeypatch.setattr(code, "PACKAGE", folder)
    yield write
    code._find_definitions.cache_clear()
    code._parse.cache_clear()


def names(step):
    return [path.relative_to("src/radpipe").as_posix() for path in code.code(step)]


def test_a_step_watches_what_it_imports_and_what_that_imports(package):
    assert names("index") == ["data/index.py", "data/readers/chest.py", "data/readers/registry.py"]


def test_imports_inside_functions_count_and_templates_beside_a_module_too(package):
    assert names("split") == [
        "config/targets.py", "data/splits.py", "data/weights.py", "deep.py",
        "report/__init__.py", "report/page.py", "report/templates/page.html.j2",
    ]  # fmt: skip


def test_the_face_of_a_room_counts_only_if_it_does_something(package):
    assert "report/__init__.py" in names("split")
    assert "data/__init__.py" not in names("split")


def test_a_parameter_named_like_a_step_is_not_that_step(package):
    assert "data/readers/chest.py" not in names("split")


def test_values_and_tracking_change_no_result_and_are_not_watched(package):
    assert not {"config/parameters.py", "tracking/recording.py"} & set(names("index"))


def test_what_names_of_targets_mean_is_watched(package):
    assert "config/targets.py" in names("split")


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("splits.assign(index)", "splits.assign(index + 1)", {"split"}),
        ("json.dumps(value)", "json.dumps([value])", {"split"}),  # of a helper
        ("LIMIT = 3", "LIMIT = 4", {"index"}),
        ("import json", "import json\nimport sys", set()),
        ("\ndef helper", "\n# new\n\n\ndef helper", set()),
    ],
)
def test_an_edit_of_steps_changes_the_text_of_the_steps_that_use_it(package, before, after, changed):
    steps = ("index", "split")
    first = {step: code.own_text(step) for step in steps}
    package("steps/data.py", STEPS.replace(before, after))
    assert {step for step in steps if code.own_text(step) != first[step]} == changed


def test_a_step_that_does_not_exist_is_a_bug(package):
    with pytest.raises(ValueError, match=r"steps/ has no function 'weigh'"):
        code.code("weigh")


def test_every_step_of_the_workflow_has_sources_that_exist():
    for step in ("phantom", "index", "validate", "pack", "split", "weigh", "train", "evaluate", "report"):
        assert all((REPOSITORY / path).is_file() for path in code.code(step))
        assert code.own_text(step)
    assert Path("src/radpipe/training/losses.py") in code.code("train")
    assert Path("src/radpipe/training/losses.py") not in code.code("evaluate")
    for step in ("evaluate", "compare"):  # a page of foreign predictions is no rule's output
        assert not any("report" in path.parts for path in code.code(step))
