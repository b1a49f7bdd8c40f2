"""How often oddities are planted, and what they make of a file."""

import numpy as np
import pytest

from radpipe.phantoms.shared.oddities import count_oddities, damage, deal


@pytest.mark.parametrize(("patients", "times"), [(10, 1), (140, 1), (160, 2), (300, 3)])
def test_oddities_grow_with_the_patients_and_are_there_once_at_least(patients, times):
    assert count_oddities({"a": 1, "b": 3}, patients, 100) == {"a": times, "b": 3 * times}


def test_rows_are_dealt_from_the_front():
    dealt = deal(np.array([7, 3, 5, 9, 1]), {"a": 1, "b": 3})
    assert {kind: rows.tolist() for kind, rows in dealt.items()} == {"a": [7], "b": [3, 5, 9]}


@pytest.mark.parametrize(
    ("oddity", "content"), [("missing", None), ("empty", b""), ("truncated", b"ab"), (None, b"abc")]
)
def test_a_damaged_file_is_what_its_oddity_says(oddity, content):
    assert damage(b"abc", oddity, 2) == content
