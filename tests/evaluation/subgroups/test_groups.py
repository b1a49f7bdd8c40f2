import numpy as np
import pandas as pd

from radpipe.evaluation.subgroups.groups import divide


def test_ages_are_cut_where_a_band_ends():
    ages = pd.Series([2.0, 39.9, 40, 60, 88, np.nan], name="age", dtype="float32")
    found = divide(ages, [40, 60])
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "under 40": [True, True, False, False, False, False],
        "40 to under 60": [False, False, True, False, False, False],
        "60 and over": [False, False, False, True, True, False],
    }


def test_bands_without_a_case_are_left_out():
    assert list(divide(pd.Series([70.0, 71], name="age"), [40, 60])) == ["60 and over"]


def test_values_are_groups_and_unknown_ones_are_in_none():
    found = divide(pd.Series(["PA", "AP", None, "AP"], name="view"), [])
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "AP": [False, True, False, True],
        "PA": [True, False, False, False],
    }


def test_what_is_no_grouping_says_why():
    assert divide(pd.Series([None, None], name="sex", dtype="str"), []) == "no case has a value"
    assert divide(pd.Series(["F", "F"], name="sex"), []) == "all cases are alike (F)"
    assert divide(pd.Series(range(13), name="follow_up"), []) == "13 different values, expected at most 12"
