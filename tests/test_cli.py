import inspect
import json
import subprocess
import sys

import pytest
from specs import PATIENTS, comparing, evaluating

from radpipe import cli
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
