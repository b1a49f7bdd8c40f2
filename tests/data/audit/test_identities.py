"""Each sign that one person has several ids is found in a table of a few lines; a clean table has none."""

import pandas as pd
import pytest

from radpipe.data.audit.identities import check_identities

SPELLINGS, STUDIES, OWN, HEADER_PATIENTS, HEADER_STUDIES, PEOPLE = range(6)


def check(patients, header_patients=None, studies=None, header_studies=None, decided=False, names=None):
    """Check one image for each patient_id, in rows 10, 11, ...; headers by number, None where unknown."""
    rows = range(10, 10 + len(patients))
    cases = pd.DataFrame({"row": rows, "patient_id": pd.Series(patients, dtype="str")})
    cases["image_id"] = [f"image{row}" for row in rows] if names is None else names
    if studies is not None:
        cases["study_id"] = pd.Series(studies, dtype="str")
    nothing = [None] * len(rows)
    headers = {"row": rows, "header_patient": header_patients or nothing, "header_study": header_studies}
    table = pd.DataFrame(headers).assign(header_spelling=lambda found: found["header_patient"])
    numbers = ["header_patient", "header_spelling", "header_study"]
    table = table.astype(dict.fromkeys(numbers, "Int32")).dropna(subset=numbers, how="all")
    return check_identities(cases, table, decided)


def outcome(found):
    return found.count, found.verdict, list(found.rows)


def test_ids_that_agree_with_studies_and_headers_give_no_sign():
    found = check(["a", "a", "b", "b"], [0, 0, 1, 1], ["s", "s", "t", "u"], [0, 0, 1, 2])
    assert [outcome(each) for each in found] == [(0, "passed", [])] * 6


def test_without_studies_and_headers_only_the_ids_are_judged():
    found = check(["a", "a", "b"])
    assert [each.verdict for each in found] == ["passed", "not checked", "passed", *["not checked"] * 3]
    assert found[STUDIES].detail == "no study_id is known"
    assert found[HEADER_STUDIES].detail == "no header that was read names a study"


def test_patients_spelled_in_several_ways_are_counted_whatever_was_decided():
    ids = ["001", "2", "1", "p3", "P 3", "1.0"]  # persons 1 and p3
    assert outcome(check(ids)[SPELLINGS]) == (2, "look", [10, 12, 13, 14, 15])
    stated = check(ids, decided=True)[SPELLINGS]
    assert outcome(stated) == (2, "stated", [10, 12, 13, 14, 15])
    assert stated.detail == "taken for different people (options.patient_ids: exact)"


def test_the_names_of_images_are_no_spellings_of_people():
    assert check(["1.png", "01.png"], names=["1.png", "01.png"])[SPELLINGS].verdict == "not checked"
    assert outcome(check(["unknown:1.png", "unknown:01.png", "a"])[SPELLINGS]) == (0, "passed", [])


def test_a_study_of_two_patients_is_counted_within_one_set_too():
    found = check(["a", "b", "a", "c"], studies=["s", "s", "t", None])[STUDIES]
    assert outcome(found) == (1, "look", [10, 11])
    assert "one person with several ids?" in found.detail


def test_images_with_an_id_each_are_counted_where_headers_name_fewer_patients():
    found = check(["a", "b", "c", "d", "e"], [0, 0, 1, 2, 2])
    assert outcome(found[OWN]) == (4, "look", [10, 11, 13, 14])
    assert found[OWN].detail == "5 patient ids for 5 images; patients named by 5 headers: 3"
    assert outcome(found[HEADER_PATIENTS]) == (2, "look", [10, 11, 13, 14])


def test_one_study_in_the_headers_of_several_images_is_one_patient_too():
    found = check(["a", "b", "c"], [0, 1, None], header_studies=[5, 6, 6])
    assert outcome(found[OWN]) == (2, "look", [11, 12])
    assert found[OWN].detail == (
        "3 patient ids for 3 images; patients named by 2 headers: 2; studies named by 3 headers: 2"
    )
    assert outcome(found[HEADER_STUDIES]) == (1, "look", [11, 12])
    assert outcome(found[HEADER_PATIENTS]) == (0, "passed", [])


def test_images_with_an_id_each_are_not_checked_where_headers_name_nobody():
    found = check(["a", "b"])[OWN]
    assert found.verdict == "not checked"
    assert found.detail.startswith("each image has a patient id of its own; no header that was read names")


def test_as_many_patients_in_the_headers_as_images_are_no_sign():
    found = check(["a", "b"], [0, 1])
    assert [each.verdict for each in found[OWN:]] == ["passed", "passed", "not checked", "passed"]


def test_a_patient_of_the_headers_with_two_ids_is_counted_where_patients_have_several_images():
    found = check(["a", "a", "b", "c"], [0, 0, 0, 1])
    assert outcome(found[HEADER_PATIENTS]) == (1, "look", [10, 11, 12])
    assert outcome(found[OWN]) == (0, "passed", [])
    assert found[OWN].detail == "3 patient ids for 4 images"


def test_an_id_with_two_patients_in_the_headers_is_counted():
    found = check(["a", "a", "b", "b"], [0, 1, 2, 2])[PEOPLE]
    assert outcome(found) == (1, "look", [10, 11])
    assert found.detail == "several people with one id?"


def test_headers_that_number_the_files_say_nothing_of_people():
    found = check(["a", "a", "b"], [0, 1, 2])
    assert outcome(found[PEOPLE]) == (None, "not checked", [])
    assert outcome(found[HEADER_PATIENTS]) == (0, "passed", [])


def test_one_patient_in_all_headers_may_be_a_placeholder_and_it_is_said():
    found = check(["a", "b", "b"], [0, 0, 0])[HEADER_PATIENTS]
    assert outcome(found) == (1, "look", [10, 11, 12])
    assert found.detail.endswith("all headers name the same one, as after some anonymisations")
    assert "all headers" not in check(["a", "b", "c"], [0, 0, None])[HEADER_PATIENTS].detail


@pytest.mark.parametrize(("decided", "verdict"), [(False, "look"), (True, "passed")])
def test_patients_taken_for_different_people_are_told_apart_in_headers_too(decided, verdict):
    cases = pd.DataFrame({"row": [0, 1], "image_id": ["x", "y"], "patient_id": ["001", "1"]})
    headers = pd.DataFrame(
        {"row": [0, 1], "header_patient": [0, 0], "header_spelling": [0, 1], "header_study": [None, None]}
    ).astype("Int32")
    found = check_identities(cases, headers, decided)
    assert found[HEADER_PATIENTS].verdict == verdict
    assert found[SPELLINGS].count == 1


def test_no_detail_names_a_patient():
    found = check(["secret1", "secret2", "secret01"], [0, 0, 1], ["secret", "secret", "t"], [0, 0, 0])
    assert not [each for each in found if "secret" in str(each.to_json())]
