"""What `make demo` shows: weighting moves the operating point, and finds nothing more at equal footing."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpipe.evaluation.calibration.variants import recalibrate
from radpipe.evaluation.metrics import sigmoid
from radpipe.predictions import read_predictions

pytestmark = [pytest.mark.workflow, pytest.mark.keras, pytest.mark.slow]


@pytest.fixture
def results(shipped):
    return shipped.folder / "results" / "phantom_chest"


@pytest.fixture
def compared(results):
    return json.loads((results / "compare.json").read_text())


def test_at_half_the_weighted_loss_finds_far_more_and_calls_far_more(compared):
    assert compared["pooled"]["recall@0.5"]["difference"] > 0.2
    assert compared["pooled"]["specificity@0.5"]["difference"] < -0.03
    found = compared["findings"].values()
    assert all(finding["recall@0.5"]["difference"] > 0 for finding in found)


def test_ranking_and_recall_at_the_same_false_positive_rate_stay_within_noise(compared):
    assert abs(compared["macro"]["auroc"]["difference"]) < 0.02
    assert abs(compared["pooled"]["recall@matched_fpr"]["difference"]) < 0.05
    assert abs(compared["macro"]["recall@specificity0.90"]["difference"]) < 0.05


def test_weighting_breaks_the_calibration(compared):
    assert compared["macro"]["brier"]["difference"] > 0.02


def test_undoing_the_weights_leads_back_to_the_true_probabilities(results, compared):
    for measure in ("brier", "ece"):
        arms = compared["calibration"]["arms"]
        values = {name: found["macro"][measure]["value"] for name, found in arms["wbce"].items()}
        plain = arms["bce"]["trained"]["macro"][measure]["value"]
        assert values["trained"] > plain + 0.02
        assert abs(values["undone"] - plain) < 0.015
        assert abs(values["platt"] - plain) < 0.015
    truth = pd.read_csv(results.parents[1] / "data/phantom/chest/truth.csv", index_col="Image Index")
    run = results / "runs" / "wbce_s0"
    given, weights = (
        read_predictions(run / "predictions.parquet"),
        json.loads((results / "weights.json").read_text()),
    )
    variants = recalibrate(given, weights, json.loads((run / "training.json").read_text()))
    test = given.select_split("test")
    true = truth.loc[test.cases["id"], list(test.targets)].to_numpy()
    distance = {name: np.abs(sigmoid(odds) - true).mean() for name, odds in variants.items()}
    assert distance["undone"] < 0.6 * distance["trained"]
    assert distance["platt"] < 0.6 * distance["trained"]


def test_the_planted_shortcut_is_found_among_the_subgroups(compared):
    bedside = compared["subgroups"]["columns"]["view"]["groups"]["AP"]["findings"]
    low, _ = bedside["Effusion"]["recall@0.5"]["to_rest"]["interval"]["bce"]
    assert low > 0


def test_the_network_learns_and_does_not_beat_the_truth(results):
    truth = pd.read_csv(results.parents[1] / "data/phantom/chest/truth.csv", index_col="Image Index")
    for loss in ("bce", "wbce"):
        test = read_predictions(results / "runs" / f"{loss}_s0" / "predictions.parquet").select_split("test")
        best = truth.loc[test.cases["id"]]
        for column, target in enumerate(test.targets):
            labels = test.labels[:, column]
            reached = roc_auc_score(labels, test.logits[:, column])
            assert 0.75 < reached < roc_auc_score(labels, best[target]) + 0.03


def test_the_report_stands_alone_and_names_no_patient_file_or_folder(results):
    page = (results / "report.html").read_text(encoding="utf-8")
    assert 'src="http' not in page
    assert ".png" not in page.replace("data:image/png", "")
    assert str(results.parents[1]) not in page
    assert (results / "figures" / "roc.png").stat().st_size > 0
