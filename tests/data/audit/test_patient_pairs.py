"""Two patients are a pair with two near-duplicates that have no image in common, however they arrive."""

import numpy as np
import pandas as pd
import pytest

from radpipe.data.audit import patient_pairs

PATIENTS = np.array([0, 0, 0, 1, 1, 1, 2, 2])  # of images 0 to 7
ROWS = pd.Series(range(100, 108))


def describe(*pairs, most_bits=10):
    """Describe pairs of images (first, second, differing bits)."""
    given = [np.array([pair]) for pair in pairs]
    return patient_pairs.describe_patient_pairs(given, PATIENTS, ROWS, most_bits)


def test_without_near_duplicates_there_is_no_pair():
    assert describe() == {"pairs": [0] * 11, "listed": []}


def test_two_pairs_of_different_images_count_at_the_distance_of_the_second():
    found = describe((0, 3, 2), (1, 4, 5))
    assert found["pairs"] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert found["listed"] == [{"rows": [100, 101, 103, 104], "distance": 5}]


@pytest.mark.parametrize(
    "pairs",
    [
        [(0, 3, 2)],  # one
        [(0, 3, 2), (0, 4, 2), (0, 5, 3)],  # all with image 0
        [(0, 3, 2), (1, 3, 2)],  # all with image 3
        [(0, 3, 2), (1, 6, 2)],  # of different patients
    ],
)
def test_one_image_or_one_pair_makes_no_pair_of_patients(pairs):
    assert sum(describe(*pairs)["pairs"]) == 0


def test_images_that_all_resemble_each_other_count_once_at_the_first_two_without_a_common_image():
    found = describe((0, 3, 1), (0, 4, 2), (1, 3, 4), (1, 4, 9), (2, 5, 9))
    assert found["pairs"].index(1) == 4  # 0-4 and 1-3
    assert found["listed"] == [{"rows": [100, 101, 103, 104], "distance": 4}]


def test_patients_are_told_apart_and_the_closest_come_first():
    found = describe((0, 3, 6), (1, 4, 7), (3, 6, 1), (4, 7, 2), (0, 6, 3))
    assert [(pair["rows"], pair["distance"]) for pair in found["listed"]] == [
        ([103, 104, 106, 107], 2),
        ([100, 101, 103, 104], 7),
    ]


def test_leaving_out_what_decides_nothing_changes_no_count():
    random = np.random.default_rng(0)
    first, second, bits = random.integers(0, 3, 300), random.integers(3, 8, 300), random.integers(0, 11, 300)
    pairs = np.column_stack([first, second, bits])
    whole = describe(*pairs)["pairs"]
    assert sum(whole) == 2
    for order in (1, -1):
        kept = np.empty((0, 3), np.int64)
        for pair in pairs[::order]:
            kept = patient_pairs.reduce_pairs([kept, pair[None]], PATIENTS)
        assert len(kept) <= 6
        assert describe(*kept)["pairs"] == whole


def test_counts_agree_with_a_search_by_hand():
    random = np.random.default_rng(1)
    pairs = [(a, b, random.integers(0, 11)) for a in range(3) for b in range(3, 6) if random.random() < 0.7]
    apart = [
        max(one[2], other[2]) for one in pairs for other in pairs if one[0] != other[0] and one[1] != other[1]
    ]
    assert describe(*pairs)["pairs"].index(1) == min(apart)
