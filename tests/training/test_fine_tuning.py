from pathlib import Path

import keras
import numpy as np
import pytest

from radpipe.config.training import FineTuneSpec
from radpipe.training import loop, schedule
from radpipe.training.batches.sequence import Batches
from radpipe.training.models import backbones

pytestmark = pytest.mark.keras


class KilledError(Exception):
    """Stands for SIGKILL."""


def small_backbone(include_top, weights, input_shape):
    """Stand for a network of keras.applications."""
    layers = [keras.layers.Conv2D(4, 3, name="first"), keras.layers.BatchNormalization(name="normal")]
    layers += [keras.layers.Conv2D(4, 3, name="last")]
    return keras.Sequential([keras.Input(input_shape), *layers], name="small")


@pytest.fixture
def tuned(spec, tmp_path, monkeypatch):
    """Return one frozen epoch, then two in which the last layer of a pretrained backbone learns."""
    monkeypatch.setattr(keras.applications, "MobileNet", small_backbone)
    small_backbone(False, None, (32, 32, 3)).save(tmp_path / "pretrained.keras")
    changes = {
        "model": "MobileNet",
        "weights": "pretrained.keras",
        "fine_tune": FineTuneSpec(frozen_epochs=1, layers=1, learning_rate=0.001),
    }
    return spec.model_copy(update=changes)


def test_only_what_may_learn_has_changed(inputs, tuned, capsys, monkeypatch):
    # Keep the last epoch.
    monkeypatch.setattr(schedule, "find_best_epoch", lambda history, monitor: len(history) - 1)
    loop.train(inputs, tuned, "bce", 0, Path("run"))
    before = keras.saving.load_model("pretrained.keras")
    after = backbones.find_backbone(keras.saving.load_model("run/model.keras"))
    changed = {
        layer.name: not all(
            np.array_equal(one, other)
            for one, other in zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True)
        )
        for layer in before.layers
    }
    assert changed == {"first": False, "normal": False, "last": True}
    told = capsys.readouterr().out
    assert "epochs 1 to 1: 10 parameters learn" in told  # 4 x 2 + 2 of the head
    assert "epochs 2 to 3: 158 parameters learn" in told  # and 4 x 4 x 9 + 4 of the last convolution


def test_a_share_of_the_steps_is_the_same_for_both_arms_and_after_a_resume(inputs, tuned, monkeypatch):
    def kill(row):
        raise KilledError

    shown = []
    read = Batches.__getitem__

    def watch(batches, index):
        images, labels = read(batches, index)
        shown.append(images.tobytes())
        return images, labels

    half = tuned.model_copy(update={"steps_share": 0.5})
    loop.train(inputs, half, "bce", 0, Path("whole"))
    with pytest.raises(KilledError):
        loop.train(inputs, half, "bce", 0, Path("killed"), kill)
    loop.train(inputs, half, "bce", 0, Path("killed"))
    for path in Path("whole").iterdir():
        assert path.read_bytes() == (Path("killed") / path.name).read_bytes(), path.name
    monkeypatch.setattr(Batches, "__getitem__", watch)
    seen = {}
    for loss in ("bce", "wbce"):
        shown.clear()
        loop.train(inputs, half, loss, 0, Path(loss))
        seen[loss] = list(shown)
    assert seen["bce"] == seen["wbce"]


def test_killed_at_and_after_the_change_of_phase_it_ends_like_one_that_was_not(inputs, tuned):
    def kill(row):
        raise KilledError

    loop.train(inputs, tuned, "bce", 0, Path("whole"))
    for _ in range(2):
        with pytest.raises(KilledError):
            loop.train(inputs, tuned, "bce", 0, Path("killed"), kill)
    loop.train(inputs, tuned, "bce", 0, Path("killed"))
    for path in Path("whole").iterdir():
        assert path.read_bytes() == (Path("killed") / path.name).read_bytes(), path.name
