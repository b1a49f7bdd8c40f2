import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from specs import comparing, evaluating

from radpipe.comparison import MATCHED, compare, flatten, parse_run
from radpipe.errors import DataError
from radpipe.evaluation import evaluate, trace_curves
from radpipe.predictions import Predictions

SPEC, PLAN = evaluating(specificities=(0.5, 0.9)), comparing()


def make(labels, logits, splits=None, patients=None):
    labels, logits = np.array(labels, np.float32), np.array(logits, np.float32)
    names = tuple("abcdef"[: labels.shape[1]])
    count = len(labels)
    cases = pd.DataFrame(
        {
            "id": [f"i{k}" for k in range(count)],
            "row": range(count),
            "patient_id": patients or [f"p{k}" for k in range(count)],
            "split": splits or ["val"] * (count // 2) + ["test"] * (count - count // 2),
        }
    )
    return Predictions(cases, names, labels, logits)


def draw(shift, seed=0, count=600):
    """Three findings with one signal; the shift is what a weighted loss does to the logits."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((count, 3)) < [0.3, 0.1, 0.05]).astype(np.float32)
    return make(labels, 2 * labels + rng.normal(size=labels.shape) - 3 + shift)


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


def test_a_shift_of_the_logits_moves_recall_at_half_and_nothing_that_is_matched():
    runs = {("bce", 0): draw(0), ("wbce", 0): draw(2)}
    found = compare(runs, SPEC, PLAN)
    assert found["macro"]["recall@0.5"]["difference"] > 0.3
    assert found["macro"]["auroc"]["difference"] == 0
    assert found["macro"][MATCHED]["difference"] == pytest.approx(0, abs=1e-12)
    assert found["macro"]["recall@specificity0.90"]["difference"] == 0
    assert "finds" in found["sentence"]


def test_matched_recall_reads_both_arms_at_the_weighted_arms_false_positive_rate():
    labels = [[1], [0], [1], [1], [0], [0]]
    plain = make(labels, [[0], [0], [-1], [-3], [-2], [-4]], ["val"] * 2 + ["test"] * 4)
    weighted = make(labels, [[0], [0], [1], [-1], [2], [-2]], ["val"] * 2 + ["test"] * 4)
    entry = compare({("bce", 0): plain, ("wbce", 0): weighted}, SPEC, PLAN)["findings"]["a"][MATCHED]
    # the weighted arm calls one of two negatives: rate 1/2, where both curves reach recall 1
    assert (entry["wbce"], entry["bce"]) == (1, 1)


def test_differences_are_paired_by_seed_and_averaged():
    runs = {(loss, seed): draw(2 * (loss == "wbce"), seed) for loss in ("bce", "wbce") for seed in (0, 1)}
    same = {key: Predictions(runs["bce", 0].cases, run.targets, runs["bce", 0].labels, run.logits)
            for key, run in runs.items()}  # fmt: skip
    entry = compare(same, SPEC, PLAN)["macro"]["recall@0.5"]
    assert len(entry["per_seed"]) == 2
    assert entry["difference"] == pytest.approx(np.mean(entry["per_seed"]))


def test_one_arm_gives_means_and_no_differences():
    found = compare({("bce", 0): draw(0)}, SPEC, PLAN)
    assert found["macro"]["auroc"]["difference"] is None
    assert found["sentence"].startswith("No comparison")
    assert "macro/auroc/bce" in flatten(found)
    assert "macro/auroc/difference" not in flatten(found)


def test_runs_on_other_cases_are_refused():
    with pytest.raises(DataError, match="wbce_s0 and bce_s0 hold other cases"):
        compare({("bce", 0): draw(0), ("wbce", 0): draw(0, count=500)}, SPEC, PLAN)


def test_flat_metrics_start_with_the_macro_auroc():
    flat = flatten(compare({("bce", 0): draw(0), ("wbce", 0): draw(2)}, SPEC, PLAN))
    assert list(flat)[:3] == ["macro/auroc/bce", "macro/auroc/wbce", "macro/auroc/difference"]


def test_the_score_is_of_the_test_part_and_leads_the_flat_metrics():
    labels, logits = [[1, 0], [1, 0], [1, 0], [0, 1]], np.log([[1, 3], [1, 3], [1, 1], [1, 1]])
    scored = SPEC.model_copy(update={"score": "hemorrhage"})
    run = dataclasses.replace(make(labels, logits), targets=("any", "subdural"))
    found = evaluate(run, scored)["score"]
    assert found["value"] == pytest.approx(np.log(2))
    runs = {("bce", 0): run, ("wbce", 0): dataclasses.replace(run, logits=run.logits + np.float32(np.log(3)))}
    comparison = compare(runs, scored, PLAN)
    # of p = 3/4: (log 4/3 + log 4) / 2
    expected = (2 * np.log(4) - np.log(3)) / 2 - np.log(2)
    assert comparison["score"]["hemorrhage"]["difference"] == pytest.approx(expected)
    assert list(flatten(comparison))[:2] == ["score/hemorrhage/bce", "score/hemorrhage/wbce"]
    assert "score/any/difference" in flatten(comparison)
    assert compare({("bce", 0): run}, SPEC, PLAN)["score"] is None


def test_a_run_is_named_by_loss_and_seed():
    assert parse_run("wbce_s12") == ("wbce", 12)
    with pytest.raises(DataError, match="expected a folder named <loss>_s<seed>"):
        parse_run("model")
