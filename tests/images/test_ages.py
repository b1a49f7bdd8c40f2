"""Ages of headers and tables in years."""

import numpy as np
import pandas as pd
import pytest

from radpipe.images.ages import parse_age, parse_ages


@pytest.mark.parametrize(
    ("text", "years"),
    [("060Y", 60), ("51", 51), ("006M", 0.5), ("000D", 0), ("120Y", 120), ("052W", 52 * 7 / 365.25)],
)
def test_an_age_becomes_years(text, years):
    assert parse_age(text) == pytest.approx(years)


@pytest.mark.parametrize("text", ["155", "411Y", "121Y", "", None, "-1Y", "Y", "sixty", "1060Y"])
def test_an_impossible_age_is_unknown(text):
    assert np.isnan(parse_age(text))


def test_more_digits_than_dicom_has_are_read_in_a_published_table_alone():
    assert np.isnan(parse_age("1461D"))
    assert parse_ages(pd.Series([" 1461D "])).to_list() == [4]


def test_ages_of_both_versions_become_years_and_impossible_ones_unknown():
    ages = parse_ages(pd.Series(["57", "060Y", "006M", "411Y", "414", "", "x", None]))
    assert ages[:3].tolist() == [57, 60, 0.5]
    assert ages[3:].isna().all()
    assert ages.dtype == np.float32


def test_a_column_without_any_age_is_unknown_throughout():
    assert parse_ages(pd.Series([None, "x"], dtype="str")).isna().all()
