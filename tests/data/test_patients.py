import pandas as pd
import pytest
from specs import PATIENTS

from radpipe.config.readers import NoOptions
from radpipe.data.ids import classify_ids, find_candidates, normalise_id
from radpipe.data.index import Index
from radpipe.data.patients import DROPPED, EXACT, KEYS, NORMALISED, OWN_PERSON, PUBLISHED, decide_patients
from radpipe.errors import DataError

NO_BREAK = "\N{NO-BREAK SPACE}"


def build_index(ids, lines=None):
    names = pd.Series([f"{row}.png" for row in range(len(ids))], dtype="str")
    images = pd.DataFrame({"image_id": names, "unit_id": names, "path": names})
    images["patient_id"] = pd.Series(ids, dtype="str")
    labels = pd.DataFrame({"Mass": 1.0}, index=pd.Index(names))
    return Index(images, labels, lines=None if lines is None else pd.Series(lines))


def decide(ids, lines=None, **changes):
    return decide_patients(build_index(ids, lines), NoOptions(**PATIENTS | changes))


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "001",
        "1.0",
        "1.00",
        "+1",
        " 1 ",
        "1" + NO_BREAK,
        '"1"',
        "'001'",
        "\N{FULLWIDTH DIGIT ONE}",
        "+01.0",
    ],
)
def test_spellings_of_a_number_have_one_key(text):
    assert normalise_id(text) == "1"


@pytest.mark.parametrize(
    "text", ["P001", "p001", "P 001", "p1", f"p{NO_BREAK}1", "P1.0", "\N{FULLWIDTH LATIN SMALL LETTER P}1"]
)
def test_spellings_behind_a_prefix_have_one_key(text):
    assert normalise_id(text) == "p1"


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "10"), ("1.2.840.10", "1.2.840.1"), ("P1", "Q1"), ("1.5", "1"), ("a1", "1"), ("1-1", "1-10")],
)
def test_different_people_keep_different_keys(one, other):
    assert normalise_id(one) != normalise_id(other)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "NA",
        "nan",
        "NaN",
        "NULL",
        "None",
        "unknown",
        "UNKNOWN ",
        "-",
        "?",
        "#N/A",
        "ANONYMOUS",
        "n/a",
        "<NA>",
        None,
    ],
)
def test_words_that_name_nobody(word):
    assert classify_ids(pd.Series([word, "7"], dtype="str")).nobody.tolist() == [True, False]


@pytest.mark.parametrize(
    ("ids", "nobody"),
    [
        (["0", "1", "2"], False),
        (["0", "0", "1", "2"], True),  # more rows than anybody else
        (["0", "0", "1", "1", "2"], False),
        (["000", "104", "105"], True),  # no number near it
        (["0.0", "P1", "P2"], True),
    ],
)
def test_zero_is_a_person_only_among_numbers_near_it_with_a_usual_count_of_rows(ids, nobody):
    assert bool(classify_ids(pd.Series(ids, dtype="str")).nobody[0]) is nobody


@pytest.mark.parametrize(
    "ids",
    [
        ["1", "2", "30805"],
        ["00000001", "00000013", "00030805"],
        ["ID_0002cd41", "ID_0000cd41", "ID_00a2cd41"],
        ["1.2.840.113619.2.1", "1.2.840.113619.2.10"],
        ["4003253", "4646740"],
        ["p001", "p010", "p100"],
    ],
)
def test_clean_ids_change_nothing(ids):
    index = build_index(ids)
    assert find_candidates(classify_ids(index.images["patient_id"])) == []
    assert decide_patients(index, NoOptions(**PATIENTS)) is index


def test_images_that_stand_for_patients_are_not_judged():
    index = build_index(["0.png", "1.png"])
    assert decide_patients(index, NoOptions(**PATIENTS)) is index


def test_ask_stops_with_two_examples_their_lines_and_the_key():
    message = (
        r"2 patients are spelled in more than one way: '001' in line 2 and '1.0' in line 3; 'p2' in line 4 "
        r"and 'P2' in line 6; set options.patient_ids to normalised \(one person each\) or exact"
    )
    with pytest.raises(DataError, match=message):
        decide(["001", "1.0", "p2", "p3", "P2"], [2, 3, 4, 5, 6])


def test_where_no_file_holds_the_ids_their_rows_are_named():
    with pytest.raises(DataError, match="'a' in row 0 and 'A' in row 1"):
        decide(["a", "A"])


def test_normalised_makes_one_person_of_the_most_frequent_spelling_and_keeps_the_published_one():
    found = decide(["1.0", "001", "001", "7"], patient_ids="normalised")
    assert found.images["patient_id"].to_list() == ["001", "001", "001", "7"]
    assert found.images[PUBLISHED].to_list() == ["1.0", "001", "001", "7"]
    assert found.notes[NORMALISED.format(KEYS[0])] == 1
    assert found.doubts == (NORMALISED.format(KEYS[0]),)


def test_exact_keeps_the_people_apart_and_says_so():
    found = decide(["1.0", "001"], patient_ids="exact")
    assert found.images["patient_id"].to_list() == ["1.0", "001"]
    assert (found.notes[EXACT.format(KEYS[0])], found.doubts) == (1, (EXACT.format(KEYS[0]),))
    assert PUBLISHED not in found.images


def test_rows_that_name_nobody_stop_with_two_examples():
    message = r"3 images name no patient, such as line 3 \('NA'\) and line 4 \(nothing\); set options"
    with pytest.raises(DataError, match=message):
        decide(["7", "NA", "", "nan"], [2, 3, 4, 5])


def test_rows_that_name_nobody_are_left_out_and_counted():
    found = decide(["7", "NA", "8"], unknown_patients="drop")
    assert found.images["patient_id"].to_list() == ["7", "8"]
    assert list(found.labels.index) == ["0.png", "2.png"]
    assert (found.notes[DROPPED.format(KEYS[1])], found.doubts) == (1, (DROPPED.format(KEYS[1]),))


def test_each_row_that_names_nobody_becomes_a_person_of_its_own():
    found = decide(["NA", "NA", "7"], unknown_patients="own")
    assert found.images["patient_id"].to_list() == ["unknown:0.png", "unknown:1.png", "7"]
    assert found.images[PUBLISHED].to_list() == ["NA", "NA", "7"]
    assert (found.notes[OWN_PERSON.format(KEYS[1])], found.doubts) == (2, (OWN_PERSON.format(KEYS[1]),))


def test_both_decisions_keep_the_spelling_that_was_read():
    found = decide(["NA", "1.0", "1"], unknown_patients="own", patient_ids="normalised")
    assert found.images["patient_id"].to_list() == ["unknown:0.png", "1.0", "1.0"]
    assert found.images[PUBLISHED].to_list() == ["NA", "1.0", "1"]


def test_a_long_cell_is_cut():
    with pytest.raises(DataError, match=r"'y{77}\.\.\.' in row 0"):
        decide(["y" * 200, "Y" * 200])
