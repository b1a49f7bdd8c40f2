import numpy as np
import pandas as pd
import pytest

from radpipe.errors import DataError
from radpipe.tools.external.labels import LabelOptions
from radpipe.tools.external.reading import read_given

DECIDED = {"patient_ids": "ask", "unknown_patients": "refuse", "uncertain": "refuse"}
LABELS = "id,Mass,patient_id,split\nx,1,001,val\ny,0,1.0,test\nz,0,2,test\n"
OUTPUTS = "id,Mass\nx,0.75\ny,0.5\nz,0.25\n"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads outputs and labels from their text."""

    def read_texts(outputs=OUTPUTS, labels=LABELS, **options):
        for name, text in (("p.csv", outputs), ("l.csv", labels)):
            (tmp_path / name).write_text(text, encoding="utf-8")
        return read_given([tmp_path / "p.csv"], tmp_path / "l.csv", LabelOptions(**DECIDED | options))

    return read_texts


def test_patients_in_two_spellings_stop_with_two_lines_and_the_option(read):
    message = (
        r"l.csv: 1 patients are spelled in more than one way: '001' in line 2 and '1.0' in line 3; set "
        r"--patient-ids to normalised .* or exact"
    )
    with pytest.raises(DataError, match=message):
        read()


def test_what_the_user_decides_on_spellings_is_a_notice(read):
    given = read(patient_ids="normalised")
    assert given.models["p"].cases["patient_id"].to_list() == ["001", "001", "2"]
    assert given.notices == (
        "1 patients spelled in more than one way, taken for one person each (--patient-ids: normalised).",
    )
    given = read(patient_ids="exact")
    assert given.models["p"].cases["patient_id"].to_list() == ["001", "1.0", "2"]
    assert "different people (--patient-ids: exact)" in given.notices[0]


@pytest.mark.parametrize("nobody", ["", "NA", "nan", "unknown"])
def test_rows_that_name_nobody_are_refused_left_out_or_people_of_their_own(read, nobody):
    labels = f"id,Mass,patient_id\nx,1,p\ny,0,{nobody}\nz,0,{nobody}\n"
    with pytest.raises(
        DataError, match="l.csv: 2 images name no patient, such as line 3 .*--unknown-patients to"
    ):
        read(labels=labels)
    given = read(labels=labels, unknown_patients="drop")
    assert given.models["p"].cases["id"].to_list() == ["x"]
    assert given.notices[-1] == "2 images that name no patient, left out (--unknown-patients: drop)."
    given = read(labels=labels, unknown_patients="own")
    assert given.models["p"].cases["patient_id"].to_list() == ["p", "unknown:y", "unknown:z"]


def test_what_minus_one_means_is_said_by_the_user(read):
    labels = "id,Mass\nx,1\ny,-1.0\nz,0\n"
    with pytest.raises(
        DataError, match="l.csv: line 3 holds -1 .*set --uncertain to unknown, positive or neg"
    ):
        read(labels=labels)
    given = read(labels=labels, uncertain="unknown")
    np.testing.assert_array_equal(given.models["p"].labels[:, 0], np.float32([1, np.nan, 0]))
    assert "1 labels of -1 (uncertain), taken for unknown (--uncertain)." in given.notices


def test_splits_are_known_in_any_case(read):
    labels = "id,Mass,split\nx,1,Valid\ny,0,Test \nz,0,TEST\n"
    assert read(labels=labels).models["p"].cases["split"].to_list() == ["val", "test", "test"]


def test_ids_are_matched_but_for_blanks_around_them(read):
    given = read(outputs="id,Mass\nx ,0.75\n y,0.5\nz,0.25\n", labels="id,Mass\n x,1\ny,0\nz ,0\n")
    assert given.models["p"].labels[:, 0].tolist() == [1, 0, 0]


def test_an_id_that_lost_its_zeros_is_refused_with_the_one_that_is_like_it(read):
    message = r"2 of 2 ids are not in .*l.csv, such as '1'; '0001' is there: the same case\?"
    with pytest.raises(DataError, match=message):
        read(outputs="id,Mass\n1,0.75\n2,0.5\n", labels="id,Mass\n0001,1\n0002,0\n")


def test_a_finding_in_another_case_is_refused_with_the_column_that_is_like_it(read):
    message = r"columns \['mass'\] of .*p.csv are missing; .*is 'Mass' the column of 'mass'\? Rename it"
    with pytest.raises(DataError, match=message):
        read(outputs=OUTPUTS.replace("Mass", "mass"), patient_ids="exact")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ";").replace("0.", "0,"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: "\n".join(f"{n - 1 if n else ''},{line}" for n, line in enumerate(text.splitlines())),
        lambda text: text.replace(",", ", "),
        lambda text: text + ",\n",
    ],
    ids=["European spreadsheet", "Windows", "row numbers", "blanks", "blank tail"],
)
def test_outputs_are_read_alike_whatever_wrote_them(read, change):
    labels = LABELS.replace("1.0", "001")
    expected = read(labels=labels).models["p"]
    found = read(outputs=change(OUTPUTS), labels=labels).models["p"]
    np.testing.assert_array_equal(found.logits, expected.logits)
    pd.testing.assert_frame_equal(found.cases, expected.cases)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ("id,Mass,Mass\nx,0.5,0.4\n", r"line 1: column 'Mass' stands twice \(columns 2 and 3\)"),
        ("id,Mass\nx,0.5\ny,0.4,0.3\n", "line 3 has 3 cells, expected 2 as in the header"),
        ("id,Mass,name\nx,0.5,Smith\n", "line 2 holds 'Smith' in column 'name', expected a probability"),
        ("id,Mass\nx,0.5\ny,nan\n", "line 3 holds 'nan' in column 'Mass', expected a probability"),
    ],
)
def test_outputs_that_are_not_understood_are_refused_with_their_line(read, outputs, message):
    with pytest.raises(DataError, match=message):
        read(outputs=outputs, patient_ids="exact")


def test_numbers_of_parquet_are_kept_to_the_last_digit(tmp_path):
    values = [0.1 + 0.2, 1e-300, 1 / 3]
    pd.DataFrame({"id": [1, 2, 3], "Mass": values}).to_parquet(tmp_path / "p.parquet")
    pd.DataFrame({"id": [1, 2, 3], "Mass": [1, 0, None], "patient_id": [7.0, 7.0, 8.0]}).to_parquet(
        tmp_path / "l.parquet"
    )
    given = read_given([tmp_path / "p.parquet"], tmp_path / "l.parquet", LabelOptions(**DECIDED))
    logits = given.models["p"].logits[:, 0]
    np.testing.assert_array_equal(logits, [np.log(p) - np.log1p(-p) for p in values])
    assert given.models["p"].cases["patient_id"].to_list() == ["7.0", "7.0", "8.0"]


def test_no_group_appears_under_two_spellings_and_what_is_unclear_is_a_notice(read):
    labels = "id,Mass,Sex,AGE,View,site\nx,1,F,57,PA,North\ny,0,female,057Y,pa,north\nz,0,O,300,NA,North\n"
    given = read(labels=labels)
    metadata = given.metadata
    assert metadata["sex"].value_counts().to_dict() == {"F": 2}
    assert metadata["age"].value_counts().to_dict() == {57: 2}
    assert metadata["view"].value_counts().to_dict() == {"PA": 2}
    assert metadata["site"].value_counts().to_dict() == {"North": 3}
    assert given.notices[-4:] == (
        "1 sexes that are neither F nor M set to unknown.",
        "1 ages that are impossible or not understood, set to unknown.",
        "1 values of view in another spelling of their group.",
        "1 values of site in another spelling of their group.",
    )


def test_capitals_of_the_known_columns_do_not_matter(read):
    given = read(labels="ID,Mass,Patient_ID,Split\nx,1,p,test\ny,0,q,test\nz,0,r,test\n")
    assert given.notices == ()


def test_rows_that_are_left_out_are_not_counted_as_cases_without_predictions(read):
    labels = "id,Mass,patient_id,split\nx,1,p,test\ny,0,q,test\nz,0,NA,test\n"
    notices = read(labels=labels, unknown_patients="drop").notices
    assert not [notice for notice in notices if "without predictions" in notice]


def test_labels_that_leave_no_case_are_named(read):
    labels = "id,Mass,patient_id,split\nx,1,NA,test\ny,0,NA,test\nz,0,NA,test\n"
    with pytest.raises(DataError, match="3 rows name no patient and are left out"):
        read(labels=labels, unknown_patients="drop")
