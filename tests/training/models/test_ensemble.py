import keras
import numpy as np
import pytest

from radpipe.evaluation.metrics import sigmoid
from radpipe.training.models import ensemble, registry
from radpipe.training.models.problem import Problem

pytestmark = pytest.mark.keras


def network(spec, grades=()):
    return registry.build(spec, Problem(32, (120.0,), (50.0,), 3, grades))


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 32, 32, 1)).astype("float32")


@pytest.mark.parametrize("grades", [(), ((0, 1, 2),)])
def test_the_joined_model_answers_by_the_mean_probability(spec, images, grades, tmp_path):
    networks = [network(spec, grades) for _ in range(3)]
    alone = [each.predict(images, verbose=0) for each in networks]
    ensemble.join(networks).save(tmp_path / "model.keras")
    joined = keras.saving.load_model(tmp_path / "model.keras")
    found = sigmoid(joined.predict(images, verbose=0))
    np.testing.assert_allclose(found, np.mean([sigmoid(logits) for logits in alone], axis=0), rtol=1e-5)
    if grades:
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    for number, logits in enumerate(alone):
        again = ensemble.find_member(joined, number).predict(images, verbose=0)
        np.testing.assert_allclose(again, logits, rtol=1e-5, atol=1e-6)


def test_extreme_log_odds_are_kept(spec, images):
    networks = [network(spec) for _ in range(2)]
    for each, bias in zip(networks, (-40.0, -60.0), strict=True):
        each.get_layer("logits").set_weights([np.zeros((128, 3)), np.full(3, bias)])
    found = ensemble.join(networks).predict(images, verbose=0)
    # The mean of exp(-40) and exp(-60) is exp(-40) / 2, to 9 digits.
    np.testing.assert_allclose(found, -40 - np.log(2), rtol=1e-6)
