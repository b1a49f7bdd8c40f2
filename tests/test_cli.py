import inspect
import json
import subprocess
import sys

import pytest
from specs import PATIENTS, comparing, evaluating

from radpipe import cli
from radpipe.errors import DataError
from radpipe.steps import data, learning, results
from radpipe.tools import verbs

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
