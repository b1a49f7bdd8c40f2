import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from radpipe.evaluation.competition_scores.lumbar import (
    SEVERITIES,
    compute_lumbar_score,
    compute_weighted_log_loss,
    renormalise,
)

SPINAL, LEFT, RIGHT, SUBARTICULAR = (
    "spinal_canal_stenosis",
    "left_neural_foraminal_narrowing",
    "right_neural_foraminal_narrowing",
    "left_subarticular_stenosis",
)
LEVELS = 5


def grades(*rows):
    return pd.DataFrame(rows, columns=["study_id", "condition", "severity", *SEVERITIES])


def draw(studies=40):
    random = np.random.default_rng(0)
    conditions = [SPINAL, LEFT, RIGHT, SUBARTICULAR, SUBARTICULAR.replace("left", "right")]
    keys = [(study, name) for study in range(studies) for name in conditions for _ in range(LEVELS)]
    table = pd.DataFrame(keys, columns=["study_id", "condition"])
    table["severity"] = random.choice([0, 1, 2, np.nan], len(table), p=[0.6, 0.2, 0.15, 0.05])
    table[list(SEVERITIES)] = random.uniform(0.05, 1, (len(table), 3))
    return table


def test_severe_places_weigh_four_and_moderate_ones_two():
    probabilities = np.array([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    # (1 log 2 + 2 log 4 + 4 log 2) / 7
    assert compute_weighted_log_loss(np.array([0, 1, 2]), probabilities) == pytest.approx(9 / 7 * np.log(2))


def test_the_trivial_constants_are_those_of_the_published_counts():
    counts = np.array([37_754, 7_960, 3_089])
    severity = np.repeat(np.arange(3), counts)
    best = counts * [1, 2, 4] / np.sum(counts * [1, 2, 4])
    third = np.full((len(severity), 3), 1 / 3)
    assert compute_weighted_log_loss(severity, third) == pytest.approx(1.0986, abs=5e-5)
    assert compute_weighted_log_loss(severity, np.tile(best, (len(severity), 1))) == pytest.approx(
        0.975, abs=2e-3
    )


def test_predictions_are_renormalised():
    np.testing.assert_allclose(renormalise(np.array([[1.0, 1.0, 2.0], [0, 0, 0]])),
                               [[0.25, 0.25, 0.5], [1 / 3, 1 / 3, 1 / 3]])  # fmt: skip


def test_the_score_worked_out_by_hand():
    found = compute_lumbar_score(
        grades(
            ("a", SPINAL, 0, 0.5, 0.25, 0.25),
            ("a", SPINAL, 2, 0.25, 0.25, 0.5),  # study a: severe, predicted 1/2, weight 4
            ("b", SPINAL, 1, 0.25, 0.5, 0.25),  # study b: not severe, predicted 1/4, weight 2
            ("a", LEFT, 0, 1.0, 0.5, 0.5),
            ("a", RIGHT, 2, 0.5, 0.25, 0.25),
            ("a", SUBARTICULAR, 1, 0.25, 0.5, 0.25),
            ("b", SUBARTICULAR, np.nan, 0.0, 0.0, 1.0),
        )
    )
    two = np.log(2)
    assert found["spinal"] == pytest.approx((1 + 4 + 2) * two / 7)
    assert found["foraminal"] == pytest.approx((1 * two + 4 * 2 * two) / 5)
    assert found["subarticular"] == pytest.approx(two)
    assert found["any_severe_spinal"] == pytest.approx((4 * two + 2 * np.log(4 / 3)) / 6)
    assert found["score"] == pytest.approx(np.mean([found[name] for name in list(found)[:4]]))


def test_the_score_is_that_of_scikit_learns_log_loss():
    table = draw()
    known = table.dropna().copy()
    known[list(SEVERITIES)] = known[list(SEVERITIES)].div(known[list(SEVERITIES)].sum(axis=1), axis=0)
    known["weight"] = known["severity"].map({0: 1, 1: 2, 2: 4})
    losses = []
    for word in ("spinal", "foraminal", "subarticular"):
        rows = known[known["condition"].str.contains(word)]
        losses.append(log_loss(rows["severity"], rows[list(SEVERITIES)], sample_weight=rows["weight"]))
    spinal = known[known["condition"] == SPINAL].assign(label=lambda rows: rows["severity"] == 2)
    studies = spinal.groupby("study_id")[["label", "severe", "weight"]].max()
    losses.append(log_loss(studies["label"], studies["severe"], sample_weight=studies["weight"]))
    assert list(compute_lumbar_score(table).values()) == pytest.approx([*losses, np.mean(losses)], rel=1e-12)


def test_a_group_without_a_grade_is_undefined_and_left_out():
    found = compute_lumbar_score(grades(("a", LEFT, 0, 0.5, 0.25, 0.25)))
    assert np.isnan(found["spinal"])
    assert np.isnan(found["any_severe_spinal"])
    assert found["score"] == pytest.approx(np.log(2))
    assert np.isnan(compute_lumbar_score(grades())["score"])
