import numpy as np
import pytest

from radpipe.evaluation.operating_points.rates import apply_prevalence, compute_operating_rates

COUNTS = {"tp": np.array(8.0), "fn": np.array(2.0), "fp": np.array(9.0), "tn": np.array(81.0)}


def test_rates_by_hand():
    found = compute_operating_rates(COUNTS, None)
    assert found == pytest.approx(
        {"recall": 0.8, "specificity": 0.9, "flagged": 0.17, "ppv": 8 / 17, "npv": 81 / 83}
    )


def test_predictive_values_at_the_prevalence_of_the_data_are_those_of_the_data():
    found = compute_operating_rates(COUNTS, 0.1)
    assert found["ppv_stated"] == pytest.approx(found["ppv"])
    assert found["npv_stated"] == pytest.approx(found["npv"])


def test_predictive_values_follow_a_stated_prevalence():
    # of 1,000 people 10 are ill: 8 of them and 99 of the 990 others are flagged
    assert apply_prevalence(0.8, 0.9, 0.01) == pytest.approx({"ppv_stated": 8 / 107, "npv_stated": 891 / 893})


def test_nothing_flagged_has_no_positive_predictive_value():
    found = compute_operating_rates(
        {"tp": np.zeros(1), "fn": np.ones(1), "fp": np.zeros(1), "tn": np.ones(1)}, 0.5
    )
    assert np.isnan(found["ppv"][0])
    assert np.isnan(found["ppv_stated"][0])
    assert found["npv"][0] == 0.5
