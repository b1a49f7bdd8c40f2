import json

import keras
import numpy as np
import pytest

from radpipe.training.models import registry
from radpipe.training.models.head import compete
from radpipe.training.models.problem import Problem

pytestmark = pytest.mark.keras
GRADES = ((0, 2, 4), (1, 3))
SCORES = np.random.default_rng(0).normal(0, 4, (7, 5)).astype(np.float32)


def competing():
    scores = keras.Input((5,))
    return keras.Model(scores, compete(scores, GRADES))


def test_the_sigmoid_of_competing_scores_is_the_softmax_over_the_grade():
    probabilities = 1 / (1 + np.exp(-competing().predict(SCORES, verbose=0)))
    for at in map(list, GRADES):
        expected = np.exp(SCORES[:, at]) / np.exp(SCORES[:, at]).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(probabilities[:, at], expected, rtol=1e-4)


def test_far_apart_scores_stay_finite():
    odds = competing().predict(np.float32([[500, 0, -500, -700, 3]]), verbose=0)
    np.testing.assert_allclose(odds, [[497, 700, -1000, -700, -497]])


def test_a_network_for_classes_can_be_saved_and_loaded(spec, tmp_path):
    problem = Problem(size=32, mean=(120.0,), std=(50.0,), targets=5, grades=GRADES)
    model = registry.build(spec, problem)
    model.save(tmp_path / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    odds = keras.saving.load_model(tmp_path / "model.keras").predict(images, verbose=0)
    np.testing.assert_allclose(odds, model.predict(images, verbose=0), rtol=1e-6)
    sums = (1 / (1 + np.exp(-odds)))[:, [0, 2, 4]].sum(axis=1)
    np.testing.assert_allclose(sums, 1, rtol=1e-5)


def test_binary_targets_end_with_the_dense_layer_as_ever(spec, problem):
    last = registry.build(spec, problem).get_config()["layers"][-1]
    assert json.dumps(last["name"]) == '"logits"'
