import json
import zipfile

import keras
import numpy as np
import pytest

from radpipe.training import archive, runtime
from radpipe.training.models import registry

pytestmark = pytest.mark.keras
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 1), dtype=np.uint8)


@pytest.fixture
def model(spec, inputs):
    """Return a compiled network that has taken a step, so that it has an optimizer to leave out."""
    with runtime.open_session(spec, 0):
        model = registry.build(spec, inputs.problem)
        runtime.compile_model(model, spec, loss="mse")
        model.train_on_batch(IMAGES, np.ones((3, 2), np.float32))
    return model


def test_two_files_of_one_model_are_identical_bytes(model, tmp_path):
    archive.save(model, tmp_path / "one.keras")
    archive.save(model, tmp_path / "two.keras")
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()


def test_plain_keras_loads_the_file_and_computes_the_same(model, tmp_path):
    archive.save(model, tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0))


def test_the_file_holds_no_date_no_loss_and_no_optimizer(model, tmp_path):
    archive.save(model, tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as stored:
        assert {entry.date_time for entry in stored.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert json.loads(stored.read("metadata.json")) == {"keras_version": keras.__version__}
        config = json.loads(stored.read("config.json"))
        assert "compile_config" not in config
        assert b"optimizer" not in stored.read("model.weights.h5")
