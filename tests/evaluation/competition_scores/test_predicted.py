import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from radpipe.errors import ConfigError
from radpipe.evaluation.competition_scores.hemorrhage import WEIGHTS
from radpipe.evaluation.competition_scores.predicted import compute_score, repair_cumulative, tabulate_grades
from radpipe.predictions import Predictions

GRADE = "spinal_canal_stenosis_l1_l2"
THREE = tuple(f"{GRADE}:{name}" for name in ("normal_mild", "moderate", "severe"))
NAN = np.nan


def make(targets, labels, probabilities, patients=None):
    labels, p = np.array(labels, np.float32), np.array(probabilities)
    cases = pd.DataFrame({"patient_id": patients or [f"p{k}" for k in range(len(labels))]})
    return Predictions(cases, tuple(targets), labels, np.log(p / (1 - p)).astype(np.float32))


def test_the_haemorrhage_score_weighs_any_twice():
    labels = np.eye(6)[[0, 0]]
    probabilities = [[0.5] * 6] * 2
    found = compute_score("hemorrhage", make(WEIGHTS, labels, probabilities))
    assert found["value"] == pytest.approx(np.log(2))
    assert (found["better"], found["over"], found["of"]) == ("lower", 6, 6)
    assert list(found["parts"]) == list(WEIGHTS)


def test_dropped_and_unknown_targets_are_counted_and_null():
    found = compute_score("hemorrhage", make(("any", "subdural"), [[1, NAN]], [[0.5, 0.9]]))
    assert (found["value"], found["over"]) == (pytest.approx(np.log(2)), 2)
    assert found["parts"]["subdural"] is None


def test_a_score_of_other_targets_is_refused_and_none_is_none():
    predictions = make(("Mass",), [[1]], [[0.5]])
    assert compute_score("none", predictions) is None
    for name in ("hemorrhage", "lumbar", "classes"):
        with pytest.raises(ConfigError, match=f"evaluate.score: {name} knows none of the targets"):
            compute_score(name, predictions)


def test_a_study_is_the_mean_of_its_images_that_carry_the_grade():
    labels = [[0, 1, 0], [0, 1, 0], [NAN] * 3, [1, 0, 0]]
    probabilities = [[0.2, 0.4, 0.4], [0.4, 0.4, 0.2], [0.1, 0.1, 0.8], [0.5, 0.25, 0.25]]
    table = tabulate_grades(make(THREE, labels, probabilities, ["a", "a", "a", "b"]))
    assert table["study_id"].tolist() == ["a", "b"]
    assert table["severity"].tolist() == [1, 0]
    assert table["condition"].unique().tolist() == ["spinal_canal_stenosis"]
    np.testing.assert_allclose(table[["normal_mild", "moderate", "severe"]],
                               [[0.3, 0.4, 0.3], [0.5, 0.25, 0.25]], rtol=1e-6)  # fmt: skip


def test_cumulative_targets_give_three_probabilities_and_contradictions_are_repaired():
    np.testing.assert_allclose(repair_cumulative(np.array([[0.75, 0.25], [0.2, 0.6]])),
                               [[0.25, 0.5, 0.25], [0.8 / 1.001, 0.001 / 1.001, 0.2 / 1.001]])  # fmt: skip
    table = tabulate_grades(make(THREE[1:], [[0, 0], [1, 0], [1, 1]], [[0.75, 0.25]] * 3))
    assert table["severity"].tolist() == [0, 1, 2]
    np.testing.assert_allclose(table[["normal_mild", "moderate", "severe"]], [[0.25, 0.5, 0.25]] * 3)


def test_both_encodings_of_the_same_probabilities_score_the_same():
    random = np.random.default_rng(0)
    severity, three = random.integers(0, 3, 30), random.dirichlet([1, 1, 1], 30)
    classes = make(THREE, np.eye(3)[severity], three)
    steps = make(
        THREE[1:], severity[:, None] >= [1, 2], np.stack([three[:, 1] + three[:, 2], three[:, 2]], axis=1)
    )
    one, other = compute_score("lumbar", classes), compute_score("lumbar", steps)
    assert one["value"] == pytest.approx(other["value"], rel=1e-5)
    for name in ("spinal", "any_severe_spinal", "accuracy", "macro_f1"):
        assert one["parts"][name] == pytest.approx(other["parts"][name], rel=1e-5)
    assert one["parts"]["foraminal"] is None
    assert set(one["parts"]) == {
        "spinal", "foraminal", "subarticular", "any_severe_spinal", "accuracy", "macro_f1",
    }  # fmt: skip
    assert (one["over"], one["of"]) == (1, 25)


