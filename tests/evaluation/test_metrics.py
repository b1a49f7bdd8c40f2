import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, precision_score, recall_score, roc_auc_score

from radpipe.evaluation import metrics

LABELS = np.array([1, 0, 1, 0, np.nan])
LOGITS = np.array([3.0, 1.0, 0.0, -2.0, 9.0])


def test_auroc_counts_the_pairs_in_the_right_order_and_ignores_unknown_labels():
    assert metrics.compute_ranking(LABELS, LOGITS)["auroc"] == 3 / 4


def test_average_precision_is_the_mean_precision_at_each_positive():
    # sorted by score: positive (1/1), negative, positive (2/3)
    assert metrics.compute_ranking(LABELS, LOGITS)["average_precision"] == pytest.approx((1 + 2 / 3) / 2)


def test_brier_score_is_the_mean_squared_error_of_the_probability():
    found = metrics.compute_ranking(np.array([1.0, 0.0]), np.array([0.0, np.log(3)]))
    assert found["brier"] == pytest.approx((0.5**2 + 0.75**2) / 2)


def test_sigmoid_neither_overflows_nor_rounds_small_values_away():
    assert metrics.sigmoid(np.float32([-800, 0, 800])).tolist() == [0, 0.5, 1]
    assert metrics.sigmoid(np.array([-40.0]))[0] == pytest.approx(np.exp(-40.0))


@pytest.mark.parametrize(
    ("labels", "reason"), [([0, 0], "no positive case"), ([1, np.nan], "no negative case")]
)
def test_a_finding_with_one_class_is_undefined_and_not_zero(labels, reason):
    assert metrics.find_missing_class(np.array(labels)) == reason
    assert np.isnan(metrics.compute_ranking(np.array(labels), np.zeros(2))["auroc"])


def test_macro_auroc_is_the_mean_over_defined_findings():
    labels = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 0]], float)
    logits = np.array([[2, 5, 1], [1, 6, 3], [0, 7, 2]], float)
    assert metrics.compute_macro_auroc(labels, logits) == (1 / 2 + 0) / 2
    assert np.isnan(metrics.compute_macro_auroc(np.zeros((2, 2)), np.zeros((2, 2))))


def test_rates_at_a_threshold_by_hand():
    labels = np.array([[1], [1], [1], [0], [0], [np.nan]])
    counts = metrics.count_outcomes(labels, np.array([[0.9], [0.5], [0.2], [0.6], [0.1], [0.9]]), 0.5)
    assert counts.iloc[0].to_dict() == {"tp": 2, "fn": 1, "fp": 1, "tn": 1}
    found = metrics.compute_rates(counts).iloc[0]
    assert found["recall"] == found["precision"] == found["f1"] == pytest.approx(2 / 3)
    assert (found["specificity"], found["accuracy"]) == (0.5, 0.6)


def test_precision_of_nothing_found_is_undefined_and_f1_is_zero():
    counts = metrics.count_outcomes(np.array([[1.0], [0.0]]), np.array([[0.1], [0.1]]), 0.5)
    found = metrics.compute_rates(counts).iloc[0]
    assert np.isnan(found["precision"])
    assert (found["recall"], found["f1"], found["specificity"]) == (0, 0, 1)


def test_an_undefined_threshold_counts_nothing():
    counts = metrics.count_outcomes(np.ones((3, 1)), np.ones((3, 1)), np.array([np.nan]))
    assert counts.to_numpy().sum() == 0


def test_all_agree_with_scikit_learn_on_random_predictions():
    rng = np.random.default_rng(0)
    labels = (rng.random(500) < 0.2).astype(float)
    logits = rng.normal(size=500) + labels
    found = metrics.compute_ranking(labels, logits)
    assert found["auroc"] == roc_auc_score(labels, logits)
    probabilities = metrics.sigmoid(logits)
    assert found["brier"] == pytest.approx(brier_score_loss(labels, probabilities), abs=1e-12)
    counts = metrics.count_outcomes(labels[:, None], probabilities[:, None], 0.6)
    rates = metrics.compute_rates(counts).iloc[0]
    assert rates["recall"] == recall_score(labels, probabilities >= 0.6)
    assert rates["precision"] == precision_score(labels, probabilities >= 0.6)
