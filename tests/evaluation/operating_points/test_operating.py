import json

import numpy as np
import pytest
from runs_drawn import draw, make
from specs import comparing, evaluating

from radpipe.evaluation.metrics import sigmoid
from radpipe.evaluation.operating_points.points import (
    CHOICES,
    choose_all_thresholds,
    compute_operating_points,
)
from radpipe.evaluation.single_run import evaluate

SPEC = evaluating(threshold="youden")
RUNS = {("bce", 0): draw(0, count=1200), ("wbce", 0): draw(2, count=1200)}


def find(runs, plan, spec=SPEC):
    return compute_operating_points(runs, choose_all_thresholds(runs, spec, plan), spec, plan)


def test_points_are_those_of_the_evaluation():
    plan = comparing(prevalence=0.02)
    for rule in ("youden", "recall", "specificity", "cost"):
        spec = evaluating(threshold=rule)
        found = find(RUNS, plan, spec)["choices"]
        for run, predictions in RUNS.items():
            expected = evaluate(predictions, spec)
            for name in "abc":
                entry, other = found[rule]["findings"][name], expected["findings"][name]["at_chosen"]
                assert entry["threshold"][run[0]] == other["threshold"]
                assert entry["recall"][run[0]] == pytest.approx(other["recall"], abs=1e-12)
                assert entry["ppv"][run[0]] == pytest.approx(other["precision"], abs=1e-12)
            macro = expected["macro"]["at_half"]["specificity"]
            assert found["half"]["macro"]["specificity"][run[0]] == pytest.approx(macro)


def test_a_shift_of_all_log_odds_moves_the_threshold_and_nothing_that_is_chosen():
    same = RUNS["bce", 0]
    moved = make(same.labels, same.logits + 2, list(same.cases["split"]))
    found = find({("bce", 0): same, ("wbce", 0): moved}, comparing())["choices"]
    for choice in CHOICES[:-1]:
        entry = found[choice]["findings"]["a"]
        assert entry["recall"]["difference"] == 0
        assert entry["recall"]["interval"]["difference"] == [0, 0]
        assert entry["threshold"]["difference"] > 0
    assert found["half"]["findings"]["a"]["recall"]["difference"] > 0


def test_the_interval_holds_the_choice_of_the_threshold():
    plan = comparing(resamples=400)
    entry = find(RUNS, plan)["choices"]["youden"]["findings"]["b"]["recall"]
    low, high = entry["interval"]["bce"]
    test = RUNS["bce", 0].select_split("test")
    flagged = sigmoid(test.logits[:, 1]) >= choose_all_thresholds(RUNS, SPEC, plan)["bce", 0]["b"][0, 0]
    share, positives = flagged[test.labels[:, 1] == 1].mean(), (test.labels[:, 1] == 1).sum()
    assert low < entry["bce"] < high
    # wider than that of a threshold known beforehand
    assert high - low > 1.1 * 2 * 1.96 * np.sqrt(share * (1 - share) / positives)


def test_patients_of_a_cross_validation_are_drawn_once_for_both_parts():
    given = draw(0)
    twice = make(
        np.concatenate([given.labels] * 2),
        np.concatenate([given.logits] * 2),
        ["val"] * 600 + ["test"] * 600,
        [f"p{k}" for k in range(600)] * 2,
    )
    runs = {("bce", 0): twice}
    points = find(runs, comparing(), evaluating(recall=0.8))["choices"]["recall"]["findings"]["a"]["recall"]
    # chosen on these very cases in every resample: the wanted recall is reached, and hardly exceeded
    low, high = points["interval"]["bce"]
    assert 0.78 < low < high < 0.83


def test_a_finding_with_few_patients_has_points_and_a_reason_instead_of_an_interval():
    intervals = comparing().intervals.model_copy(update={"min_positive_patients": 40})
    found = find(RUNS, comparing(intervals=intervals))
    without = found["choices"]["youden"]["without"]
    assert list(without) == ["c"]
    assert "expected 40 or more" in without["c"]
    entry = found["choices"]["youden"]["findings"]["c"]["recall"]
    assert entry["bce"] is not None
    assert entry["interval"] == {"difference": None, "bce": None, "wbce": None}


def test_without_a_validation_part_only_the_threshold_of_one_half_is_left():
    given = draw(0)
    runs = {("bce", 0): make(given.labels, given.logits, ["test"] * len(given.labels))}
    found = find(runs, comparing())
    assert (found["choices"]["youden"]["over"], found["choices"]["half"]["over"]) == (0, 3)
    assert "validation part: 0 patients" in found["choices"]["youden"]["without"]["a"]
    assert found["choices"]["half"]["macro"]["recall"]["interval"]["bce"] is not None
    assert found["choices"]["youden"]["findings"]["a"]["recall"]["bce"] is None
    assert found["choices"]["half"]["findings"]["a"]["recall"]["bce"] is not None
    json.dumps(found, allow_nan=False)


def test_without_resamples_there_are_points_alone():
    intervals = comparing().intervals.model_copy(update={"method": "none"})
    found = find(RUNS, comparing(intervals=intervals))
    assert found["choices"]["cost"]["macro"]["npv"]["interval"]["wbce"] is None
    assert found["choices"]["cost"]["macro"]["npv"]["wbce"] > 0.5


def test_the_mean_of_findings_without_an_interval_has_none():
    intervals = comparing().intervals.model_copy(update={"min_positive_patients": 500})
    for entry in find(RUNS, comparing(intervals=intervals))["choices"].values():
        assert entry["macro"]["recall"]["bce"] is not None
        assert entry["macro"]["recall"]["interval"] == {"difference": None, "bce": None, "wbce": None}


def test_patients_of_a_cross_validation_are_drawn_together_in_whatever_order_its_parts_are():
    given = draw(0)
    turned = np.arange(600)[::-1]
    patients = [f"p{k}" for k in range(600)]
    twice = make(
        np.concatenate([given.labels[turned], given.labels]),
        np.concatenate([given.logits[turned], given.logits]),
        ["val"] * 600 + ["test"] * 600,
        patients[::-1] + patients,
    )
    found = find({("bce", 0): twice}, comparing(), evaluating(recall=0.8))
    low, high = found["choices"]["recall"]["findings"]["a"]["recall"]["interval"]["bce"]
    assert 0.78 < low < high < 0.83
