import importlib

import keras
import numpy as np
import pytest
from keras import ops
from sklearn.metrics import log_loss

from radpipe.training.losses import build_loss, compute_weighted_bce

pytestmark = pytest.mark.keras
ONES = np.ones((2, 3))
UNKNOWN = np.nan


def gradient(function, at):
    """Differentiate a scalar function with the backend in use."""
    backend = importlib.import_module(keras.backend.backend())
    if keras.backend.backend() == "jax":
        return np.asarray(backend.grad(function)(ops.convert_to_tensor(at)))
    position = backend.Variable(at)
    with backend.GradientTape() as tape:
        value = function(position)
    return tape.gradient(value, position).numpy()


def test_loss_is_the_mean_over_known_labels():
    labels = np.array([[1.0, 0.0, UNKNOWN]], np.float32)
    logits = np.array([[2.0, -1.0, 9.0]], np.float32)
    expected = (np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0))) / 2
    np.testing.assert_allclose(compute_weighted_bce(labels, logits, ONES), expected, rtol=1e-6)


def test_weights_apply_to_absent_and_present_of_their_own_target():
    labels = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, UNKNOWN]], np.float32)
    weights = np.array([[0.5, 0.25, 7.0], [4.0, 2.0, 3.0]])
    expected = np.log(2) * (4.0 + 0.25 + 3.0 + 0.5 + 2.0) / 5
    np.testing.assert_allclose(compute_weighted_bce(labels, np.zeros((2, 3)), weights), expected, rtol=1e-6)


def test_unknown_labels_change_neither_loss_nor_gradient():
    labels = np.array([[1.0, 0.0, UNKNOWN]], np.float32)
    slopes = gradient(
        lambda z: compute_weighted_bce(labels, z, ONES), np.array([[2.0, -1.0, 9.0]], np.float32)
    )
    expected = [[-1 / (1 + np.exp(2.0)) / 2, 1 / (1 + np.exp(1.0)) / 2, 0.0]]
    np.testing.assert_allclose(slopes, expected, rtol=1e-6)
    assert slopes[0, 2] == 0


def test_a_batch_without_known_labels_gives_zero_and_no_gradient():
    labels = np.full((1, 3), UNKNOWN, np.float32)
    logits = np.array([[2.0, -1.0, 9.0]], np.float32)
    assert float(compute_weighted_bce(labels, logits, ONES)) == 0
    assert not gradient(lambda z: compute_weighted_bce(labels, z, ONES), logits).any()


def test_the_gradient_is_the_weighted_difference_of_probability_and_label():
    labels, logits = np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 0.0]], np.float32)
    weights = np.array([[0.5, 0.25], [4.0, 2.0]])
    slopes = gradient(lambda z: compute_weighted_bce(labels, z, weights), logits)
    np.testing.assert_allclose(slopes, [[-4.0 * 0.5 / 2, 0.25 * 0.5 / 2]], rtol=1e-6)


def test_half_precision_logits_are_computed_in_single_precision():
    labels = np.zeros((1, 2), np.float32)
    logits = np.array([[60_000.0, 60_000.0]], np.float16)
    loss = compute_weighted_bce(labels, logits, np.full((2, 2), 10.0))
    assert ops.dtype(loss) == "float32"
    np.testing.assert_allclose(loss, 10 * np.float32(np.float16(60_000)))


def test_large_logits_do_not_overflow():
    labels = np.array([[1.0, 0.0]], np.float32)
    np.testing.assert_allclose(compute_weighted_bce(labels, np.array([[-500.0, 500.0]]), ONES[:, :2]), 500.0)


def test_bce_is_wbce_with_weights_of_one():
    labels, logits = np.array([[1.0, 0.0, 1.0]], np.float32), np.array([[0.3, -0.2, 4.0]], np.float32)
    weights = np.array([[0.5, 0.25, 7.0], [4.0, 2.0, 3.0]])
    assert float(build_loss("bce", weights)(labels, logits)) == float(
        compute_weighted_bce(labels, logits, ONES)
    )
    assert float(build_loss("wbce", weights)(labels, logits)) == float(
        compute_weighted_bce(labels, logits, weights)
    )


GRADES = ((0, 2, 3), (1, 4))  # classes of two grades, in mixed order
SCORES = np.random.default_rng(0).normal(0, 3, (6, 5))
CLASSES = np.array([[0, 0], [1, 1], [2, 1], [0, -1], [2, 0], [-1, -1]])  # of each case and grade; -1: unknown


def softmax_against_the_rest(scores):
    """Log odds of each class by the definition."""
    odds = np.empty_like(scores)
    for at in map(list, GRADES):
        p = np.exp(scores[:, at]) / np.exp(scores[:, at]).sum(axis=1, keepdims=True)
        odds[:, at] = np.log(p / (1 - p))
    return odds


def one_hot():
    labels = np.full(SCORES.shape, np.nan, np.float32)
    for grade, at in enumerate(map(list, GRADES)):
        known = CLASSES[:, grade] >= 0
        labels[np.ix_(known, at)] = np.eye(len(at))[CLASSES[known, grade]]
    return labels


@pytest.mark.parametrize("name", ["bce", "wbce"])
def test_of_classes_the_loss_is_the_cross_entropy_of_scikit_learn(name):
    weights = np.array([[0.0] * 5, [0.5, 3.0, 2.0, 4.0, 1.5]])
    total = 0.0
    for grade, at in enumerate(map(list, GRADES)):
        known = CLASSES[:, grade] >= 0
        p = np.exp(SCORES[known][:, at]) / np.exp(SCORES[known][:, at]).sum(axis=1, keepdims=True)
        true = CLASSES[known, grade]
        each = weights[1, at][true] if name == "wbce" else np.ones(known.sum())
        total += log_loss(true, p, sample_weight=each, labels=range(len(at)), normalize=False)
    loss = build_loss(name, weights, GRADES)(one_hot(), softmax_against_the_rest(SCORES))
    np.testing.assert_allclose(loss, total / (CLASSES >= 0).sum(), rtol=1e-5)


def test_the_gradient_of_classes_is_softmax_minus_label():
    def loss(scores):
        rivals = ops.stack([ops.logsumexp(scores[:, 1:], axis=1), scores[:, 0]], axis=1)
        return build_loss("bce", ONES[:, :2], ((0, 1),))(np.array([[1.0, 0.0]], np.float32), scores - rivals)

    slopes = gradient(loss, np.array([[0.0, np.log(3.0)]], np.float32))
    np.testing.assert_allclose(slopes, [[0.25 - 1, 0.75]], rtol=1e-5)
