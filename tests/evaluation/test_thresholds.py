import numpy as np
import pytest
from specs import evaluating

from radpipe.evaluation.thresholds import RULES, choose_threshold, format_rule

LABELS = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0], float)
PROBABILITIES = np.arange(10, 0, -1) / 10  # 1.0, 0.9, ... 0.1


def choose(rule, **changes):
    return choose_threshold(LABELS, PROBABILITIES, evaluating(**changes), rule)


def test_youden_threshold_maximises_recall_plus_specificity():
    labels = np.array([0, 0, 0, 1, 0, 1], float)
    probabilities = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.8])
    # at 0.4: recall 1, specificity 3/4; at 0.8: 1/2 and 1
    assert choose_threshold(labels, probabilities, evaluating(threshold="youden")) == 0.4


def test_of_equal_youden_indices_the_highest_threshold_is_taken():
    # recall 1/3, 2/3, 1 at specificity 1, 2/3, 1/3: at 0.9, 0.7 and 0.5
    labels = np.array([1, 0, 1, 0, 1, 0], float)
    assert choose_threshold(labels, np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]), evaluating(), "youden") == 0.9


def test_threshold_for_a_wanted_recall_is_the_highest_that_reaches_it():
    assert choose("recall", recall=0.75) == 0.7
    assert choose("recall", recall=0.76) == 0.4


def test_threshold_for_a_wanted_specificity_finds_most_of_what_keeps_it():
    # 1 of 6 negatives may be flagged, at 0.8 and 0.7: more is found at 0.7
    assert choose("specificity", specificity=0.8) == 0.7
    assert choose("specificity", specificity=0.9) == 0.9
    assert choose("specificity", specificity=0.5) == 0.4  # exactly 3 of 6


def test_a_share_that_floats_cannot_hold_is_met_exactly():
    labels, probabilities = np.r_[1.0, 1.0, np.zeros(10)], np.r_[0.9, 0.5, 0.6, np.zeros(9)]
    # one alarm in ten keeps a specificity of 0.9, though 1 - 0.9 < 0.1 in floats
    assert choose_threshold(labels, probabilities, evaluating(specificity=0.9), "specificity") == 0.5


def test_cost_weighs_a_missed_positive_in_false_alarms():
    # missed x ratio + alarms: 0.9: 2r; 0.7: r + 1; 0.4: 3
    assert choose("cost", cost_ratio=0.5) == 0.9
    assert choose("cost", cost_ratio=1.5) == 0.7
    assert choose("cost", cost_ratio=3) == 0.4


def test_flagging_nothing_is_a_threshold_of_one():
    labels, probabilities = np.array([0, 0, 1], float), np.array([0.9, 0.8, 0.7])
    assert choose_threshold(labels, probabilities, evaluating(cost_ratio=1), "cost") == 1


def test_the_rule_of_the_configuration_is_the_default():
    for rule in RULES:
        spec = evaluating(threshold=rule, recall=0.76)
        assert choose_threshold(LABELS, PROBABILITIES, spec) == choose(rule, recall=0.76)


def test_every_rule_has_words():
    assert len({format_rule(evaluating(), rule) for rule in RULES}) == 4
    assert "recall of 0.8" in format_rule(evaluating(threshold="recall"))


@pytest.mark.parametrize("rule", RULES)
def test_no_threshold_is_chosen_without_both_classes(rule):
    assert np.isnan(choose_threshold(np.array([0.0, np.nan]), np.array([0.5, 0.5]), evaluating(), rule))
