import json

import numpy as np
import pytest
from runs_drawn import draw, make
from specs import evaluating

from radpipe.evaluation.single_run import evaluate, trace_curves

SPEC = evaluating(specificities=(0.5, 0.9))


def test_thresholds_come_from_validation_and_rates_from_test():
    predictions = make([[1], [0], [1], [0]], [[2], [1], [0], [3]])
    found = evaluate(predictions, SPEC)["findings"]["a"]
    assert found["at_chosen"]["threshold"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert (found["at_chosen"]["recall"], found["at_chosen"]["specificity"]) == (0, 0)
    assert found["at_half"]["recall"] == 1  # logit 0 is probability 0.5, which is a find
    assert found["auroc"] == 0


def test_support_counts_cases_unknown_labels_and_patients():
    predictions = make(
        [[1], [0], [1], [1], [0], [np.nan]], np.zeros((6, 1)), ["val"] * 2 + ["test"] * 4, list("uvxxyz")
    )
    support = evaluate(predictions, SPEC)["findings"]["a"]["support"]
    assert support == {"positives": 2, "negatives": 1, "unknown": 1, "positive_patients": 1}


def test_an_undefined_finding_is_named_and_stays_out_of_the_macro_value():
    labels = [[1, 0], [0, 1], [1, 0], [0, 0]]
    found = evaluate(make(labels, [[1, 0], [0, 1], [1, 0], [0, 0]]), SPEC)
    assert found["findings"]["b"]["undefined"] == "no positive case"
    assert found["findings"]["b"]["auroc"] is None
    assert (found["macro"]["over"], found["macro"]["of"], found["macro"]["auroc"]) == (1, 2, 1)


def test_pooled_rates_count_all_pairs_of_case_and_finding():
    labels = [[0, 1], [1, 0], [1, 1], [0, 0]]
    logits = [[0, 0], [0, 0], [1, -1], [-1, -1]]
    pooled = evaluate(make(labels, logits), SPEC)["pooled"]
    assert (pooled["at_half"]["recall"], pooled["at_half"]["specificity"]) == (0.5, 1)


def test_weighted_average_weighs_findings_by_their_positives():
    labels = [[0, 1], [1, 0], [1, 1], [1, 0], [1, 0], [0, 0]]
    logits = [[0, 0], [0, 0], [1, -1], [1, -1], [1, -1], [-1, -1]]
    found = evaluate(make(labels, logits, ["val"] * 2 + ["test"] * 4), SPEC)
    assert found["macro"]["at_half"]["recall"] == 0.5
    assert found["weighted"]["at_half"]["recall"] == 0.75
    assert found["macro"]["at_half"]["precision_over"] == 1


def test_metrics_are_json_without_nan():
    json.dumps(evaluate(make([[0], [0], [0], [0]], np.zeros((4, 1))), SPEC), allow_nan=False)


def test_curves_run_from_corner_to_corner_with_at_most_500_points():
    curves = trace_curves(draw(0, count=4000))
    roc = curves[(curves["finding"] == "a") & (curves["curve"] == "roc")]
    assert len(roc) <= 500
    assert roc[["x", "y"]].iloc[[0, -1]].to_numpy().tolist() == [[0, 0], [1, 1]]
    assert set(curves["finding"]) == {"a", "b", "c", "pooled"}
    assert curves["threshold"].between(0, 1).all()
