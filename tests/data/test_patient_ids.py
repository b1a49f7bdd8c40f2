"""Which spellings of an id are a candidate for one person, and which name nobody."""

import pandas as pd
import pytest
from specs import PATIENTS

from radpipe.config.readers import NoOptions
from radpipe.data.ids import classify_ids, find_candidates, names_nobody, normalise_id
from radpipe.data.patients import EXACT, KEYS, NORMALISED, spell_alike
from radpipe.errors import DataError


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("00A1", "A1"), ("0A1", "a1"), ("A.001", "A.1"), ("S1-001", "s1-1"), ("S1-001.0", "S1-1"), ("1.",
        "1"),
        ("1,0", "1"), ('="001"', "1"), ("1E+05", "100000"), ("1,5E+05", "150000"), ("P\u20131", "P-1"),
        ("P\u20111", "p-1"), ("P 001", "p1"), ("\uff11", "1"), ("001.0", "1"), ("a\u200b1", "A1"),
    ],
)  # fmt: skip
def test_a_spelling_of_the_same_id_has_its_key(one, other):
    assert normalise_id(one) == normalise_id(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A0B", "AB"), ("1.05", "1.5"), ("1.2.840.0", "1.2.840"), ("10", "1"), ("P10", "P1"), ("1.2.3",
        "1.2.30"),
        ("1.20.3", "1.2.3"), ("S10-1", "S1-01"), ("a-b", "ab"),
    ],
)  # fmt: skip
def test_another_id_has_another_key(one, other):
    assert normalise_id(one) != normalise_id(other)


@pytest.mark.parametrize(
    "word",
    [
        "", " ", "NA", "nan", "NULL", "None", "unknown", "-", "?", "#N/A", "ANONYMOUS", "#NAME?", "#NUM!",
        "#NV",
        "\\N", "\u2014", "\u2013", "???", "...", "_", "N.A", "(null)", "[None]", "none.", "undefined",
        "empty",
        "(blank)", "not provided", "unspecified", "unknown.0", "unknown patient", "XXXX", "Anonymous^",
        "Anonymous^Patient", "ANON^", "No Name", "<NA>", "de-identified",
    ],
)  # fmt: skip
def test_a_word_for_nobody_names_nobody(word):
    assert names_nobody(word)


@pytest.mark.parametrize(
    "word", ["P1", "Smith", "0", "00", "#12", "ANON123", "a", "xx", "ND", "Ka", "patient 3", "+", "Xaver"]
)
def test_an_id_names_somebody(word):
    assert not names_nobody(word)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_zero_among_its_neighbours_is_a_person_however_wide(width):
    ids = pd.Series([f"{number:0{width}}" for number in range(30) for _ in range(2)])
    assert not classify_ids(ids).nobody.any()


def test_a_zero_of_unusually_many_rows_is_nobody():
    ids = pd.Series(["0"] * 8 + ["1"] * 9 + [str(number) for number in range(2, 42)])
    found = classify_ids(ids)
    assert found.spellings[found.nobody].tolist() == ["0"]


@pytest.mark.parametrize("ids", [["0"] * 5, [""] * 5, ["NA", "0"]])
def test_a_column_that_names_nobody_at_all_is_no_crash(ids):
    found = classify_ids(pd.Series(ids))
    assert found.nobody.all()
    assert find_candidates(found) == []


TABLES = [("a.csv", pd.Series(["11", "7"], [2, 3])), ("b.csv", pd.Series(["011", "7", "9"], [2, 3, 4]))]


def test_ids_of_joined_tables_are_asked_about_with_both_lines():
    with pytest.raises(DataError, match=r"1 ids .* '11' in line 2 of a.csv and '011' in line 2 of b.csv"):
        spell_alike(TABLES, NoOptions(**PATIENTS))


def test_ids_of_joined_tables_are_spelled_as_in_the_first_or_left():
    same = NoOptions(**PATIENTS | {"patient_ids": "normalised"})
    assert spell_alike(TABLES, same) == ({"011": "11"}, {NORMALISED.format(KEYS[0]): 1})
    apart = NoOptions(**PATIENTS | {"patient_ids": "exact"})
    assert spell_alike(TABLES, apart) == ({}, {EXACT.format(KEYS[0]): 1})
    assert spell_alike(TABLES[:1] * 2, NoOptions(**PATIENTS)) == ({}, {})
