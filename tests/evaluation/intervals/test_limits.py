import numpy as np
import pytest
from scipy.stats import norm, t

from radpipe.evaluation.intervals.limits import (
    compute_limits,
    compute_limits_from_error,
    count_effective_patients,
    widen,
)


def test_a_difference_is_as_far_from_both_ends():
    draws = np.array([0.1, 0.2, 0.3])  # standard deviation 0.1
    low, high = compute_limits(0.2, draws, 0.95)
    assert (low, high) == pytest.approx((0.2 - 0.1 * 1.959964, 0.2 + 0.1 * 1.959964))


def test_a_rate_is_symmetric_on_the_scale_of_log_odds_and_stays_inside():
    low, high = compute_limits_from_error(0.9, 0.06, 0.95, bounded=True)
    # the derivative of log odds is 1 / (p (1 - p)): 0.06 / 0.09 = 2/3
    centre, reach = np.log(9), 1.959964 * 2 / 3
    assert low == pytest.approx(1 / (1 + np.exp(reach - centre)))
    assert high == pytest.approx(1 / (1 + np.exp(-reach - centre)))
    assert compute_limits_from_error(0.99, 0.2, 0.95, bounded=True)[1] <= 1


def test_few_patients_widen_by_the_quantile_of_student():
    for patients, level in ((5, 0.95), (30.5, 0.9)):
        low, high = compute_limits_from_error(0, 1, level, patients=patients)
        assert high == pytest.approx(t.ppf((1 + level) / 2, patients - 1))
        assert low == -high


def test_a_rate_of_0_or_1_one_patient_and_what_is_undefined_have_no_interval():
    assert np.isnan(compute_limits_from_error(1.0, 0.1, 0.95, bounded=True)).all()
    assert np.isnan(compute_limits_from_error(0.5, 0.1, 0.95, patients=1)).all()
    assert np.isnan(compute_limits_from_error(np.nan, 0.1, 0.95)).all()
    assert np.isnan(compute_limits(0.5, np.array([]), 0.95)).all()


def test_resamples_without_a_value_are_left_out_unless_there_are_many():
    draws = np.append(np.linspace(0, 1, 97), [np.nan] * 3)
    assert compute_limits(0.5, draws, 0.95) == compute_limits(0.5, draws[:97], 0.95)
    draws[:5] = np.nan
    assert np.isnan(compute_limits(0.5, draws, 0.95)).all()


def test_variances_of_patients_and_of_seeds_add():
    # s = 0.02 sqrt(2), so s / sqrt(2) = 0.02; Student's quantile of two seeds is 12.706
    low, high = widen(0.5, (0.4, 0.55), [0.48, 0.52], 0.95)
    assert low == pytest.approx(0.5 - np.hypot(0.1, 12.7062 * 0.02), abs=1e-5)
    assert high == pytest.approx(0.5 + np.hypot(0.05, 12.7062 * 0.02), abs=1e-5)
    assert widen(0.5, (0.4, 0.55), [0.5], 0.95) == (0.4, 0.55)
    assert np.isnan(widen(0.5, (np.nan, np.nan), [0.48, 0.52], 0.95)).all()


def test_the_effective_number_of_patients_is_of_the_rarer_class():
    codes = np.array([0, 0, 0, 1, 2, 3, 4, 5])
    labels = np.array([1.0, 1, 1, 1, 0, 0, 0, 0])
    # three and one positives: 4^2 / (9 + 1)
    assert count_effective_patients(labels, codes) == pytest.approx(1.6)
    assert count_effective_patients(labels[3:], codes[3:]) == pytest.approx(1)
    assert count_effective_patients(np.zeros(3), np.arange(3)) == 0


def test_each_finding_weighs_the_same_in_the_effective_number_for_a_mean():
    # patient 0 holds all of the first finding's positives, patients 1 and 2 half of the second's
    labels = np.array([[1, 0], [0, 1], [0, 1], [0, 0], [0, 0]], float)
    assert count_effective_patients(labels, np.arange(5)) == pytest.approx(4 / (1 + 0.25 + 0.25))


def test_the_interval_of_a_mean_covers_as_often_as_its_level_says():
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        sample = rng.normal(size=20)
        low, high = compute_limits_from_error(
            sample.mean(), sample.std(ddof=1) / np.sqrt(20), 0.9, patients=20
        )
        inside += low <= 0 <= high
    assert abs(inside / 400 - 0.9) < 3 * norm.pdf(0) * 0.05
