import numpy as np
import pytest
from sklearn.metrics import log_loss as independent

from radpipe.evaluation.competition_scores.hemorrhage import (
    CLIP,
    WEIGHTS,
    average_log_losses,
    compute_log_loss,
)


def test_log_loss_is_the_mean_of_minus_log_probability_of_what_is_true():
    # (log 2 + log 4) / 2
    assert compute_log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.75])) == pytest.approx(1.5 * np.log(2))


def test_unknown_labels_do_not_count():
    labels, probabilities = np.array([1.0, np.nan]), np.array([0.5, 0.9])
    assert compute_log_loss(labels, probabilities) == pytest.approx(np.log(2))
    assert np.isnan(compute_log_loss(np.array([np.nan]), np.array([0.5])))


def test_certain_and_wrong_costs_log_of_100_000():
    assert compute_log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(5 * np.log(10))


def test_log_loss_is_that_of_scikit_learn():
    random = np.random.default_rng(0)
    labels, probabilities = random.integers(0, 2, 200).astype(np.float32), random.random(200)
    expected = independent(labels, probabilities.clip(CLIP, 1 - CLIP))
    assert compute_log_loss(labels, probabilities) == pytest.approx(expected, rel=1e-12)


def test_any_counts_twice_of_seven():
    losses = dict.fromkeys(WEIGHTS, 0.0) | {"any": 0.7, "epidural": 1.4}
    assert average_log_losses(losses) == pytest.approx((2 * 0.7 + 1.4) / 7)
    assert sum(WEIGHTS.values()) == 7


def test_the_score_is_the_weighted_log_loss_of_all_pairs_as_one_list():
    random = np.random.default_rng(1)
    labels = random.integers(0, 2, (50, 6)).astype(np.float64)
    probabilities = random.uniform(0.01, 0.99, (50, 6))
    weights = np.tile(list(WEIGHTS.values()), (50, 1))
    expected = independent(labels.ravel(), probabilities.ravel(), sample_weight=weights.ravel())
    losses = {name: compute_log_loss(labels[:, j], probabilities[:, j]) for j, name in enumerate(WEIGHTS)}
    assert average_log_losses(losses) == pytest.approx(expected, rel=1e-12)


def test_of_fewer_targets_it_is_their_weighted_mean():
    assert average_log_losses({"any": 0.3, "subdural": 0.6, "epidural": float("nan")}) == pytest.approx(0.4)
    assert np.isnan(average_log_losses({}))
