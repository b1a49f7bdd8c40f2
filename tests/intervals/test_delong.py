import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radpipe.intervals import auroc_influence


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
    found = auroc_influence(np.array([1.0, 1, 0, 0]), np.array([3.0, 1, 2, 0]))
    assert found == pytest.approx(np.array([0.25, -0.25, -0.25, 0.25]) / np.sqrt(2))


def test_variances_and_covariance_are_those_of_the_definition(drawn):
    labels, first, second = drawn
    errors = np.stack([auroc_influence(labels, score) for score in (first, second)])
    np.testing.assert_allclose(errors @ errors.T, compare_all_pairs(labels, first, second), rtol=1e-12)


def test_the_contributions_are_around_the_area_of_scikit_learn(drawn):
    labels, first, _ = drawn
    m = int(labels.sum())
    shares = auroc_influence(labels, first)[labels == 1] * np.sqrt(m * (m - 1)) + roc_auc_score(labels, first)
    beaten = (first[labels == 0] < first[labels == 1][0]) + (first[labels == 0] == first[labels == 1][0]) / 2
    assert shares[0] == pytest.approx(beaten.mean())


def test_unknown_labels_contribute_nothing(drawn):
    labels, first, _ = drawn
    more = auroc_influence(np.append(labels, np.nan), np.append(first, 99.0))
    assert more[-1] == 0
    np.testing.assert_array_equal(more[:-1], auroc_influence(labels, first))


def test_one_positive_has_no_variance():
    assert np.isnan(auroc_influence(np.array([1.0, 0, 0]), np.arange(3.0))).all()
