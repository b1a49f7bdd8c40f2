"""Sex, age, view and other groups, whoever wrote them."""

import numpy as np
import pandas as pd
import pytest

from radpipe.config.columns import name_columns
from radpipe.data.demographics import (
    IMPOSSIBLE,
    OTHER_SEXES,
    OTHER_VIEWS,
    parse_age,
    parse_ages,
    parse_sex,
    read_demographics,
)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("060Y", 60), ("51", 51), ("006M", 0.5), ("000D", 0), ("120Y", 120), ("052W", 52 * 7 / 365.25),
        ("57.5", 57.5), ("57,5", 57.5), ("57.0", 57), ("57y", 57), (" 57 Years ", 57), ("57 years old", 57),
        ("6 months", 0.5), ("6mo", 0.5), ("3 weeks", 21 / 365.25), ("1461D", 4), ("90+", 90), ("57 y/o", 57),
    ],
)  # fmt: skip
def test_an_age_becomes_years(text, years):
    assert parse_age(text) == pytest.approx(years)


@pytest.mark.parametrize(
    "text", ["155", "411Y", "121Y", "", None, "-1Y", "Y", "sixty", "1060Y", "57 kg", "1957-03-02"]
)
def test_an_impossible_age_is_unknown(text):
    assert np.isnan(parse_age(text))


def test_a_column_of_ages_is_float32_and_missing_where_there_is_none():
    ages = parse_ages(pd.Series(["57", "060Y", "006M", "411Y", "414", "", "x", None]))
    assert ages[:3].tolist() == [57, 60, 0.5]
    assert ages[3:].isna().all()
    assert ages.dtype == np.float32
    assert parse_ages(pd.Series([None, "x"], dtype="str")).isna().all()


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("F", "F"), ("f ", "F"), ("Female", "F"), ("WOMAN", "F"), ("w", "F"), ("M", "M"), ("male ", "M"),
        ("männlich", "M"), ("O", None), ("0", None), ("1", None), ("2", None), ("x", None), ("", None),
    ],
)  # fmt: skip
def test_a_sex_is_f_or_m_or_unknown(text, sex):
    assert parse_sex(text) == sex


def test_no_group_appears_under_two_spellings():
    cells = pd.DataFrame(
        {
            "sex": ["F", "female", "f ", "M", "O", "NA"],
            "age": ["57", "057Y", "57,0", "200", "abc", ""],
            "view": ["pa", "PA ", "Pa", "postero-anterior", "AP supine", "ap  Supine"],
            "Scanner": ["GE", "GE", "ge", " Siemens", "Siemens", "None"],
        },
        dtype="str",
    )
    known, notes = read_demographics(cells)
    assert known["sex"].value_counts().to_dict() == {"F": 3, "M": 1}
    assert known["age"].value_counts().to_dict() == {57: 3}
    assert known["view"].value_counts().to_dict() == {"PA": 4, "AP supine": 2}
    assert known["Scanner"].value_counts().to_dict() == {"GE": 3, "Siemens": 2}
    assert notes == {
        OTHER_SEXES: 1,
        IMPOSSIBLE: 2,
        OTHER_VIEWS: 2,
        "values of view in another spelling of their group": 5,
        "values of Scanner in another spelling of their group": 2,
    }


def test_clean_columns_stay_as_they_are_and_nothing_is_counted():
    cells = pd.DataFrame({"sex": ["F", "M"], "view": ["PA", "AP"], "site": ["a b", "c"]}, dtype="str")
    known, notes = read_demographics(cells)
    pd.testing.assert_frame_equal(known, cells)
    assert notes == {}


def test_columns_of_these_names_are_known_in_capitals():
    assert [*name_columns(["Sex", "AGE", "View", "Site"]).values()] == ["sex", "age", "view", "Site"]


def test_other_names_are_understood_where_no_column_has_the_name_itself():
    columns = ["Patient Age", "Gender", "View_Position", "PatientSex"]
    assert [*name_columns(columns).values()] == ["age", "sex", "view", "PatientSex"]
    assert [*name_columns(["Gender", "sex"]).values()] == ["Gender", "sex"]
    assert [*name_columns(["G\u00e9nero", "AP/PA"]).values()] == ["sex", "view"]


@pytest.mark.parametrize(
    "text", ["PA", "pa", "P/A", "P A", "p. a.", "p.a", "PA.", "PA view", "Chest PA", "postero anterior"]
)
def test_every_spelling_of_a_view_is_that_view(text):
    known, _ = read_demographics(pd.DataFrame({"view": [text]}, dtype="str"))
    assert known["view"].to_list() == ["PA"]


@pytest.mark.parametrize("text", ["F", "\uff26", "F.", "'F", "female", "w"])
def test_every_spelling_of_a_sex_is_that_sex(text):
    known, _ = read_demographics(pd.DataFrame({"sex": [text]}, dtype="str"))
    assert known["sex"].to_list() == ["F"]


@pytest.mark.parametrize(
    "text", ["57", "057Y", "57 y.o.", "57 Jahre", "57\u00a0Y", "57 years old", "57,0", "57 yo"]
)
def test_every_spelling_of_an_age_is_that_age(text):
    known, _ = read_demographics(pd.DataFrame({"age": [text]}, dtype="str"))
    assert known["age"].to_list() == [57]


@pytest.mark.parametrize(
    "spellings",
    [
        ["1", "1.0", "01", "1,0"],
        ["Site_A", "Site A", "site a"],
        ["Sit\u00e9", "Site\u0301"],
        ["A\u200b", "a"],
    ],
)
def test_spellings_of_a_group_are_one_group(spellings):
    known, _ = read_demographics(pd.DataFrame({"site": spellings}, dtype="str"))
    assert len(set(known["site"])) == 1
