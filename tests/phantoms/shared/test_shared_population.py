"""How often oddities are planted, what they make of a file, and which populations are usable."""

import numpy as np
import pandas as pd
import pytest

from radpipe.phantoms.shared.population import (
    can_be_learned,
    can_be_split,
    compute_auroc,
    count_oddities,
    damage,
    deal_rows,
    find_oddity,
    find_positive_patients,
)


@pytest.mark.parametrize(("patients", "times"), [(10, 1), (140, 1), (160, 2), (300, 3)])
def test_oddities_grow_with_the_patients_and_are_there_once_at_least(patients, times):
    assert count_oddities({"a": 1, "b": 3}, patients, 100) == {"a": times, "b": 3 * times}


def test_rows_are_dealt_from_the_front():
    dealt = deal_rows(np.array([7, 3, 5, 9, 1]), {"a": 1, "b": 3})
    assert {kind: rows.tolist() for kind, rows in dealt.items()} == {"a": [7], "b": [3, 5, 9]}
    assert [find_oddity(dealt, row) for row in (7, 5, 1)] == ["a", "b", None]


@pytest.mark.parametrize(
    ("oddity", "content"), [("missing", None), ("empty", b""), ("truncated", b"ab"), (None, b"abc")]
)
def test_a_damaged_file_is_what_its_oddity_says(oddity, content):
    assert damage(b"abc", oddity, 2) == content


def test_auroc_counts_a_tie_as_one_half():
    # Pairs of a positive and a negative: 0.4 > 0.1, 0.4 = 0.4, 0.8 > 0.1, 0.8 > 0.4: 3.5 of 4.
    assert compute_auroc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([0, 0, 1, 1])) == 0.875


def test_a_patient_is_positive_with_any_positive_row():
    labels = np.array([[0, 1], [1, 0], [0, 0]])
    positive = find_positive_patients(labels, pd.Series([1, 1, 2]))
    assert positive.tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize(("least", "usable"), [((1, 2), True), ((2, 1), False), ((1, 3), False)])
def test_every_target_needs_patients_with_and_without_it(least, usable):
    positive = np.array([[True, False], [False, True], [False, False]])
    assert can_be_split(positive, *least) == usable


@pytest.mark.parametrize(
    ("scores", "usable"),
    [([1, 2, 3, 4, 5, 6], False), ([6, 5, 4, 3, 2, 1], False), ([1, 2, 4, 3, 5, 6], True)],  # last: 8 of 9
)
def test_truth_must_rank_labels_neither_perfectly_nor_backwards(scores, usable):
    labels = np.array([[0], [0], [0], [1], [1], [1]])
    assert can_be_learned(np.array(scores, float)[:, None], labels) == usable
