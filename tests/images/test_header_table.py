import numpy as np
import pandas as pd
import pytest
from dicom_files import dicom
from pydicom.datadict import tag_for_keyword

from radpipe.images import header_table
from radpipe.images.header_table import COLUMNS, count_unreadable, read_headers

LEVELS = np.zeros((2, 3), np.int16)


@pytest.fixture
def table_of(tmp_path):
    def read(*contents, threads=1):
        paths = [tmp_path / f"{number}.dcm" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        return read_headers(paths, threads)

    return read


def test_a_header_becomes_a_row(table_of):
    table = table_of(
        dicom(
            LEVELS,
            PatientID="ID_1 ",
            PatientAge="060Y",
            PatientSex="F",
            StudyInstanceUID="ID_974735bf79",
            SeriesInstanceUID="ID_3780d48b28",
            InstanceNumber="7",
            ViewPosition="PA",
            SeriesDescription="Axial T2",
            ImagePositionPatient=["-125", "-83", "176"],
            ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
            PixelSpacing=["0.5", "0.25"],
        )
    )
    assert list(table) == list(COLUMNS)
    row = table.iloc[0].drop("path").dropna().to_dict()
    assert row == {
        "patient_id": "ID_1", "study_id": "ID_974735bf79", "series_id": "ID_3780d48b28",
        "instance_id": "1.2.3", "modality": "CT", "view": "PA", "series_description": "Axial T2",
        "age": "060Y", "sex": "F", "instance": 7,
        "x": -125.0, "y": -83.0, "z": 176.0, "position": 176.0, "row_spacing": 0.5, "column_spacing": 0.25,
        "rows": 2, "columns": 3,
    }  # fmt: skip


def test_what_a_file_does_not_say_is_missing(table_of):
    table = table_of(dicom(LEVELS))
    assert (
        table[["age", "x", "position", "row_spacing", "instance", "patient_id", "sex"]].isna().all(axis=None)
    )
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == COLUMNS


def test_the_position_of_a_sagittal_slice_is_its_x(table_of):
    # rows run along y, columns along -z: the normal is (-1, 0, 0)
    sagittal = {"ImageOrientationPatient": ["0", "1", "0", "0", "0", "-1"]}
    table = table_of(dicom(LEVELS, ImagePositionPatient=["12", "5", "9"], **sagittal))
    assert table["position"].item() == -12


def test_what_cannot_be_read_has_a_reason_and_stops_nothing(table_of, tmp_path):
    good = dicom(LEVELS)
    table = table_of(
        good,
        b"",
        b"text, not an image",
    )
    assert table["reason"].fillna("").tolist() == ["", "empty", "unsupported format"]
    assert read_headers([tmp_path / "none.dcm"], 1)["reason"].tolist() == ["missing"]
    assert table["rows"].notna().tolist() == [True, False, False]


def test_no_files_make_an_empty_table():
    table = read_headers([], 2)
    assert table.empty
    assert list(table) == list(COLUMNS)


def test_a_name_in_another_character_set_is_read(table_of):
    table = table_of(dicom(LEVELS, SpecificCharacterSet="ISO_IR 100", PatientID="Nr. Ä1"))
    assert table["patient_id"].tolist() == ["Nr. Ä1"]


def test_pixels_are_never_read(table_of):
    content = dicom(np.zeros((512, 512), np.int16))
    assert table_of(content[:2000])["rows"].tolist() == [512]


def test_processes_find_what_one_thread_finds(table_of, monkeypatch):
    contents = [dicom(LEVELS, InstanceNumber=str(number)) for number in range(20)]
    alone = table_of(*contents)
    monkeypatch.setattr(header_table, "WORTH_A_PROCESS", 10)
    monkeypatch.setattr(header_table, "GROUP", 3)
    pd.testing.assert_frame_equal(table_of(*contents, threads=2), alone)
    assert alone["instance"].tolist() == list(range(20))


def replace_value(content, keyword, text):
    """Write a text of the same length over the value of an element, which pydicom would refuse to write."""
    tag = tag_for_keyword(keyword)
    head = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little")
    start = content.index(head) + 8
    return content[:start] + text + content[start + len(text) :]


@pytest.mark.parametrize(
    ("keyword", "value", "odd", "column"),
    [
        ("InstanceNumber", "17", b"1a", "instance"),
        ("InstanceNumber", "1700", b"1.50", "instance"),
        ("ImagePositionPatient", ["10", "20", "30"], b"1,0", "z"),
        ("ImageOrientationPatient", ["1", "0", "0", "0", "1", "0"], b"x", "position"),
        ("PixelSpacing", ["0.5", "0.5"], b"0,5", "row_spacing"),
    ],
)
def test_an_element_that_cannot_be_read_costs_no_other(table_of, keyword, value, odd, column):
    whole = {
        "PatientID": "p1",
        "StudyInstanceUID": "1.2",
        "SeriesInstanceUID": "1.2.1",
        "PatientAge": "060Y",
        "ImagePositionPatient": ["10", "20", "30"],
    }
    content = replace_value(dicom(LEVELS, **whole | {keyword: value}), keyword, odd)
    table = table_of(content, dicom(LEVELS, **whole))
    first = table.iloc[0]
    assert (first["patient_id"], first["study_id"], first["series_id"], first["age"]) == (
        "p1",
        "1.2",
        "1.2.1",
        "060Y",
    )
    assert pd.isna(first[column])
    assert first["unreadable"] == keyword
    assert table["reason"].isna().all()
    assert count_unreadable(table) == {f"headers whose {keyword} could not be read": 1}


def test_headers_that_can_be_read_are_not_counted(table_of):
    assert count_unreadable(table_of(dicom(LEVELS))) == {}
