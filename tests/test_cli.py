import inspect
import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from specs import PATIENTS, comparing, evaluating

from radpipe import cli
from radpipe.config.parameters import read
from radpipe.errors import DataError
from radpipe.steps import data, learning, results
from radpipe.tools import verbs

PARAMS = Path(__file__).parents[1] / "params.yaml"
SPLIT = {"method": "random", "test": 0.2, "val": 0.25, "folds": None, "seed": 0}


def is_verb(function, module):
    """A step or tool is a public function without a result."""
    return (
        inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not function.__name__.startswith("_")
        and inspect.signature(function).return_annotation is None
    )


def test_every_step_and_tool_is_a_verb():
    modules = (data, learning, results, verbs)
    own = [each for module in modules for _, each in inspect.getmembers(module) if is_verb(each, module)]
    assert len(own) > 15
    assert set(own) == set(cli.VERBS)


def test_options_arrive_with_their_types():
    words = ["compare", "--predictions", "a/p", "b/p", "--output", "c.json", "--metrics", "m.json"]
    spec, plan = evaluating(specificities=(0.9,)).model_dump_json(), comparing().model_dump_json()
    options = vars(cli.build_parser().parse_args([*words, "--spec", spec, "--plan", plan]))
    assert [path.name for path in options["predictions"]] == ["p", "p"]
    assert options["spec"].specificities == (0.9,)
    assert options["metrics"].name == "m.json"


@pytest.mark.parametrize("step", cli.VERBS)
def test_every_option_has_a_line_of_help(step):
    text, helps = cli.read_docstring(step)
    assert set(helps) == set(inspect.signature(step).parameters)
    assert all(len(line) > 5 and line.endswith(".") for line in [text, *helps.values()])
    assert "Parameters" not in text


@pytest.fixture
def called(monkeypatch):
    """What the step `split` was called with."""
    given = {}
    monkeypatch.setattr(cli, "take_sections", partial(record, given, cli.take_sections))
    return given


def record(given, take, step, options):
    take(step, options)
    given.update(options)
    raise DataError("seen")


SPLITTING = ["split", "--rows", "r", "--index", "i", "--output", "o", "--params", str(PARAMS)]


def test_sections_come_from_a_data_set(called):
    assert cli.main([*SPLITTING, "--section-of", "nih_cxr14"]) == 1
    dataset = read(PARAMS).datasets["nih_cxr14"]
    assert (called["spec"], called["targets"]) == (dataset.split, dataset.targets)
    assert not {"section_of", "params"} & set(called)


def test_a_section_that_is_given_goes_before_that_of_the_data_set(called):
    assert cli.main([*SPLITTING, "--section-of", "nih_cxr14", "--spec", json.dumps(SPLIT)]) == 1
    assert called["spec"].method == "random"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--spec, --targets: missing; name a data set of params.yaml by --section-of, or give JSON"),
        (["--section-of", "mine"], "--section-of mine: no data set of "),
    ],
)
def test_sections_that_are_missing_are_named(capsys, words, message):
    assert cli.main([*SPLITTING, *words]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("step", [each for each in cli.VERBS if cli.find_sections(each)])
def test_every_section_of_every_step_is_found(step):
    parameters = read(PARAMS)
    for kind in cli.find_sections(step).values():
        if kind is None:
            assert parameters.describe("phantom_chest")["dataset"] == "phantom_chest"
        else:
            assert type(parameters.find_section("phantom_chest", kind)) is kind


def test_an_option_of_several_values_may_be_given_twice():
    words = [
        "submit",
        "p.csv",
        "--reader",
        "rsna_hemorrhage",
        "--constant",
        "a=1",
        "b=2",
        "--constant",
        "c=3",
    ]
    assert cli.build_parser().parse_args(words).constant == ["a=1", "b=2", "c=3"]


def test_a_section_that_does_not_fit_is_a_usage_error(capsys):
    words = ["split", "--rows", "r", "--index", "i", "--output", "o", "--spec"]
    with pytest.raises(SystemExit):
        cli.main([*words, json.dumps({**SPLIT, "method": "fair"})])
    assert (
        "SplitSpec: method: Input should be 'random', 'stratified' or 'official'" in capsys.readouterr().err
    )


def test_an_error_of_the_user_is_one_line_and_exit_status_1(tmp_path, capsys):
    spec = {
        "reader": "nih_cxr14",
        "root": "absent",
        "tables": None,
        "follow_links": False,
        "link_roots": [],
        "options": PATIENTS,
        "limit_patients": None,
    }
    words = ["index", "--output", str(tmp_path), "--spec", json.dumps({**spec, "images_on_disk_only": False})]
    assert cli.main(words) == 1
    error = capsys.readouterr().err
    assert (
        error == "radpipe index: root: no folder absent; put the data there, or correct root in params.yaml\n"
    )


def test_no_step_but_training_imports_keras_matplotlib_or_mlflow():
    code = (
        "import sys, radpipe.cli; radpipe.cli.build_parser();"
        "print([name for name in ('keras', 'tensorflow', 'mlflow', 'matplotlib') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            KeyboardInterrupt,
            130,
            "radpipe track: interrupted; what is finished is kept, run it again to go on",
        ),
        (MemoryError, 1, "radpipe track: out of memory; close other programs, or ask for less at once"),
        (DataError("at https://me:secret@host"), 1, "radpipe track: at https://***@host"),
    ],
)
def test_an_end_is_one_line(monkeypatch, capsys, error, code, said):
    def end(*_, **__):
        raise error

    monkeypatch.setattr("radpipe.tracking.recording.record_folder", end)
    monkeypatch.setattr("pathlib.Path.is_dir", lambda _: True)
    assert cli.main(["track", "--folder", "x"]) == code
    assert capsys.readouterr().err == said + "\n"


@pytest.mark.parametrize(
    ("name", "message"), [("foo", "'foo', expected one of"), ("torch", "torch is not installed")]
)
def test_a_backend_that_is_unknown_or_absent_is_one_line(monkeypatch, capsys, tmp_path, name, message):
    monkeypatch.setattr("radpipe.training.backend.find_spec", lambda _: None)
    monkeypatch.setenv("KERAS_BACKEND", name)
    assert cli.main(["predict", "model.keras", str(tmp_path), "--output", str(tmp_path / "p.csv")]) == 1
    assert f"radpipe predict: KERAS_BACKEND: {message}" in capsys.readouterr().err


def test_the_traceback_of_a_bug_shows_no_password(capsys):
    try:
        raise RuntimeError("postgresql://me:pa55@host is away")
    except RuntimeError as error:
        cli.print_bug(type(error), error, error.__traceback__)
    shown = capsys.readouterr().err
    assert "RuntimeError: postgresql://***@host is away" in shown
    assert "Traceback" in shown
