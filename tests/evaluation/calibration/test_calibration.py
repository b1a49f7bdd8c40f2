import json

import numpy as np
import pandas as pd
import pytest
from runs_drawn import draw, make
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from specs import comparing

from radpipe.data.class_weights import compute_weights, to_json
from radpipe.evaluation.calibration.variants import compute_calibration, recalibrate
from radpipe.evaluation.metrics import sigmoid
from radpipe.phantoms.chest.population import NAMES, draw_population
from radpipe.predictions import Predictions

PLAN = comparing()


def weigh_labels(labels, names):
    table = compute_weights(pd.DataFrame(labels, columns=list(names)), pd.Series(range(len(labels))))
    return {"kind": "binary", **to_json(table, table, {})}


def train_counts(loss, weights):
    kept = ("positives", "negatives")
    effective = {name: {key: entry[key] for key in kept} for name, entry in weights["targets"].items()}
    return {"loss": loss, "effective": effective}


@pytest.fixture(scope="module")
def phantom():
    """The phantom's pictures with the probabilities of their labels, and a weighted model of its evidence."""
    population = draw_population(6000, np.random.default_rng(0))
    bedside = (population.images["view"] == "AP").to_numpy()[:, None]
    evidence = np.concatenate([population.strengths, population.strengths * bedside], axis=1)
    part = np.array(["train", "val", "test"])[population.images["patient"] % 3]
    training = part == "train"
    labels = population.labels.astype(np.float32)
    weights = weigh_labels(labels[training], NAMES)
    logits = np.zeros(labels.shape, np.float32)
    for j, entry in enumerate(weights["targets"].values()):
        share = np.where(labels[training, j] == 1, entry["present"], entry["absent"])
        model = LogisticRegression(C=np.inf).fit(evidence[training], labels[training, j], share)
        logits[:, j] = model.decision_function(evidence)
    cases = population.images.assign(
        id=np.arange(len(labels)).astype(str), row=range(len(labels)), split=part
    )
    cases = cases.rename(columns={"patient": "patient_id"})[["id", "row", "patient_id", "split"]]
    kept = ~training
    predictions = Predictions(cases[kept].reset_index(drop=True), NAMES, labels[kept], logits[kept])
    return predictions, weights, population.truth[part == "test"]


def test_both_ways_lead_back_to_the_true_probabilities_of_the_phantom(phantom):
    predictions, weights, truth = phantom
    variants = recalibrate(predictions, weights, train_counts("wbce", weights))
    error = {name: np.abs(sigmoid(odds) - truth).mean(axis=0) for name, odds in variants.items()}
    assert (error["trained"] > 0.1).all()
    assert (error["undone"] < 0.015).all()
    assert (error["platt"] < 0.02).all()


def test_measures_improve_as_the_probabilities_do(phantom):
    predictions, weights, _ = phantom
    trainings = {("wbce", 0): train_counts("wbce", weights)}
    arm = compute_calibration({("wbce", 0): predictions}, PLAN, weights, trainings)["arms"]["wbce"]
    for variant in ("undone", "platt"):
        for name in NAMES:
            before, after = arm["trained"]["findings"][name], arm[variant]["findings"][name]
            assert after["brier"] < before["brier"]
            assert after["ece"] < before["ece"] / 3
            assert abs(after["in_the_large"]) < abs(before["in_the_large"]) / 3
    assert arm["undone"]["findings"]["Effusion"]["slope"] == arm["trained"]["findings"]["Effusion"]["slope"]


def test_undoing_a_plain_loss_changes_nothing(phantom):
    predictions, weights, _ = phantom
    variants = recalibrate(predictions, weights, train_counts("bce", weights))
    assert np.array_equal(variants["undone"], variants["trained"])


def test_predictions_of_another_model_are_scaled_and_a_note_says_what_is_missing():
    found = compute_calibration({("bce", 0): draw(2)}, PLAN, None, {})
    assert list(found["variants"]) == ["trained", "platt"]
    assert "not undone" in found["notes"][0]
    json.dumps(found, allow_nan=False)


def test_a_finding_without_a_class_on_validation_is_not_scaled():
    labels = [[1, 0], [0, 0], [1, 0], [0, 0], [1, 1], [0, 0], [0, 1], [1, 0]]
    logits = np.array([[1, 1], [0.5, 0], [0, 1], [0.8, 2]] * 2)
    found = compute_calibration({("bce", 0): make(labels, logits)}, PLAN, None, {})["arms"]["bce"]
    assert found["platt"]["curves"]["b"] is None
    assert found["platt"]["findings"]["b"]["brier"] is None
    assert found["platt"]["macro"]["brier"]["over"] == 1
    assert found["trained"]["macro"]["brier"]["over"] == 2


def test_curves_join_the_seeds_and_measures_are_their_mean():
    runs = {("bce", 0): draw(0), ("bce", 1): draw(1)}
    both = compute_calibration(runs, PLAN, None, {})["arms"]["bce"]["trained"]
    each = [compute_calibration({run: runs[run]}, PLAN, None, {})["arms"]["bce"]["trained"] for run in runs]
    assert sum(both["curves"]["a"]["cases"]) == 2 * sum(each[0]["curves"]["a"]["cases"]) == 600
    assert both["findings"]["a"]["ece"] == np.mean([one["findings"]["a"]["ece"] for one in each])


def test_classes_are_undone_within_their_grade():
    probabilities = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    given = make(np.eye(3)[[2, 0]], logit(probabilities), ["test", "test"])
    targets = ("g:x", "g:y", "g:z")
    given = Predictions(given.cases, targets, given.labels, given.logits)
    entry = {"absent": 0.0, "negatives": 1, "positives": 1}
    weights = {
        "kind": "categorical",
        "targets": {name: {**entry, "present": w} for name, w in zip(targets, (1, 1, 5), strict=True)},
    }
    training = {"loss": "wbce", "effective": {name: {"positives": 1, "negatives": 1} for name in targets}}
    undone = sigmoid(recalibrate(given, weights, training)["undone"])
    assert undone[0] == pytest.approx([0.2 / 0.6, 0.3 / 0.6, 0.1 / 0.6], abs=1e-6)
    notes = compute_calibration({("wbce", 0): given}, PLAN, weights, {("wbce", 0): training})["notes"]
    assert "classes" in notes[0]
