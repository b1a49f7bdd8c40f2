"""A table of cells, each with a parameter of its own, is a saturated model: it reaches the optimum."""

import numpy as np
import pytest
from runs_drawn import make
from scipy.optimize import minimize
from scipy.special import log_softmax, logit, softmax

from radpipe.evaluation.calibration.undoing import compute_case_offsets, compute_offsets, subtract_offsets
from radpipe.evaluation.metrics import sigmoid

CELLS = np.array([[60, 4], [30, 9], [10, 12], [55, 1]], float)  # training images: without, with the finding


def fit(counts, present, absent):
    """Minimise the weighted loss over one log odds per cell."""

    def loss(z):
        return np.sum(
            present * counts[:, 1] * np.logaddexp(0, -z) + absent * counts[:, 0] * np.logaddexp(0, z)
        )

    return minimize(loss, np.zeros(len(counts)), method="BFGS", options={"gtol": 1e-9}).x


def facts(counts, effective, loss):
    negatives, positives = counts.sum(axis=0)
    weights = {
        "absent": counts.sum() / (2 * negatives),
        "present": counts.sum() / (2 * positives),
        "negatives": int(negatives),
        "positives": int(positives),
    }
    repeated = {"negatives": int(effective[:, 0].sum()), "positives": int(effective[:, 1].sum())}
    training = {"loss": loss, "effective": {"a": repeated}}
    return {"kind": "binary", "targets": {"a": weights}}, training


@pytest.mark.parametrize("loss", ["bce", "wbce"])
@pytest.mark.parametrize("repeats", [1, 3])
def test_undoing_is_exact_for_a_saturated_model(loss, repeats):
    effective = CELLS * [1, repeats]  # a rare finding: its images are repeated
    weights, training = facts(CELLS, effective, loss)
    entry = weights["targets"]["a"]
    present, absent = (entry["present"], entry["absent"]) if loss == "wbce" else (1, 1)
    fitted = fit(effective, present, absent)[:, None]
    offset = compute_offsets(weights, training, ["a"])
    undone = sigmoid(subtract_offsets(fitted, offset, ["a"], "binary"))[:, 0]
    assert undone == pytest.approx(CELLS[:, 1] / CELLS.sum(axis=1), abs=1e-6)
    if (loss, repeats) == ("bce", 1):
        assert offset == pytest.approx(0)
    else:
        assert abs(sigmoid(fitted[:, 0]) - undone).min() > 0.02


def test_offset_by_hand():
    weights, training = facts(np.array([[90.0, 10.0]]), np.array([[90.0, 20.0]]), "wbce")
    # w1 / w0 = 9, effective odds twice the true ones
    assert compute_offsets(weights, training, ["a"]) == pytest.approx([np.log(18)])
    assert compute_offsets(weights, {**training, "loss": "bce"}, ["a"]) == pytest.approx([np.log(2)])


def test_the_network_of_each_round_has_its_own_offset():
    rounds = [facts(np.array([[n, 10.0]]), np.array([[n, 10.0]]), "wbce") for n in (90.0, 40.0)]
    weights = {**rounds[0][0], "rounds": [weighed["targets"] for weighed, _ in rounds]}
    training = {"loss": "wbce", "rounds": [{"effective": facts["effective"]} for _, facts in rounds]}
    part = make([[1], [0], [1]], [[0], [0], [0]])
    part = type(part)(part.cases.assign(round=[1, 0, 1]), ("a",), part.labels, part.logits)
    offset = compute_case_offsets(weights, training, part)
    np.testing.assert_allclose(offset[:, 0], np.log([4, 9, 4]))
    np.testing.assert_allclose(
        subtract_offsets(part.logits, offset, ["a"], "binary")[:, 0], -np.log([4, 9, 4])
    )
    single = compute_case_offsets(rounds[0][0], rounds[0][1], part)
    np.testing.assert_allclose(single, np.log([9]))


def test_targets_of_another_model_have_no_offset():
    weights, training = facts(CELLS, CELLS, "wbce")
    assert compute_offsets(weights, training, ["a", "b"]) is None


@pytest.mark.parametrize("loss", ["bce", "wbce"])
def test_undoing_is_exact_for_a_saturated_softmax(loss):
    counts = np.array([[40, 8, 2], [20, 10, 5], [30, 3, 12]], float)
    repeated = counts * [1, 1, 2]
    targets = ["grade:mild", "grade:moderate", "grade:severe"]
    present = counts.sum() / (3 * counts.sum(axis=0))
    weights = {
        "kind": "categorical",
        "targets": {
            name: {"absent": 0.0, "present": present[k], "positives": counts[:, k].sum(), "negatives": 1}
            for k, name in enumerate(targets)
        },
    }
    effective = {name: {"positives": repeated[:, k].sum(), "negatives": 1} for k, name in enumerate(targets)}
    applied = present if loss == "wbce" else np.ones(3)

    def mean_loss(z):
        return -np.sum(applied * repeated * log_softmax(z.reshape(3, 3), axis=1))

    fitted = softmax(minimize(mean_loss, np.zeros(9), options={"gtol": 1e-9}).x.reshape(3, 3), axis=1)
    offset = compute_offsets(weights, {"loss": loss, "effective": effective}, targets)
    undone = sigmoid(subtract_offsets(logit(fitted), offset, targets, "categorical"))
    assert undone == pytest.approx(counts / counts.sum(axis=1, keepdims=True), abs=1e-6)