def test_a_grade_that_lost_a_class_is_left_out():
    assert tabulate_grades(make(THREE[1:2], [[1]], [[0.5]])).empty


def test_classes_are_scored_by_the_most_probable_one():
    labels = [[1, 0, 0], [0, 1, 0], [0, 1, 0], [NAN, NAN, 0], [0, 0, 1]]
    probabilities = [[0.6, 0.3, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.2, 0.7]]
    found = compute_score("classes", make(("Normal", "Not_normal", "Opacity"), labels, probabilities))
    assert found["value"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert found["parts"] == {"accuracy": 0.75}
    assert found["confusion"] == {
        "classes": ["Normal", "Not_normal", "Opacity"],
        "counts": [[1, 0, 0], [1, 1, 0], [0, 0, 1]],
    }


def test_severities_of_all_grades_are_confused_together():
    # Most probable: 0.3, 0.5, 0.2 moderate; 0.6, 0.1, 0.3 normal; 0.1, 0.1, 0.8 severe.
    found = compute_score(
        "lumbar", make(THREE[1:], [[0, 0], [1, 1], [1, 1]], [[0.7, 0.2], [0.4, 0.3], [0.9, 0.8]])
    )
    assert found["confusion"] == {
        "classes": ["normal_mild", "moderate", "severe"],
        "counts": [[0, 1, 0], [0, 0, 0], [1, 0, 1]],
    }


def test_grades_of_different_classes_have_no_common_confusion():
    targets = ("a:no", "a:yes", "b:low", "b:high")
    found = compute_score("classes", make(targets, [[1, 0, 0, 1]], [[0.9, 0.1, 0.2, 0.8]]))
    assert (found["value"], "confusion" in found) == (1, False)


def test_cumulative_probabilities_become_three_classes_and_contradictions_are_lowered_first():
    # 0.7 and 0.2: 0.3, 0.5, 0.2. Severe at 0.9 contradicts 0.4 for moderate or worse: severe becomes 0.4.
    # What is left with nothing gets 0.001, before the three are divided by their sum.
    found = repair_cumulative(np.array([[0.7, 0.2], [0.4, 0.9], [0, 0], [1, 1]]))
    one, two = 1.001, 1.002
    np.testing.assert_allclose(found, [[0.3, 0.5, 0.2], [0.6 / one, 0.001 / one, 0.4 / one],
                                       [1 / two, 0.001 / two, 0.001 / two],
                                       [0.001 / two, 0.001 / two, 1 / two]])  # fmt: skip


def test_a_contradiction_costs_a_moderate_grade_7_and_not_36():
    # P(>= moderate) = 0.5 and P(severe) = 0.8: (0.5, 0.001, 0.5) / 1.001, and the grade is moderate.
    # Spinal: -log(0.001 / 1.001) = log(1001). Any severe, no: -log(1 - 0.5 / 1.001) = log(1001 / 501).
    found = compute_score("lumbar", make(THREE[1:], [[1, 0]], [[0.5, 0.8]]))
    spinal, severe = np.log(1001), np.log(1001 / 501)
    assert found["parts"]["spinal"] == pytest.approx(spinal)
    assert found["parts"]["any_severe_spinal"] == pytest.approx(severe)
    assert found["value"] == pytest.approx((spinal + severe) / 2)
    ours = repair_cumulative(np.array([[0.5, 0.8]]))
    assert log_loss([1], ours, labels=[0, 1, 2]) == pytest.approx(found["parts"]["spinal"])
    assert log_loss([1], np.array([[0.5, 0, 0.5]]), labels=[0, 1, 2]) == pytest.approx(36.04, abs=0.01)


def test_repair_takes_any_number_of_leading_axes():
    found = repair_cumulative(np.random.default_rng(0).random((2, 3, 2), np.float32))
    assert found.shape == (2, 3, 3)
    assert found.min() >= 0.001 / 1.002
    np.testing.assert_allclose(found.sum(axis=-1), 1)
