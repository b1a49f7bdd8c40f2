import dataclasses

import numpy as np
import pytest
from runs_drawn import draw, make
from specs import comparing, evaluating

from radpipe.config.metrics import MATCHED
from radpipe.config.runs import parse_run_name
from radpipe.errors import DataError
from radpipe.evaluation.comparison.headline_metrics import select_headline_metrics
from radpipe.evaluation.comparison.result import compare
from radpipe.evaluation.single_run import evaluate
from radpipe.predictions import Predictions

SPEC, PLAN = evaluating(specificities=(0.5, 0.9)), comparing()


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
    assert "all/macro/auroc/bce" in select_headline_metrics(found)
    assert "all/macro/auroc/difference" not in select_headline_metrics(found)


def test_any_two_models_are_compared_in_the_order_given():
    found = compare({("zeta", 0): draw(0), ("alpha", 0): draw(2)}, SPEC, PLAN)
    entry = found["macro"]["recall@0.5"]
    assert found["arms"] == ["zeta", "alpha"]
    assert entry["difference"] == pytest.approx(entry["alpha"] - entry["zeta"])
    assert entry["difference"] > 0.3
    assert found["sentence"].startswith("At threshold 0.5 alpha finds")
    assert list(found["detection"]) == ["zeta", "alpha"]


def test_the_plain_loss_is_the_reference_whatever_comes_first():
    assert compare({("wbce", 0): draw(2), ("bce", 0): draw(0)}, SPEC, PLAN)["arms"] == ["bce", "wbce"]


def test_the_order_of_the_runs_pairs_no_other_seeds():
    first = draw(0)
    noise = np.random.default_rng(0).normal(size=(4, *first.logits.shape)).astype(np.float32)
    names = [("bce", 0), ("bce", 1), ("wbce", 0), ("wbce", 1)]
    pairs = zip(names, noise, strict=True)
    runs = {name: dataclasses.replace(first, logits=first.logits + each) for name, each in pairs}
    turned = {name: runs[name] for name in (names[1], names[0], names[2], names[3])}
    entries = [compare(each, SPEC, PLAN)["macro"]["auroc"] for each in (runs, turned)]
    assert entries[0] == entries[1]


def test_arms_without_each_others_seeds_are_refused():
    with pytest.raises(DataError, match=r"different seeds \(bce: 0, 1; wbce: 0\), expected the same of both"):
        compare({("bce", 0): draw(0), ("bce", 1): draw(0), ("wbce", 0): draw(2)}, SPEC, PLAN)
    with pytest.raises(DataError, match="found 3 arms, one, two, three, expected one or two"):
        compare({(name, 0): draw(0) for name in ("one", "two", "three")}, SPEC, PLAN)


def test_runs_on_other_cases_are_refused():
    with pytest.raises(DataError, match="wbce_s0 and bce_s0 hold other cases"):
        compare({("bce", 0): draw(0), ("wbce", 0): draw(0, count=500)}, SPEC, PLAN)


def test_flat_metrics_sort_the_endpoint_and_the_averages_before_the_findings():
    flat = list(select_headline_metrics(compare({("bce", 0): draw(0), ("wbce", 0): draw(2)}, SPEC, PLAN)))
    assert flat[:5] == [f"all/endpoint/auroc/{what}" for what in ("bce", "wbce", "difference", "low", "high")]
    assert flat[5] == "all/macro/auroc/bce"
    groups = ["/".join(name.split("/")[:2]) for name in flat]
    assert list(dict.fromkeys(groups)) == list(dict.fromkeys(sorted(groups)))  # as `dvc metrics diff` sorts


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
    scores = [name for name in select_headline_metrics(comparison) if name.startswith("all/score/")]
    assert scores[:2] == ["all/score/hemorrhage/bce", "all/score/hemorrhage/wbce"]
    assert "all/score/any/difference" in scores
    assert compare({("bce", 0): run}, SPEC, PLAN)["score"] is None


def test_a_run_is_named_by_loss_and_seed():
    assert parse_run_name("wbce_s12") == ("wbce", 12)
    with pytest.raises(DataError, match="expected a folder named <loss>_s<seed>"):
        parse_run_name("model")


def test_predictions_without_a_test_part_are_refused():
    run = make([[1], [0]], [[1], [0]], ["val", "val"])
    with pytest.raises(DataError, match="bce_s0 hold no case of the test part"):
        compare({("bce", 0): run}, SPEC, PLAN)
