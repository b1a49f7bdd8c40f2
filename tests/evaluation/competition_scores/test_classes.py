import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from radpipe.evaluation.competition_scores.classes import compute_accuracy, compute_macro_f1, count_confusion


def test_macro_f1_gives_each_class_the_same_weight():
    truth, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert compute_accuracy(truth, predicted) == 0.75
    assert compute_macro_f1(truth, predicted) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_a_class_that_is_never_found_counts_as_zero_and_one_that_does_not_occur_not_at_all():
    assert compute_macro_f1(np.array([0, 0, 2]), np.array([0, 0, 0])) == pytest.approx((4 / 5 + 0) / 2)


def test_both_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    for _ in range(20):
        truth, predicted = random.integers(0, 4, (2, 30))
        assert compute_macro_f1(truth, predicted) == pytest.approx(
            f1_score(truth, predicted, average="macro")
        )
        assert compute_accuracy(truth, predicted) == pytest.approx(accuracy_score(truth, predicted))


def test_true_classes_are_rows_and_predicted_ones_columns():
    found = count_confusion(np.array([0, 0, 0, 2]), np.array([0, 2, 2, 2]), 3)
    np.testing.assert_array_equal(found, [[1, 0, 2], [0, 0, 0], [0, 0, 1]])
    truth, predicted = np.random.default_rng(0).integers(0, 4, (2, 50))
    np.testing.assert_array_equal(
        count_confusion(truth, predicted, 5), confusion_matrix(truth, predicted, labels=range(5))
    )


def test_without_a_case_both_are_undefined():
    none = np.array([], int)
    assert np.isnan([compute_accuracy(none, none), compute_macro_f1(none, none)]).all()
