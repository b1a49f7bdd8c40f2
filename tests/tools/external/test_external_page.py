"""Evaluate and compare on external predictions. Each page is drawn once: that takes a second."""

import json

import numpy as np
import pandas as pd
import pytest
from places import PARAMS
from runs_drawn import draw
from specs import CHEST, comparing

from radpipe.cli import main
from radpipe.evaluation.comparison.result import compare
from radpipe.evaluation.metrics import sigmoid

NAMES = ("old", "<b>new</b>")


def write_files(folder):
    """Write two models on the same cases in different orders, and their labels; return the models."""
    models = {("old", 0): draw(0), ("<b>new</b>", 0): draw(2)}
    for position, model in enumerate(models.values()):
        table = pd.DataFrame(sigmoid(model.logits), columns=model.targets)
        table.insert(0, "id", model.cases["id"])
        table.iloc[:: -1 if position else 1].to_csv(folder / f"{position}.csv", index=False)
    labels = pd.DataFrame(model.labels, columns=model.targets).assign(**model.cases[["id", "split"]])
    labels.assign(patient_id=model.cases["patient_id"]).to_csv(folder / "labels.csv", index=False)
    labels.drop(columns="split").to_csv(folder / "bare.csv", index=False)
    return models


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("external")
    return folder, write_files(folder)


@pytest.fixture(scope="module")
def compared(given):
    folder, _ = given
    files = [f"{folder}/0.csv", f"{folder}/1.csv", "--labels", f"{folder}/labels.csv"]
    words = ["--names", *NAMES, "--output", f"{folder}/compared", "--plan", comparing().model_dump_json()]
    assert main(["compare-predictions", *files, *words, "--params", str(PARAMS)]) == 0
    return folder / "compared"


def test_two_models_get_the_numbers_of_two_arms(given, compared):
    again = compare(given[1], CHEST.evaluate, comparing())
    found = json.loads((compared / "compare.json").read_text())
    assert found["arms"] == list(NAMES)
    for metric in ("auroc", "recall@0.5", "recall@matched_fpr", "recall@specificity0.90"):
        assert found["macro"][metric]["difference"] == pytest.approx(
            again["macro"][metric]["difference"], abs=1e-6
        )
    flat = json.loads((compared / "metrics.json").read_text())
    assert flat["all/macro/auroc/old"] == found["macro"]["auroc"]["old"]
    assert set(json.loads((compared / "evaluations.json").read_text())) == set(NAMES)
    assert set(pd.read_parquet(compared / "curves.parquet")["model"]) == set(NAMES)


def test_the_page_speaks_of_models_and_shows_no_training(compared):
    page = (compared / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;new&lt;/b&gt; minus old" in page
    assert "<b>new" not in page
    assert 'id="training"' not in page
    assert 'id="flow"' not in page
    assert "weighted loss" not in page
    assert "One seed" not in page
    assert "<dt>Seeds</dt>" not in page
    assert str(compared.parent) not in page
    assert not (compared / "figures/training.png").exists()
    assert (compared / "figures/differences.png").exists()


def test_one_model_without_patients_and_splits_is_warned_of(given):
    folder, _ = given
    files = [f"{folder}/0.csv", "--labels", f"{folder}/bare.csv"]
    assert main(["evaluate-predictions", *files, "--output", f"{folder}/one", "--params", str(PARAMS)]) == 0
    page = (folder / "one/report.html").read_text(encoding="utf-8")
    assert "every case counts as a patient of its own" in page
    assert "no threshold could be chosen" in page
    metrics = json.loads((folder / "one/metrics.json").read_text())
    assert metrics["test"]["images"] == 600
    assert metrics["findings"]["a"]["at_chosen"]["threshold"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--section-of", "nothing"], "--section-of nothing: no data set of"),
        (["--params", "absent.yaml"], "absent.yaml: not found"),
        (["--names", "one"], "2 different names are expected"),
    ],
)
def test_a_wrong_option_is_one_line_and_leaves_nothing(given, capsys, words, message):
    folder, _ = given
    files = [f"{folder}/0.csv", f"{folder}/1.csv", "--labels", f"{folder}/labels.csv"]
    assert (
        main(["compare-predictions", *files, "--output", f"{folder}/wrong", "--params", str(PARAMS), *words])
        == 1
    )
    assert message in capsys.readouterr().err
    assert not (folder / "wrong").exists()


def test_the_same_probability_of_every_case_is_no_error(given):
    folder, models = given
    cases = next(iter(models.values())).cases
    pd.DataFrame({"id": cases["id"], "a": 0.5}).to_csv(folder / "flat.csv", index=False)
    files = [f"{folder}/flat.csv", "--labels", f"{folder}/labels.csv"]
    assert main(["evaluate-predictions", *files, "--output", f"{folder}/flat", "--params", str(PARAMS)]) == 0
    assert json.loads((folder / "flat/metrics.json").read_text())["macro"]["auroc"] == pytest.approx(0.5)
    assert np.isfinite(pd.read_parquet(folder / "flat/curves.parquet")["x"]).all()


def test_one_file_is_not_compared_with_itself(given, capsys):
    folder, _ = given
    files = [f"{folder}/0.csv", f"{folder}/0.csv", "--labels", f"{folder}/labels.csv"]
    assert main(["compare-predictions", *files, "--output", f"{folder}/wrong", "--params", str(PARAMS)]) == 1
    assert "0.csv: given twice, expected the files of two models" in capsys.readouterr().err
