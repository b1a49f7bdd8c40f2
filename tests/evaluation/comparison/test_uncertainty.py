import dataclasses

import numpy as np
import pytest
from runs_drawn import draw, make
from specs import comparing, evaluating

from radpipe.errors import DataError
from radpipe.evaluation.comparison.headline_metrics import select_headline_metrics
from radpipe.evaluation.comparison.result import compare
from radpipe.evaluation.comparison.values import compute_score_values
from radpipe.evaluation.competition_scores.predicted import compute_score
from radpipe.evaluation.estimates import resample
from radpipe.evaluation.intervals.limits import compute_limits_from_error, count_effective_patients
from radpipe.predictions import Predictions

SPEC = evaluating(specificities=(0.9,))
RUNS = {("bce", 0): draw(0, count=1200), ("wbce", 0): draw(2, count=1200)}


def using(method, **changes):
    plan = comparing()
    return plan.model_copy(
        update={"intervals": plan.intervals.model_copy(update={"method": method, **changes})}
    )


def retrained(seed):
    """The same cases, other logits."""
    first = RUNS["bce", 0]
    noise = np.random.default_rng(seed).normal(0, 0.5, first.logits.shape).astype(np.float32)
    return Predictions(first.cases, first.targets, first.labels, first.logits + noise)


def test_every_metric_has_an_interval_around_each_arm_and_their_difference():
    found = compare(RUNS, SPEC, comparing(resamples=400))
    for name in ("a", "b", "macro", "pooled"):
        entries = found["findings"].get(name) or found[name]
        for metric, entry in entries.items():
            if metric not in ("over", "of"):
                for key in ("bce", "wbce", "difference"):
                    low, high = entry["interval"][key]
                    assert low <= entry[key] <= high, (name, metric, key)
    assert found["macro"]["recall@0.5"]["interval"]["difference"][0] > 0
    assert found["intervals"]["resamples"] == 400
    assert found["intervals"]["patients"] == 600


def test_intervals_of_the_same_predictions_differ_by_nothing():
    same = RUNS["bce", 0]
    found = compare({("bce", 0): same, ("wbce", 0): same}, SPEC, comparing())
    assert found["macro"]["average_precision"]["interval"]["difference"] == [0, 0]
    assert found["endpoint"]["verdict"] == "no difference larger than the margin"


def test_copies_of_an_image_of_the_same_patient_do_not_narrow_the_interval():
    apart = draw(0, count=800)
    columns = (apart.labels, apart.logits, apart.cases["split"], apart.cases["patient_id"])
    labels, logits, splits, patients = (np.repeat(np.array(column), 4, axis=0) for column in columns)
    together = make(labels, logits, list(splits), list(patients))
    one, four = (compare({("bce", 0): each}, SPEC, comparing()) for each in (apart, together))
    for name, metric in (("a", "auroc"), ("a", "recall@0.5"), ("b", "average_precision")):
        ends = [found["findings"][name][metric]["interval"]["bce"] for found in (one, four)]
        assert ends[0] == pytest.approx(ends[1]), (name, metric)


def test_a_finding_of_few_patients_has_a_reason_instead_of_an_interval():
    found = compare(RUNS, SPEC, using("bootstrap", min_positive_patients=40))
    few = int((RUNS["bce", 0].select_split("test").labels[:, 2] == 1).sum())
    assert found["intervals"]["without"] == {"c": f"{few} patients with it, expected 40 or more"}
    entry = found["findings"]["c"]["auroc"]
    assert entry["interval"] == {"difference": None, "bce": None, "wbce": None}
    assert entry["difference"] is not None
    assert found["macro"]["auroc"]["interval"]["difference"] is not None


def test_averages_of_findings_without_an_interval_have_none():
    for method in ("bootstrap", "delong"):
        found = compare(RUNS, SPEC, using(method, min_positive_patients=500))
        assert found["intervals"]["without"]["macro"] == "no finding has an interval"
        assert found["macro"]["auroc"]["interval"]["difference"] is None
        assert found["endpoint"]["verdict"] is None


def test_several_seeds_widen_by_the_variance_of_training():
    alone = {("bce", 0): retrained(0), ("wbce", 0): retrained(10)}
    seeds = {
        (arm, seed): retrained(seed + 10 * (arm == "wbce")) for arm in ("bce", "wbce") for seed in range(3)
    }
    one, three = (compare(runs, SPEC, comparing()) for runs in (alone, seeds))
    low, high = three["endpoint"]["interval"]
    entry = three["macro"]["auroc"]
    # Student's quantile with two degrees of freedom
    training = 4.302653 * np.std(entry["per_seed"], ddof=1) / np.sqrt(3)
    assert high - low > 2 * training
    assert (one["intervals"]["training_variance"], three["intervals"]["training_variance"]) == (False, True)
    assert "without the variance of training" in one["endpoint"]["sentence"]
    assert "with the variance of training" in three["endpoint"]["sentence"]


