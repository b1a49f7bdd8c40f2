"""What the workflow watches: the closure of a step's imports, and its own text."""

from pathlib import Path

import pytest

from radpipe import sources

STEPS = """
import json
from radpipe import index as indexing
from radpipe import splits
from radpipe.readers import READERS
from radpipe.config import Spec
from radpipe.tracking import record

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
MODULES = {
    "steps/data.py": STEPS,
    "index.py": "",
    "deep.py": "from radpipe.report import page",
    "splits.py": "def assign():\n    from radpipe.weights import weigh",
    "weights.py": "",
    "tracking.py": "import radpipe.weights",
    "config/__init__.py": "import radpipe.weights",
    "readers/__init__.py": "from radpipe.readers import chest",
    "readers/chest.py": "from radpipe.index import Index",
    "report/__init__.py": "def page(): ...",
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
        sources._parts.cache_clear()
        sources._parse.cache_clear()

    for name, text in MODULES.items():
        write(name, text)
    monkeypatch.setattr(sources, "PACKAGE", folder)
    yield write
    sources._parts.cache_clear()
    sources._parse.cache_clear()


def names(step):
    return [path.relative_to("src/radpipe").as_posix() for path in sources.code(step)]


def test_a_step_watches_what_it_imports_and_what_that_imports(package):
    assert names("index") == ["index.py", "readers/__init__.py", "readers/chest.py"]


def test_imports_inside_functions_count_and_templates_of_a_package_too(package):
    assert names("split") == [
        "deep.py", "report/__init__.py", "report/templates/page.html.j2", "splits.py", "weights.py",
    ]  # fmt: skip


def test_a_parameter_named_like_a_step_is_not_that_step(package):
    assert "readers/chest.py" not in names("split")


def test_configuration_and_tracking_change_no_result_and_are_not_watched(package):
    assert not {"config/__init__.py", "tracking.py"} & set(names("index"))


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
    first = {step: sources.own_text(step) for step in steps}
    package("steps/data.py", STEPS.replace(before, after))
    assert {step for step in steps if sources.own_text(step) != first[step]} == changed


def test_a_step_that_does_not_exist_is_a_bug(package):
    with pytest.raises(ValueError, match=r"steps/ has no function 'weigh'"):
        sources.code("weigh")


def test_every_step_of_the_workflow_has_sources_that_exist():
    root = Path(__file__).parents[1]
    for step in ("phantom", "index", "validate", "pack", "split", "weigh", "train", "evaluate", "report"):
        assert all((root / path).is_file() for path in sources.code(step))
        assert sources.own_text(step)
    assert Path("src/radpipe/losses.py") in sources.code("train")
    assert Path("src/radpipe/losses.py") not in sources.code("evaluate")
    for step in ("evaluate", "compare"):  # a page of foreign predictions is no rule's output
        assert not any("report" in path.parts for path in sources.code(step))
