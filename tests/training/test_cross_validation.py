import dataclasses
import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from radpipe import predictions
from radpipe.data.cases import build_rounds
from radpipe.errors import DataError
from radpipe.training import loop
from radpipe.training.models import ensemble

pytestmark = pytest.mark.keras
FILES = ["history.csv", "model.keras", "predictions.parquet", "training.json"]
FOLDS = 3


class KilledError(Exception):
    """Stands for SIGKILL."""


@pytest.fixture
def folds(inputs):
    """Return the inputs of three rounds, each with weights and standardisation of its own."""
    numbers = np.arange(36)
    cases = inputs.cases.drop(columns="split").assign(fold=numbers // 2 % FOLDS)
    return [
        dataclasses.replace(
            inputs,
            cases=part,
            weights=inputs.weights + number,
            standard={"mean": [170.0 + number], "std": [45.0]},
        )
        for number, part in enumerate(build_rounds(cases))
    ]


@pytest.fixture
def short(spec):
    return spec.model_copy(update={"epochs": 2})


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A place for the one cross-validation of this file."""
    return tmp_path_factory.mktemp("kept"), []


@pytest.fixture
def finished(folds, short, kept):
    """Return the folder of a finished cross-validation, a copy, and the lines that it told of."""
    place, lines = kept
    if not lines:
        loop.cross_validate(folds, short, "wbce", 0, Path("run"), lines.append)
        shutil.copytree("run", place / "run")
        shutil.copytree(".radpipe", place / ".radpipe")
    else:
        shutil.copytree(place, ".", dirs_exist_ok=True)
    return Path("run"), lines


def test_every_case_is_tested_and_validated_once_by_a_network_that_has_not_seen_it(finished, folds):
    stored = predictions.read_predictions(finished[0] / "predictions.parquet")
    for split in ("val", "test"):
        part = stored.select_split(split)
        assert part.cases["row"].to_list() == list(range(100, 136))
        for number, inputs in enumerate(folds):
            mine = part.cases.loc[part.cases["round"] == number, "id"].to_list()
            assert mine == inputs.select_split(split)[0]["id"].to_list()
        labels = folds[0].labels.to_numpy()
        np.testing.assert_array_equal(part.labels, labels)
    assert stored.cases["split"].to_list() == ["val"] * 36 + ["test"] * 36


def test_each_prediction_is_of_the_network_of_its_round(finished, folds):
    model = keras.saving.load_model(finished[0] / "model.keras", compile=False)
    test = predictions.read_predictions(finished[0] / "predictions.parquet").select_split("test")
    pixels = np.load("pixels.npy")
    for number in range(FOLDS):
        mine = (test.cases["round"] == number).to_numpy()
        logits = ensemble.find_member(model, number).predict(pixels[mine], verbose=0)
        np.testing.assert_allclose(test.logits[mine], logits, rtol=1e-4, atol=1e-5)


def test_a_round_is_the_training_that_it_would_be_alone(finished, folds, short):
    loop.train(folds[1], short, "wbce", 0, Path("alone"))
    alone, joined = (keras.saving.load_model(Path(name) / "model.keras") for name in ("alone", "run"))
    for found, expected in zip(
        ensemble.find_member(joined, 1).get_weights(), alone.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    history = pd.read_csv("run/history.csv")
    mine = history[history["round"] == 1].drop(columns="round").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, pd.read_csv("alone/history.csv"))


def test_history_and_facts_tell_of_every_round(finished):
    folder, lines = finished
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert list(Path(".radpipe/runs").iterdir()) == []
    history = pd.read_csv(folder / "history.csv")
    assert history[["round", "epoch"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 1], [1, 2], [2, 1], [2, 2]]
    pd.testing.assert_frame_equal(history, pd.DataFrame(lines), check_dtype=False)
    facts = json.loads((folder / "training.json").read_text())
    assert [each["mean"] for each in facts["rounds"]] == [[170.0], [171.0], [172.0]]
    assert [each["epochs_run"] for each in facts["rounds"]] == [2] * FOLDS
    assert not {"best_epoch", "mean", "effective"} & facts.keys()


@pytest.mark.parametrize(("number", "epoch"), [(0, 1), (1, 2), (2, 1)])
def test_a_killed_one_ends_like_one_that_was_not(finished, folds, short, capsys, number, epoch):
    def kill(row):
        if (row["round"], row["epoch"]) == (number, epoch):
            raise KilledError

    with pytest.raises(KilledError):
        loop.cross_validate(folds, short, "wbce", 0, Path("killed"), kill)
    assert not Path("killed").exists()
    capsys.readouterr()
    loop.cross_validate(folds, short, "wbce", 0, Path("killed"))
    shown = capsys.readouterr().out
    assert f"wbce_s0 round {number} goes on after epoch {epoch}" in shown
    assert f"round {number - 1} epoch " not in shown
    for name in FILES:
        assert (Path("killed") / name).read_bytes() == (Path("run") / name).read_bytes(), name


def test_a_round_that_cannot_be_validated_is_refused_before_the_first(folds, short, capsys):
    labels = folds[0].labels.copy()
    labels[folds[2].cases["split"] == "val"] = 0
    negative = [dataclasses.replace(inputs, labels=labels) for inputs in folds]
    with pytest.raises(DataError, match=r"no target has both a positive and .* part of round 2; enlarge"):
        loop.cross_validate(negative, short, "bce", 0, Path("run"))
    assert capsys.readouterr().out == ""
