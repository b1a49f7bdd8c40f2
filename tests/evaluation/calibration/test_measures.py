import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from threadpoolctl import threadpool_limits

from radpipe.evaluation.calibration.measures import (
    MEASURES,
    bin_cases,
    compute_expected_error,
    compute_measures,
    find_shift,
    fit_line,
)
from radpipe.evaluation.metrics import sigmoid


def draw(slope=1.0, intercept=0.0, cases=4000):
    rng = np.random.default_rng(0)
    logits = rng.normal(-1, 1.5, cases)
    truth = (rng.random(cases) < sigmoid(intercept + slope * logits)).astype(float)
    return truth, logits


def test_bins_hold_equal_numbers_and_the_error_is_their_mean_distance():
    truth = np.array([0, 0, 1, 0, 1, 1], float)
    probabilities = np.array([0.1, 0.3, 0.4, 0.6, 0.8, 0.9])
    table = bin_cases(truth, probabilities, 3)
    assert table["cases"].tolist() == [2, 2, 2]
    assert table["predicted"].tolist() == pytest.approx([0.2, 0.5, 0.85])
    assert table["observed"].tolist() == [0, 0.5, 1]
    assert compute_expected_error(table) == pytest.approx((0.2 + 0 + 0.15) / 3)


def test_equal_probabilities_share_a_bin_whatever_the_order_of_the_cases():
    truth, probabilities = np.array([1, 0, 0, 0], float), np.full(4, 0.25)
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        table = bin_cases(truth[order], probabilities, 2)
        assert table["cases"].tolist() == [4]
        assert compute_expected_error(table) == 0


def test_bins_agree_with_scikit_learn_where_no_probabilities_are_equal():
    truth, logits = draw()
    table = bin_cases(truth, sigmoid(logits), 10)
    observed, predicted = calibration_curve(truth, sigmoid(logits), n_bins=10, strategy="quantile")
    assert table["observed"].tolist() == pytest.approx(observed, abs=0.01)
    assert table["predicted"].tolist() == pytest.approx(predicted, abs=0.01)


def test_slope_and_intercept_minimise_the_log_loss():
    truth, logits = draw(slope=0.6, intercept=-0.8)
    slope, intercept = fit_line(truth, logits)

    def loss(line):
        odds = line[0] * logits + line[1]
        return np.mean(np.logaddexp(0, odds) - truth * odds)

    best = minimize(loss, [1.0, 0.0], tol=1e-12).x
    assert (slope, intercept) == pytest.approx(tuple(best), abs=1e-4)
    assert slope == pytest.approx(0.6, abs=0.1)


def test_calibration_in_the_large_moves_the_mean_to_the_prevalence():
    truth, logits = draw()
    shift = find_shift(truth, logits + 2)
    assert sigmoid(logits + 2 + shift).mean() == pytest.approx(truth.mean(), abs=1e-9)
    assert shift == pytest.approx(find_shift(truth, logits) - 2, abs=1e-6)


def test_true_probabilities_are_calibrated():
    truth, logits = draw()
    found = compute_measures(truth, logits, 10)
    assert found["slope"] == pytest.approx(1, abs=0.1)
    assert found["intercept"] == pytest.approx(0, abs=0.1)
    assert found["ece"] < 0.02
    assert found["brier"] == pytest.approx(brier_score_loss(truth, sigmoid(logits)))
    assert compute_measures(truth, 2 * logits, 10)["slope"] == pytest.approx(found["slope"] / 2, abs=1e-4)


def test_separated_classes_have_no_slope_and_one_class_has_no_measure():
    truth, logits = np.array([0, 0, 1, 1, np.nan]), np.array([-2.0, -1, 1, 2, 9])
    found = compute_measures(truth, logits, 2)
    assert np.isnan(found["slope"])
    assert not np.isnan(found["brier"])
    assert np.isnan(list(compute_measures(truth[:2], logits[:2], 2).values())).tolist() == [True] * len(
        MEASURES
    )


@pytest.mark.parametrize("far", [-1000, -100, 100, 1000])
def test_log_odds_however_far_from_zero_have_a_calibration_in_the_large(far):
    truth, logits = draw(cases=400)
    assert find_shift(truth, logits + far) == pytest.approx(find_shift(truth, logits) - far, abs=1e-6)
    assert find_shift(truth, np.full(400, float(far))) == pytest.approx(
        np.log(truth.mean() / (1 - truth.mean())) - far
    )


def test_the_line_has_the_same_digits_whatever_the_number_of_threads():
    truth, logits = draw(cases=60_000)
    with threadpool_limits(1):
        alone = fit_line(truth, logits)
    with threadpool_limits(2):
        assert fit_line(truth, logits) == alone
