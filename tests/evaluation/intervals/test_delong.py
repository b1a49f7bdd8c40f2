import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radpipe.evaluation.intervals.delong import compute_delong


def compare_all_pairs(labels, *scores):
    """DeLong's covariance matrix by its definition: every positive against every negative."""
    tenths, firsts = [], []
    for score in scores:
        gap = score[labels == 1][:, None] - score[labels == 0][None, :]
        order = (gap > 0) + (gap == 0) / 2
        tenths.append(order.mean(axis=1))
        firsts.append(order.mean(axis=0))
    return np.cov(tenths) / len(tenths[0]) + np.cov(firsts) / len(firsts[0])


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    labels = (rng.random(300) < 0.2).astype(float)
    first = np.round(rng.normal(size=300) + labels, 1)  # with ties
    return labels, first, first + rng.normal(size=300)


def test_by_hand():
    # positives 3 and 1, negatives 2 and 0: the positives beat 2/2 and 1/2, area 3/4
    area, errors = compute_delong(np.array([1.0, 1, 0, 0]), np.array([3.0, 1, 2, 0]))
    assert area == 3 / 4
    assert errors == pytest.approx(np.array([0.25, -0.25, -0.25, 0.25]) / np.sqrt(2))


def test_variances_and_covariance_are_those_of_the_definition(drawn):
    labels, first, second = drawn
    errors = np.stack([compute_delong(labels, score)[1] for score in (first, second)])
    np.testing.assert_allclose(errors @ errors.T, compare_all_pairs(labels, first, second), rtol=1e-12)


def test_the_area_is_that_of_scikit_learn(drawn):
    labels, *scores = drawn
    for score in scores:
        assert compute_delong(labels, score)[0] == pytest.approx(roc_auc_score(labels, score), abs=1e-12)


def test_unknown_labels_contribute_nothing(drawn):
    labels, first, _ = drawn
    area, errors = compute_delong(np.append(labels, np.nan), np.append(first, 99.0))
    assert errors[-1] == 0
    np.testing.assert_array_equal(errors[:-1], compute_delong(labels, first)[1])
    assert area == compute_delong(labels, first)[0]


def test_one_positive_has_no_variance():
    area, errors = compute_delong(np.array([1.0, 0, 0]), np.arange(3.0))
    assert np.isnan([area, *errors]).all()
