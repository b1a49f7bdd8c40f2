import pandas as pd

from radpipe.data.header_ids import number_header_ids


def number(patients, paths=None, studies=None):
    """Number what the headers of some files name."""
    headers = pd.DataFrame(
        {
            "row": range(5, 5 + len(patients)),
            "path": paths or [f"a/{place}.dcm" for place in range(len(patients))],
            "patient_id": pd.Series(patients, dtype="str"),
            "study_id": pd.Series(studies or [None] * len(patients), dtype="str"),
        }
    )
    return number_header_ids(headers)


def test_header_ids_become_numbers_in_order_and_one_person_has_one_however_spelled():
    found = number(["P7", "x", "p 007", "P7"])
    assert found["row"].to_list() == [5, 6, 7, 8]
    assert found["header_patient"].to_list() == [0, 1, 0, 0]
    assert found["header_spelling"].to_list() == [0, 1, 2, 0]
    assert found["header_study"].isna().all()
    assert found.dtypes.astype(str).to_list() == ["int64", "Int32", "Int32", "Int32"]


def test_words_that_name_nobody_are_no_patient_of_the_headers():
    found = number(["ANONYMOUS", None, "unknown", "q", "q"], studies=["1.2", "1.2", None, None, ""])
    assert found["row"].to_list() == [5, 6, 8, 9]
    assert found["header_patient"].fillna(-1).to_list() == [-1, -1, 0, 0]
    assert found["header_study"].fillna(-1).to_list() == [0, 0, -1, -1]


def test_a_header_that_names_its_own_file_names_an_image_unless_other_files_have_the_same_id():
    paths = ["x/one.dcm", "x/two.dcm", "x/two_b.dcm", "x/three"]
    found = number(["ONE", "two", "two", "other"], paths)
    assert found[["row", "header_patient"]].to_numpy().tolist() == [[6, 1], [7, 1], [8, 2]]


def test_one_file_of_several_rows_is_one_file():
    assert number(["one", "one"], ["x/one.dcm", "x/one.dcm"]).empty


def test_without_headers_there_is_nothing_to_number():
    assert number([]).empty
