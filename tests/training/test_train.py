import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from radpipe import predictions
from radpipe.config.training import AugmentSpec, RareSpec
from radpipe.errors import ConfigError, DataError
from radpipe.evaluation.metrics import sigmoid
from radpipe.training import loop

pytestmark = pytest.mark.keras
FILES = ["history.csv", "model.keras", "predictions.parquet", "training.json"]


class KilledError(Exception):
    """Stands for SIGKILL."""


def kill_after(epoch):
    """Return what ends a training when that epoch is finished."""

    def on_epoch(row):
        if row["epoch"] == epoch:
            raise KilledError

    return on_epoch


@pytest.fixture
def augmented(spec):
    """Return four epochs with everything random in play, ended by patience or not."""
    changes = {
        "epochs": 4,
        "patience": 2,
        "rare": RareSpec(findings=("Hernia",), copies=1, rotation=0.1, zoom=0.2),
        "augment": AugmentSpec(brightness=0.1, contrast=0.1, crop=0.1, quarter_turns=True, mirror=True),
    }
    return spec.model_copy(update=changes)


@pytest.fixture
def trained(inputs, spec):
    """Return the folder of a finished training, and the lines it told of."""
    lines = []
    loop.train(inputs, spec, "wbce", 0, Path("run"), lines.append)
    return Path("run"), lines


def test_a_training_writes_its_four_files_and_leaves_no_state(trained, inputs):
    folder, lines = trained
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert list(Path(".radpipe/runs").iterdir()) == []
    history = pd.read_csv(folder / "history.csv")
    assert history.columns.to_list() == [
        "epoch", "learning_rate", "loss", "accuracy", "precision", "recall",
        "val_loss", "val_auroc", "val_accuracy", "val_precision", "val_recall",
    ]  # fmt: skip
    assert history["learning_rate"].to_list() == [0.01, 0.005, 0.0025]
    pd.testing.assert_frame_equal(history, pd.DataFrame(lines), check_dtype=False)
    facts = json.loads((folder / "training.json").read_text())
    assert facts["best_epoch"] == int(history["val_auroc"].argmax()) + 1
    assert facts["epochs_run"] == 3
    assert facts["targets"] == ["Mass", "Hernia"]
    mass = inputs.labels["Mass"][:20]
    assert facts["effective"]["Mass"] == {"positives": mass.sum(), "negatives": 20 - mass.sum()}

    stored = predictions.read_predictions(folder / "predictions.parquet")
    assert stored.cases["row"].to_list() == list(range(120, 136))
    assert stored.cases["split"].to_list() == ["val"] * 8 + ["test"] * 8
    model = keras.models.load_model(folder / "model.keras")
    logits = model.predict(np.load("pixels.npy")[20:], batch_size=8, verbose=0)
    np.testing.assert_allclose(stored.logits, logits, rtol=1e-4, atol=1e-5)


def test_a_killed_training_ends_like_one_that_was_not(inputs, augmented, capsys):
    loop.train(inputs, augmented, "wbce", 5, Path("whole"))
    with pytest.raises(KilledError):
        loop.train(inputs, augmented, "wbce", 5, Path("killed"), kill_after(2))
    assert not Path("killed").exists()
    capsys.readouterr()
    loop.train(inputs, augmented, "wbce", 5, Path("killed"))
    assert "wbce_s5 goes on after epoch 2" in capsys.readouterr().out
    for name in FILES:
        assert (Path("killed") / name).read_bytes() == (Path("whole") / name).read_bytes(), name


def test_a_changed_parameter_does_not_resume(inputs, spec, capsys):
    with pytest.raises(KilledError):
        loop.train(inputs, spec, "bce", 0, Path("run"), kill_after(1))
    other = spec.model_copy(update={"decay": 0.6, "epochs": 1})
    capsys.readouterr()
    loop.train(inputs, other, "bce", 0, Path("run"))
    assert "goes on" not in capsys.readouterr().out


def test_both_arms_start_from_the_same_weights_and_see_the_same_batches(inputs, augmented, monkeypatch):
    seen = {}

    def look(run, phase, model, batches, state):
        start = [array.copy() for array in model.get_weights()]
        shown = []
        for epoch in (0, 3):
            batches.start_epoch(epoch)
            shown += [array for batch in batches for array in batch]
        seen[run.loss] = start + shown
        raise KilledError

    monkeypatch.setattr(loop, "fit", look)
    for loss in ("bce", "wbce"):
        with pytest.raises(KilledError):
            loop.train(inputs, augmented, loss, 3, Path("run"))
    pairs = list(zip(seen["bce"], seen["wbce"], strict=True))
    assert len(pairs) > 30
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)


def test_one_line_per_epoch_tells_loss_auroc_accuracy_speed_and_time_left(inputs, spec, capsys):
    loop.train(inputs, spec.model_copy(update={"epochs": 1}), "bce", 0, Path("run"))
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("bce_s0 epochs 1 to 1: 97,890 parameters learn; ")
    assert ", float32, xla " in first
    for part in ("bce_s0 epoch  1/1: loss ", " val AUROC ", " val accuracy ", " images/s", " left"):
        assert part in second


def test_a_validation_part_without_auroc_is_refused_before_training(inputs, spec):
    labels = inputs.labels.copy()
    labels[inputs.cases["split"] == "val"] = 0
    negative = dataclasses.replace(inputs, labels=labels)
    with pytest.raises(DataError, match=r"train.monitor: auroc, but no target has both"):
        loop.train(negative, spec, "bce", 0, Path("run"))


def test_watching_the_loss_needs_no_auroc(inputs, spec):
    labels = inputs.labels.copy()
    labels[inputs.cases["split"] == "val"] = 0
    watching = spec.model_copy(update={"monitor": "loss", "epochs": 1})
    loop.train(dataclasses.replace(inputs, labels=labels), watching, "bce", 0, Path("run"))
    assert pd.read_csv("run/history.csv")["val_auroc"].isna().all()


def test_an_empty_part_is_refused(inputs, spec):
    cases = inputs.cases.replace({"split": {"val": "test"}})
    with pytest.raises(DataError, match="no image in the part val"):
        loop.train(dataclasses.replace(inputs, cases=cases), spec, "bce", 0, Path("run"))


def test_a_loss_that_is_no_number_stops_with_the_learning_rate(inputs, spec):
    endless = dataclasses.replace(inputs, weights=np.full((2, 2), np.inf))
    with pytest.raises(ConfigError, match=r"the loss became .* in epoch 1, at learning rate 0.01"):
        loop.train(endless, spec, "wbce", 0, Path("run"))
    assert not Path("run").exists()


@pytest.mark.parametrize("loss", ["bce", "wbce"])
def test_classes_are_trained_to_probabilities_that_add_up_to_one(inputs, spec, loss):
    labels = inputs.labels.assign(**{"g:a": inputs.labels["Mass"], "g:b": 1 - inputs.labels["Mass"]})
    weights = np.array([[0.0, 0.0], [0.7, 1.6]])
    graded = dataclasses.replace(inputs, labels=labels[["g:a", "g:b"]], weights=weights, kind="categorical")
    loop.train(graded, spec, loss, 0, Path("run"))
    stored = predictions.read_predictions(Path("run/predictions.parquet"))
    np.testing.assert_allclose(sigmoid(stored.logits).sum(axis=1), 1, rtol=1e-5)
    assert json.loads(Path("run/training.json").read_text())["kind"] == "categorical"
