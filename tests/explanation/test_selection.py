import numpy as np
import pandas as pd
import pytest

from radpipe.explanation import selection
from radpipe.predictions import Predictions


def predict(logits, labels, patients=None):
    """Return one finding's test part; rows of the index start at 100."""
    number = len(labels)
    cases = pd.DataFrame(
        {
            "id": [f"image{i}" for i in range(number)],
            "row": np.arange(number) + 100,
            "patient_id": list(patients or range(number)),
            "split": "test",
        }
    )
    columns = [np.array(values, np.float32)[:, None] for values in (labels, logits)]
    return Predictions(cases, ("Mass",), *columns)


def chosen(shown, kind, arm):
    return shown[(shown["kind"] == kind) & (shown["arm"] == arm)]["position"].to_list()


LABELS = [1, 1, 1, 1, 0, 0, 0, np.nan]
PLAIN = predict([3, -2, 1, 0, -4, 2, -1, 9], LABELS)


def test_the_surest_positives_the_least_sure_ones_and_the_surest_negatives():
    shown = selection.choose_cases({"bce": PLAIN}, 1)
    assert chosen(shown, "found", "bce") == [0]
    assert chosen(shown, "missed", "bce") == [1]
    assert chosen(shown, "alarm", "bce") == [5]
    assert set(shown["kind"]) == {"found", "missed", "alarm"}  # one arm cannot disagree


def test_a_case_of_unknown_label_is_never_chosen():
    assert 7 not in selection.choose_cases({"bce": PLAIN, "wbce": PLAIN}, 10)["position"].to_list()


def test_no_positive_is_found_and_missed():
    shown = selection.choose_cases({"bce": PLAIN}, 3)
    assert chosen(shown, "found", "bce") == [0, 2, 3]
    assert chosen(shown, "missed", "bce") == [1]


def test_equal_logits_keep_the_order_of_the_cases():
    shown = selection.choose_cases({"bce": predict([1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0])}, 2)
    assert chosen(shown, "found", "bce") == [0, 1]
    assert chosen(shown, "missed", "bce") == [2]
    assert chosen(shown, "alarm", "bce") == [3, 4]


def test_the_images_of_a_kind_are_of_different_patients():
    twice = predict([5, 4, 3, 2], [1, 1, 1, 1], patients=["a", "a", "b", "b"])
    assert chosen(selection.choose_cases({"bce": twice}, 2), "found", "bce") == [0, 2]


def test_places_count_from_the_highest_logit_among_known_labels_and_equal_ones_share():
    found = selection.rank_cases(np.array([1, 0, np.nan, 0, 1]), np.array([0.5, 2.0, 9.0, 0.5, -1.0]))
    np.testing.assert_array_equal(found, [2, 1, np.nan, 2, 4])


def test_disagreement_is_the_ratio_of_places():
    labels = np.array([1, 0, 0, 0, np.nan], np.float32)
    logits = {
        "bce": np.array([4, 3, 2, 1, 0], np.float32),
        "wbce": np.array([2, 4, 1, 3, 0], np.float32),
    }  # places 1 2 3 4 against 3 1 4 2
    expected = np.log([3, 2, 4 / 3, 2, 1])
    np.testing.assert_allclose(selection.measure_disagreement(labels, logits), expected, atol=1e-12)


def test_a_shift_of_all_logits_is_no_disagreement():
    shifted = predict(PLAIN.logits[:, 0] * 2 + 3, LABELS)
    shown = selection.choose_cases({"bce": PLAIN, "wbce": shifted}, 5)
    assert "disagreement" not in set(shown["kind"])
    assert chosen(shown, "found", "wbce") == chosen(shown, "found", "bce")


def test_the_cases_of_the_largest_disagreement_come_first():
    other = predict([-3, -2, 1, 0, -4, 2, -1, 9], LABELS)  # case 0 falls from place 1 to place 6
    shown = selection.choose_cases({"bce": PLAIN, "wbce": other}, 1)
    assert chosen(shown, "disagreement", "") == [0]


def test_nothing_is_chosen_when_nothing_is_wanted():
    shown = selection.choose_cases({"bce": PLAIN, "wbce": PLAIN}, 0)
    assert shown.empty
    assert list(shown) == selection.COLUMNS


def test_cases_are_described_by_row_label_probability_and_place():
    arms = {"bce": PLAIN}
    shown = selection.choose_cases(arms, 1)
    pairs = shown[["finding", "position"]].drop_duplicates(ignore_index=True)
    found = selection.describe_cases(arms, shown, pairs)["Mass"]
    assert (found["known"], found["positives"]) == (7, 4)
    assert found["groups"][0] == {"kind": "found", "arm": "bce", "rows": [100]}
    first = found["cases"][0]
    assert first["probability"]["bce"] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)
    assert {**first, "probability": 0} == {
        "row": 100,
        "label": 1,
        "map": 0,
        "probability": 0,
        "place": {"bce": 1},
    }


def test_a_finding_without_positives_shows_its_surest_negatives_alone():
    shown = selection.choose_cases({"bce": predict([0, 1], [0, 0])}, 1)
    assert shown["kind"].to_list() == ["alarm"]
