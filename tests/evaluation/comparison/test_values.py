"""Each resample has the metrics that scikit-learn gives for its weights."""

import numpy as np
import pytest
from runs_drawn import draw
from sklearn import metrics as sk
from specs import comparing, evaluating

from radpipe.config.metrics import MATCHED
from radpipe.evaluation.comparison.entries import tabulate
from radpipe.evaluation.comparison.values import average_table
from radpipe.evaluation.estimates import resample
from radpipe.evaluation.metrics import sigmoid
from radpipe.evaluation.single_run import evaluate

SPEC = evaluating(specificities=(0.9,))
RUNS = {("bce", 0): draw(0), ("wbce", 0): draw(2)}


@pytest.fixture(scope="module")
def part():
    return resample(RUNS["bce", 0].select_split("test"), comparing().intervals, offset=0)


@pytest.fixture(scope="module")
def values(part):
    count = len(part.multiplicities)
    chosen = {
        run: {
            target: np.full(count, evaluate(predictions, SPEC)["findings"][target]["at_chosen"]["threshold"])
            for target in predictions.targets
        }
        for run, predictions in RUNS.items()
    }
    return tabulate(RUNS, part, chosen, SPEC)


def test_from_all_patients_they_are_the_numbers_of_the_evaluation(values):
    for run, predictions in RUNS.items():
        found = evaluate(predictions, SPEC)
        for name in (*predictions.targets, "macro", "pooled"):
            entry = found["findings"].get(name) or found[name]
            expected = {metric: entry[metric] for metric in ("auroc", "average_precision", "brier")}
            for point, suffix in (("at_half", "0.5"), ("at_chosen", "chosen")):
                rates = ("recall", "specificity", "precision", "f1", "accuracy")
                expected |= {f"{rate}@{suffix}": entry[point][rate] for rate in rates}
            points = {metric: values[run][name][metric][0] for metric in expected}
            assert points == pytest.approx(expected, abs=1e-12), (run, name)


@pytest.mark.parametrize("row", [1, 7, 200])
def test_in_a_resample_they_are_those_of_scikit_learn_with_its_weights(values, part, row):
    weights = part.multiplicities[row][part.codes]
    for run, predictions in RUNS.items():
        test = predictions.select_split("test")
        for j, target in enumerate(test.targets):
            truth, scores = test.labels[:, j], sigmoid(test.logits[:, j])
            found = scores >= 0.5
            expected = {
                "brier": sk.brier_score_loss(truth, scores, sample_weight=weights),
                "recall@0.5": sk.recall_score(truth, found, sample_weight=weights),
                "specificity@0.5": sk.recall_score(1 - truth, ~found, sample_weight=weights),
                "f1@0.5": sk.f1_score(truth, found, sample_weight=weights),
                "accuracy@0.5": sk.accuracy_score(truth, found, sample_weight=weights),
                "auroc": sk.roc_auc_score(truth, scores, sample_weight=weights),
            }
            points = {metric: values[run][target][metric][row] for metric in expected}
            assert points == pytest.approx(expected, abs=1e-12), (run, target)


def test_the_rate_that_is_matched_is_that_of_the_resample(values, part):
    row = 5
    weights = part.multiplicities[row][part.codes]
    plain, weighted = (predictions.select_split("test") for predictions in RUNS.values())
    truth = plain.labels[:, 1]
    rate = np.average(weighted.logits[truth == 0, 1] >= 0, weights=weights[truth == 0])
    fpr, tpr, _ = sk.roc_curve(truth, plain.logits[:, 1], sample_weight=weights, drop_intermediate=False)
    read = values["bce", 0]["b"][MATCHED]
    assert read[row] == pytest.approx(np.interp(np.round(rate, 12), np.round(fpr, 12), tpr), abs=1e-9)
    assert np.std(values["wbce", 0]["b"]["specificity@0.5"]) > 0


def test_pooled_values_take_every_pair_of_case_and_finding_with_its_patients_weight(values, part):
    test = RUNS["bce", 0].select_split("test")
    weights = np.repeat(part.multiplicities[3][part.codes], 3)
    expected = sk.average_precision_score(test.labels.ravel(), test.logits.ravel(), sample_weight=weights)
    assert values["bce", 0]["pooled"]["average_precision"][3] == pytest.approx(expected, abs=1e-12)


def test_a_finding_that_a_resample_lacks_leaves_its_mean():
    table = {
        "a": {"auroc": np.array([0.5, 0.6])},
        "b": {"auroc": np.array([0.9, np.nan])},
        "c": {"auroc": np.array([0.0, 0.0])},
        "pooled": {"auroc": np.zeros(2)},
    }
    assert average_table(table, ["a", "b"])["auroc"] == pytest.approx([0.7, 0.6])
    assert np.isnan(average_table(table, [])["auroc"]).all()
