import json

import numpy as np
import pandas as pd
import pytest
from runs_drawn import make
from sklearn.metrics import roc_auc_score
from specs import comparing, evaluating

from radpipe.errors import DataError
from radpipe.evaluation.operating_points.points import choose_all_thresholds
from radpipe.evaluation.subgroups.differences import compute_subgroups
from radpipe.phantoms.chest.population import NAMES, draw_population
from radpipe.predictions import Predictions

SPEC = evaluating(threshold="youden")


def plan(**changes):
    given = {"columns": ("sex", "view"), "age_edges": (40, 60), "min_positives": 30, **changes}
    known = comparing()
    return comparing(subgroups=known.subgroups.model_copy(update=given))


def find(runs, images, chosen=None):
    chosen = chosen or plan()
    return compute_subgroups(runs, choose_all_thresholds(runs, SPEC, chosen), images, SPEC, chosen)


@pytest.fixture(scope="module")
def planted():
    """Two findings; `a` is hidden in the view PA. Two images a patient."""
    rng = np.random.default_rng(0)
    count = 1600
    view = np.where(rng.random(count) < 0.5, "AP", "PA")
    labels = (rng.random((count, 2)) < [0.3, 0.1]).astype(np.float32)
    seen = labels * np.where(view == "AP", 1, 0.2)[:, None] ** [[1, 0]]
    logits = 2.5 * seen + rng.normal(size=labels.shape) - 1
    patients = [f"p{k // 2}" for k in range(count)]
    images = pd.DataFrame({"patient_id": patients, "view": view, "sex": rng.choice(["F", "M"], count)})
    splits = ["val", "val", "test", "test"] * (count // 4)
    runs = {("bce", 0): make(labels, logits, splits, patients)}
    return {**runs, ("wbce", 0): make(labels, logits + 1.5, splits, patients)}, images


def test_numbers_of_a_group_are_those_of_its_cases(planted):
    runs, images = planted
    group = find(runs, images)["columns"]["view"]["groups"]["AP"]
    test = runs["bce", 0].select_split("test")
    mask = images["view"].to_numpy()[test.cases["row"]] == "AP"
    entry = group["findings"]["a"]
    assert group["cases"] == mask.sum()
    assert group["patients"] == test.cases["patient_id"][mask].nunique()
    assert entry["positives"] == (test.labels[mask, 0] == 1).sum()
    here = roc_auc_score(test.labels[mask, 0], test.logits[mask, 0])
    rest = roc_auc_score(test.labels[~mask, 0], test.logits[~mask, 0])
    assert entry["auroc"]["here"]["bce"] == pytest.approx(here)
    assert entry["auroc"]["to_rest"]["bce"] == pytest.approx(here - rest)
    found = (test.logits[mask, 0] >= 0)[test.labels[mask, 0] == 1].mean()
    assert entry["recall@0.5"]["here"]["bce"] == pytest.approx(found)
    assert entry["recall@0.5"]["here"]["difference"] > 0


def test_a_planted_difference_is_found_and_no_other(planted):
    found = find(*planted)["columns"]
    low, high = found["view"]["groups"]["AP"]["findings"]["a"]["auroc"]["to_rest"]["interval"]["bce"]
    assert 0.1 < low < high < 0.5
    for column, target in (("view", "b"), ("sex", "a"), ("sex", "b")):
        for group in found[column]["groups"].values():
            low, high = group["findings"][target]["auroc"]["to_rest"]["interval"]["bce"]
            assert low < 0 < high


def test_two_groups_differ_from_each_other_by_the_same_amount(planted):
    groups = find(*planted)["columns"]["view"]["groups"]
    one, other = (groups[name]["macro"]["auroc"]["to_rest"]["wbce"] for name in ("AP", "PA"))
    assert one == pytest.approx(-other)


def test_the_shortcut_of_the_phantom_is_found():
    """Bedside pictures show an effusion more clearly: so do their true probabilities."""
    population = draw_population(2000, np.random.default_rng(1))
    truth, labels = population.truth, population.labels.astype(np.float32)
    logits = np.log(truth / (1 - truth)).astype(np.float32)
    patient = population.images["patient"].astype(str)
    part = np.where(population.images["patient"] % 3 == 0, "val", "test")
    rows = np.arange(len(labels))
    cases = pd.DataFrame({"id": rows.astype(str), "row": rows, "patient_id": patient, "split": part})
    images = population.images.assign(patient_id=patient)
    found = find({("bce", 0): Predictions(cases, NAMES, labels, logits)}, images)["columns"]
    gaps = {
        name: entry["recall@0.5"]["to_rest"]
        for name, entry in found["view"]["groups"]["AP"]["findings"].items()
    }
    assert [name for name, gap in gaps.items() if gap and gap["interval"]["bce"][0] > 0.2] == ["Effusion"]


def test_too_few_positives_are_counted_and_not_judged(planted):
    entry = find(*planted, plan(min_positives=60))["columns"]["view"]["groups"]["AP"]
    assert "expected 60 or more" in entry["findings"]["b"]["few"]
    assert entry["findings"]["b"]["auroc"] == {"here": None, "to_rest": None}
    assert (entry["macro"]["over"], entry["macro"]["to_rest_over"]) == (1, 1)
    assert entry["macro"]["auroc"]["here"]["bce"] == entry["findings"]["a"]["auroc"]["here"]["bce"]


def test_a_column_that_the_data_lacks_is_named_with_its_reason(planted):
    runs, images = planted
    found = find(runs, images.assign(sex=None), plan(columns=("sex", "view", "scanner")))
    assert found["absent"] == {
        "sex": "no case has a value",
        "scanner": "the data set has no such column",
    }
    assert list(found["columns"]) == ["view"]


def test_cases_without_a_value_are_counted_and_in_no_group(planted):
    runs, images = planted
    given = find(runs, images.assign(view=images["view"].where(images.index % 10 != 2)))["columns"]["view"]
    cases = sum(group["cases"] for group in given["groups"].values())
    assert given["unknown"] > 50
    assert cases + given["unknown"] == 800


def test_the_result_is_json(planted):
    json.dumps(find(*planted), allow_nan=False)


def test_images_of_another_index_are_refused(planted):
    runs, images = planted
    with pytest.raises(DataError, match="not those of the 1600 images"):
        find(runs, images.iloc[::-1].reset_index(drop=True))
    with pytest.raises(DataError, match="not those of the 10 images"):
        find(runs, images.head(10))


def test_a_group_that_varies_in_no_resample_has_no_interval_to_the_rest(planted):
    runs, images = planted
    low = {run: make(each.labels, each.logits - 50 * (run[0] == "bce"), list(each.cases["split"]),
                     list(each.cases["patient_id"])) for run, each in runs.items()}  # fmt: skip
    entry = find(low, images)["columns"]["view"]["groups"]["AP"]["findings"]["a"]["recall@0.5"]["to_rest"]
    assert (entry["bce"], entry["interval"]["bce"]) == (0, None)  # nothing is found, in whomever
    assert entry["interval"]["wbce"] is not None
