import numpy as np
import pandas as pd
import pytest

from radpipe.data.cells import WORDS, is_unknown, parse_labels, parse_numbers, refuse_columns, select_columns
from radpipe.data.delimited_text import DelimitedText
from radpipe.errors import DataError


def build(cells, separator=",", name="x"):
    table = pd.DataFrame({name: cells}, index=range(2, 2 + len(cells)), dtype="str")
    return DelimitedText("mine.csv", table, separator)


@pytest.mark.parametrize(
    ("cell", "separator", "number"),
    [
        ("20.5", ",", 20.5), ("20,5", ";", 20.5), ("20,5", ",", 20.5), ("0,123", ",", 0.123),
        ("1,234", ";", 1.234), ("-1,5", "\t", -1.5), ("1e-3", ",", 0.001), (" 7 ", ",", 7.0),
        (".5", ",", 0.5),
        ("", ",", np.nan), ("NA", ",", np.nan), ("nan", ",", np.nan), ("#N/A", ",", np.nan),
    ],
)  # fmt: skip
def test_a_number_may_have_a_decimal_comma(cell, separator, number):
    np.testing.assert_equal(parse_numbers(build([cell], separator), "x").to_list(), [number])


@pytest.mark.parametrize("cell", ["1,234", "1.234,5", "12 mm", "1,2,3", "inf", "1e999", "0x10", "1_000", "٣"])
def test_what_is_no_number_or_may_be_two_is_refused_with_line_column_and_text(cell):
    with pytest.raises(DataError, match=r"mine.csv: line 3 holds '.*' in column 'x', expected a number"):
        parse_numbers(build(["1", cell]), "x")


def test_words_for_nothing_known_are_known_in_any_case():
    cells = build(["", "NA", "nan", "None", "NULL", "#N/A", "[]", "Unknown", "?", "-", "0", "mass"]).cells[
        "x"
    ]
    assert is_unknown(cells).to_list() == [True] * 10 + [False] * 2


def test_labels_are_read_from_numbers_and_truth_values():
    cells = ["0", "1", "0.00", "1,0", "True", "FALSE", "", "NA"]
    labels, notes = parse_labels(build(cells), ["x"], "refuse", "--uncertain")
    np.testing.assert_array_equal(labels["x"], np.float32([0, 1, 0, 1, 1, 0, np.nan, np.nan]))
    assert labels["x"].dtype == np.float32
    assert notes == {WORDS: 1}


@pytest.mark.parametrize(("meaning", "label"), [("unknown", np.nan), ("positive", 1), ("negative", 0)])
def test_the_user_says_what_minus_one_means_and_it_is_counted(meaning, label):
    labels, notes = parse_labels(build(["-1", "-1.0", "1"]), ["x"], meaning, "--uncertain")
    np.testing.assert_array_equal(labels["x"], np.float32([label, label, 1]))
    assert notes == {f"labels of -1 (uncertain), taken for {meaning} (--uncertain)": 2}


def test_minus_one_is_refused_until_the_user_says_what_it_means():
    message = r"line 3 holds -1 \(uncertain\?\) in column 'x'; set --uncertain to unknown, positive or neg"
    with pytest.raises(DataError, match=message):
        parse_labels(build(["1", "-1"]), ["x"], "refuse", "--uncertain")


@pytest.mark.parametrize("cell", ["2", "yes", "u", "0.5", "-2"])
def test_any_other_label_is_refused_with_its_line(cell):
    with pytest.raises(DataError, match=f"line 3 holds '{cell}' in column 'x', expected 0, 1 or nothing"):
        parse_labels(build(["1", cell]), ["x"], "unknown", "--uncertain")


def test_a_missing_column_is_named_with_what_is_like_it():
    with pytest.raises(DataError, match=r"no column 'X' \(options.path\); did you mean 'x'\?"):
        refuse_columns(build(["1"]), [("path", "X")])
    with pytest.raises(DataError, match=r"columns \['y'\] are missing; found x. Is this the file of the NIH"):
        select_columns(build(["1"]), ["x", "y"], "NIH")
