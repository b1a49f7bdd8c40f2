"""Which populations are usable."""

import numpy as np
import pandas as pd
import pytest

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.shared import selection
from radpipe.phantoms.shared.selection import (
    auroc,
    can_be_learned,
    can_be_split,
    choose,
    positive_patients,
)

SPEC = PhantomSpec(kind="chest", seed=5, patients=60, size=32)


def test_auroc_counts_a_tie_as_one_half():
    # Pairs of a positive and a negative: 0.4 > 0.1, 0.4 = 0.4, 0.8 > 0.1, 0.8 > 0.4: 3.5 of 4.
    assert auroc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([0, 0, 1, 1])) == 0.875


def test_a_patient_is_positive_with_any_positive_row():
    labels = np.array([[0, 1], [1, 0], [0, 0]])
    positive = positive_patients(labels, pd.Series([1, 1, 2]))
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


def test_the_first_usable_population_is_chosen_by_its_own_generator():
    def draw(rng):
        drawn.append(int(rng.integers(1000)))
        return drawn[-1] if len(drawn) == 3 else None

    drawn = []
    expected = int(np.random.default_rng([5, 0, 2]).integers(1000))
    assert choose(SPEC, draw, "", "") == expected


def test_none_usable_names_what_was_lacking(monkeypatch):
    monkeypatch.setattr(selection, "REDRAWS", 2)
    with pytest.raises(
        ConfigError, match="60 patients from seed 5 gave too few cats in 2 tries, expected 9:"
    ):
        choose(SPEC, lambda _: None, "cats", "9")