def test_delong_is_that_of_all_pairs_and_of_auroc_alone():
    found = compare(RUNS, SPEC, using("delong"))
    test = RUNS["bce", 0].select_split("test")
    labels, scores = test.labels[:, 0], test.logits[:, 0]
    order = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    order = (order > 0) + (order == 0) / 2
    variance = sum(np.var(order.mean(axis=k), ddof=1) / order.shape[1 - k] for k in (0, 1))
    patients = count_effective_patients(labels, np.arange(len(labels)))
    expected = compute_limits_from_error(
        order.mean(), np.sqrt(variance), 0.95, bounded=True, patients=patients
    )
    entry = found["findings"]["a"]["auroc"]
    assert entry["interval"]["bce"] == pytest.approx(expected)
    assert found["macro"]["auroc"]["interval"]["difference"] == found["endpoint"]["interval"]
    for metric, name in (("auroc", "pooled"), ("brier", "macro")):
        assert found[name][metric]["interval"] == {"difference": None, "bce": None, "wbce": None}


def test_delong_and_the_bootstrap_agree_where_every_patient_has_one_image():
    exact, drawn = (compare(RUNS, SPEC, using(method, resamples=2000)) for method in ("delong", "bootstrap"))
    for key in ("bce", "wbce", "difference"):
        ends = [found["macro"]["auroc"]["interval"][key] for found in (exact, drawn)]
        assert ends[0] == pytest.approx(ends[1], abs=0.1 * np.ptp(ends[0]) + 1e-4)


def test_delong_is_refused_where_a_patient_has_several_images():
    run = draw(0)
    cases = run.cases.assign(patient_id=[f"p{k // 2}" for k in range(len(run.cases))])
    with pytest.raises(DataError, match="150 of 150 patients of the test part have several; use bootstrap"):
        compare({("bce", 0): Predictions(cases, run.targets, run.labels, run.logits)}, SPEC, using("delong"))


def test_without_intervals_there_is_no_verdict():
    found = compare(RUNS, SPEC, using("none"))
    assert found["macro"]["auroc"]["interval"] == {"difference": None, "bce": None, "wbce": None}
    assert found["endpoint"]["verdict"] is None
    assert found["intervals"]["resamples"] == 0


def test_the_endpoint_is_the_macro_value_of_its_metric():
    endpoint = comparing().endpoint.model_copy(update={"metric": "recall@matched_fpr", "margin": 0.02})
    found = compare(RUNS, SPEC, comparing(endpoint=endpoint))
    entry = found["macro"]["recall@matched_fpr"]
    assert found["endpoint"]["interval"] == entry["interval"]["difference"]
    assert found["endpoint"]["difference"] == entry["difference"]
    flat = select_headline_metrics(found)
    ends = [flat[f"all/endpoint/recall@matched_fpr/{end}"] for end in ("low", "high")]
    assert ends == found["endpoint"]["interval"]


def test_a_resample_has_the_haemorrhage_score_of_its_images():
    run = dataclasses.replace(draw(0), targets=("any", "subdural", "epidural"))
    test = run.select_split("test")
    part = resample(test, comparing().intervals, offset=0)
    values = compute_score_values("hemorrhage", test, part)
    for row in (0, 1, 9):
        cases = np.repeat(np.arange(len(test.cases)), part.multiplicities[row][part.codes])
        drawn = Predictions(test.cases.iloc[cases], test.targets, test.labels[cases], test.logits[cases])
        expected = compute_score("hemorrhage", drawn)
        assert values["hemorrhage"][row] == pytest.approx(expected["value"], abs=1e-12)
        assert values["subdural"][row] == pytest.approx(expected["parts"]["subdural"], abs=1e-12)
    low, high = compare({("bce", 0): run}, evaluating(score="hemorrhage"), comparing())["score"]["any"][
        "interval"
    ]["bce"]
    assert low < values["any"][0] < high


def test_a_score_that_is_no_ratio_of_sums_has_no_interval():
    targets = ("a:x", "a:y", "a:z")
    one = np.eye(3)[np.random.default_rng(0).integers(0, 3, 200)]
    run = dataclasses.replace(
        make(one, one + np.random.default_rng(1).normal(size=one.shape)), targets=targets
    )
    found = compare({("bce", 0): run}, evaluating(score="classes"), comparing())["score"]["classes"]
    assert found["bce"] is not None
    assert found["interval"]["bce"] is None


def test_a_part_of_a_score_has_an_interval_where_its_finding_has_one():
    run = dataclasses.replace(RUNS["bce", 0], targets=("any", "subdural", "epidural"))
    scoring = evaluating(score="hemorrhage")
    found = compare({("bce", 0): run}, scoring, using("bootstrap", min_positive_patients=40))
    known = {name: entry["interval"]["bce"] is not None for name, entry in found["score"].items()}
    assert known == {"hemorrhage": True, "any": True, "subdural": True, "epidural": False}
    found = compare({("bce", 0): run}, scoring, using("bootstrap", min_positive_patients=500))
    assert not any(entry["interval"]["bce"] for entry in found["score"].values())


def test_two_perfect_arms_do_not_prove_that_there_is_no_difference():
    labels = np.tile([[1.0], [0.0]], (40, 1))
    perfect = make(labels, 4 * labels - 2)
    for method in ("bootstrap", "delong"):
        found = compare({("bce", 0): perfect, ("wbce", 0): perfect}, SPEC, using(method))
        entry = found["macro"]["auroc"]
        assert (entry["bce"], entry["wbce"], entry["difference"]) == (1, 1, 0)
        assert entry["interval"] == {"difference": None, "bce": None, "wbce": None}
        assert found["endpoint"]["verdict"] is None
