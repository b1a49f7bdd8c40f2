import gzip

import numpy as np
import pandas as pd
import pytest
from places import REAL
from specs import PATIENTS

from radpipe.config.readers import NoOptions, PneumoniaOptions
from radpipe.data.readers.rsna_pneumonia import reading
from radpipe.data.readers.rsna_pneumonia.reading import MATCHED_TWICE, NO_MAPPING, UNMAPPED
from radpipe.errors import DataError
from radpipe.phantoms.pneumonia.dicom import encode

TABLES = REAL / "rsna_pneumonia"
LABELS = ("patientId,x,y,width,height,Target", "a,,,,,0", "b,10.0,20.0,30.0,40.0,1", "b,5,6,7,8,1", "c,,,,,0")
CLASSES = (
    "patientId,class", "a,Normal", "b,Lung Opacity", "b,Lung Opacity", "c,No Lung Opacity / Not Normal",
)  # fmt: skip
MAPPING = (
    "patientId,nih_image,nih_patient",
    "a,00000013_000.png,13",
    "b,00000013_001.png,13",
    "c,00010000_000.png,10000",
)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "stage_2_train_labels.csv", LABELS)
    write(tmp_path / "stage_2_detailed_class_info.csv", CLASSES)
    write(tmp_path / "rsna_to_nih_mapping.csv", MAPPING)
    return tmp_path


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(folder, targets="opacity"):
    return reading.read(folder, folder, PneumoniaOptions(**PATIENTS, targets=targets))


def test_an_image_with_two_boxes_is_one_row_and_two_boxes(folder):
    index = read(folder)
    assert index.images["image_id"].to_list() == ["a", "b", "c"]
    assert index.boxes.iloc[:, 2:].to_numpy().tolist() == [[10, 20, 30, 40], [5, 6, 7, 8]]
    assert set(index.boxes["target"]) == {"Lung_Opacity"}
    assert index.notes["rows of the label table"] == 4


def test_opacity_is_one_column_of_0_and_1(folder):
    labels = read(folder).labels
    assert labels["Lung_Opacity"].to_dict() == {"a": 0, "b": 1, "c": 0}
    assert labels.dtypes.to_dict() == {"Lung_Opacity": np.float32}


def test_classes_are_three_columns_with_one_1_in_each_row(folder):
    index = read(folder, "classes")
    assert list(index.labels) == ["Normal", "No_Lung_Opacity_Not_Normal", "Lung_Opacity"]
    assert index.labels.to_numpy().tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert index.notes["repeated rows of the class table dropped"] == 1


def test_without_a_class_only_what_the_target_says_is_known(folder):
    write(folder / "stage_2_detailed_class_info.csv", CLASSES[:1] + CLASSES[4:])
    index = read(folder, "classes")
    np.testing.assert_array_equal(index.labels, [[np.nan, np.nan, 0], [0, 0, 1], [0, 1, 0]])
    assert index.notes["images without a class"] == 2


def test_patients_are_those_of_the_nih_spelled_as_in_its_table(folder):
    assert read(folder).images["patient_id"].to_list() == ["13", "13", "10000"]


def test_without_a_mapping_log_and_notes_say_that_patients_are_images(folder, capsys):
    (folder / "rsna_to_nih_mapping.csv").unlink()
    index = read(folder)
    assert index.images["patient_id"].to_list() == ["a", "b", "c"]
    assert index.notes[NO_MAPPING] == 3
    assert NO_MAPPING in index.doubts
    assert capsys.readouterr().err == f"index: {NO_MAPPING} (3 images)\n"


def test_an_image_that_the_mapping_lacks_is_its_own_patient_and_counted(folder, capsys):
    write(folder / "rsna_to_nih_mapping.csv", MAPPING[:3])
    index = read(folder)
    assert index.images["patient_id"].to_list() == ["13", "13", "c"]
    assert index.notes[UNMAPPED] == 1
    assert "(1 images)" in capsys.readouterr().err


def test_an_nih_image_matched_to_two_images_is_counted(folder):
    write(folder / "rsna_to_nih_mapping.csv", (*MAPPING[:3], "c,00000013_000.png,13"))
    assert read(folder).notes[MATCHED_TWICE] == 1


def test_tables_of_the_first_stage_are_read_gzipped(folder):
    expected = read(folder, "classes")
    for name in ("train_labels.csv", "detailed_class_info.csv"):
        content = (folder / f"stage_2_{name}").read_bytes()
        (folder / f"stage_1_{name}.gz").write_bytes(gzip.compress(content))
        (folder / f"stage_2_{name}").unlink()
    found = read(folder, "classes")
    pd.testing.assert_frame_equal(found.labels, expected.labels)
    assert found.tables[0].name == "stage_1_train_labels.csv.gz"


def test_age_sex_and_view_come_from_the_headers_and_155_years_are_unknown(folder):
    images = folder / "stage_2_train_images"
    images.mkdir()
    for name, age in (("a", 155), ("b", 58)):
        facts = pd.Series({"age": age, "sex": "F", "view": "AP"})
        content = encode("00000000-0000", facts, np.zeros((8, 8), np.uint8))
        content = content if name == "a" else content.replace(b"CS\x02\x00CR", b"CS\x02\x00OT")
        (images / f"{name}.dcm").write_bytes(content)
    (images / "c.dcm").write_bytes(b"no DICOM")
    (images / "d.dcm").write_bytes(b"without a row")
    index = read(folder)
    np.testing.assert_array_equal(index.images["age"], [np.nan, 58, np.nan])
    assert index.images["view"].to_list()[:2] == ["AP", "AP"]
    assert index.images["expected_modality"].unique().tolist() == ["CR/DX"]
    assert index.images["path"].to_list() == [f"stage_2_train_images/{name}.dcm" for name in "abc"]
    assert index.notes["headers that could not be read"] == 1
    assert index.notes["headers without an age, or with one above 120 years"] == 1
    assert index.notes["headers that name another patientId"] == 2
    assert index.notes["headers of another modality than CR or DX"] == 1
    assert index.notes["files on disk without a row"] == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("d,,,,,1", "line 6 has Target 1 and no box"),
        ("d,1,2,3,4,0", "line 6 has Target 0 and a box"),
        ("d,1,2,,4,1", "line 6 holds a part of a box"),
        ("d,1,2,0,4,1", "line 6 holds a box of no area"),
        ("d,-1,2,3,4,1", "begins outside the image"),
        ("d,1,x,3,4,1", "line 6 holds 'x' in column 'y', expected a number"),
        ("d,1,inf,3,4,1", "line 6 holds 'inf' in column 'y', expected a number"),
        ("d,,,,,2", "line 6 holds Target '2', expected 0 or 1"),
        ("d,,,,,", "line 6 holds Target nothing, expected 0 or 1"),
        (",,,,,0", "line 6 has no patientId"),
        ("a,1,2,3,4,1", r"line 2 belongs to an image with both Target 0 and 1 \(2 such lines\)"),
    ],
)
def test_a_row_of_labels_that_contradicts_itself_is_refused_with_its_line(folder, row, message):
    write(folder / "stage_2_train_labels.csv", (*LABELS, row))
    with pytest.raises(DataError, match=f"stage_2_train_labels.csv: .*{message}"):
        read(folder)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,Lung Opacity", "line 6 gives an image a second class"),
        ("d,Sick", "line 6 holds class 'Sick', expected Normal, No Lung Opacity / Not Normal, Lung Opacity"),
    ],
)
def test_a_class_that_is_unknown_or_second_is_refused(folder, row, message):
    write(folder / "stage_2_detailed_class_info.csv", (*CLASSES, row))
    with pytest.raises(DataError, match=message):
        read(folder)


def test_a_target_that_contradicts_the_class_is_refused(folder):
    write(folder / "stage_2_detailed_class_info.csv", ("patientId,class", "a,Lung Opacity"))
    with pytest.raises(DataError, match="line 2 contradicts the Target of its image"):
        read(folder)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("d,13_0.png,13", "holds '13_0.png' in column 'nih_image', expected an NIH image like"),
        ("a,00000099_000.png,99", "maps an image a second time"),
    ],
)
def test_a_wrong_mapping_is_refused(folder, row, message):
    write(folder / "rsna_to_nih_mapping.csv", (*MAPPING, row))
    with pytest.raises(DataError, match=f"rsna_to_nih_mapping.csv: line 5 {message}"):
        read(folder)


def test_a_missing_table_says_where_to_get_it(folder):
    (folder / "stage_2_detailed_class_info.csv").unlink()
    assert len(read(folder).labels) == 3
    with pytest.raises(DataError, match="found no stage_2_detailed_class_info.csv .* or ask for opacity"):
        read(folder, "classes")
    (folder / "stage_2_train_labels.csv").unlink()
    with pytest.raises(DataError, match="found neither stage_2_train_labels.csv nor .*kaggle.com"):
        read(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("id,label\na,0\n", r"columns \['patientId'"),
        (LABELS[0] + "\n", "holds no rows"),
    ],
)
def test_a_file_that_is_no_label_table_is_refused(folder, content, message):
    (folder / "stage_2_train_labels.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read(folder)


def test_options_of_another_reader_are_a_bug_and_no_data_error(folder):
    with pytest.raises(TypeError, match="expected PneumoniaOptions, found NoOptions"):
        reading.read(folder, folder, NoOptions(**PATIENTS))


@pytest.mark.skipif(not TABLES.is_dir(), reason="the real pneumonia tables are not beside the repository")
def test_the_published_tables_have_the_published_counts():
    index = read(TABLES, "classes")
    assert index.notes["rows of the label table"] == 30227
    assert (len(index.images), index.images["patient_id"].nunique()) == (26684, 11439)
    assert index.labels.sum().astype(int).to_list() == [8851, 11821, 6012]
    assert index.boxes["image_id"].value_counts().value_counts().to_dict() == {
        1: 2614,
        2: 3266,
        3: 119,
        4: 13,
    }
    assert index.notes["repeated rows of the class table dropped"] == 3543
    assert index.notes[MATCHED_TWICE] == 21
    with_file = index.images[index.images["path"].notna()]
    assert (len(with_file), with_file["age"].isna().sum(), set(with_file["sex"])) == (50, 0, {"F", "M"})


def test_a_mapping_that_contradicts_its_own_column_of_patients_is_refused_with_its_line(folder):
    write(folder / "rsna_to_nih_mapping.csv", [*MAPPING[:2], "b,00000013_001.png,14", MAPPING[3]])
    message = "line 3 holds '14' in column 'nih_patient', and nih_image states patient 13; correct the table"
    with pytest.raises(DataError, match=message):
        read(folder)


def test_a_mapping_with_zeros_in_front_or_without_its_column_of_patients_is_read(folder):
    expected = read(folder).images["patient_id"].to_list()
    write(folder / "rsna_to_nih_mapping.csv", [line.replace(",13", ",00013.0") for line in MAPPING])
    assert read(folder).images["patient_id"].to_list() == expected
    write(folder / "rsna_to_nih_mapping.csv", [line.rsplit(",", 1)[0] for line in MAPPING])
    assert read(folder).images["patient_id"].to_list() == expected


def test_tables_of_a_european_spreadsheet_are_read(folder):
    boxes = read(folder).boxes
    lines = [line.replace(",", ";").replace(".0", ",0") for line in LABELS]
    write(folder / "stage_2_train_labels.csv", ["sep=;", *lines])
    pd.testing.assert_frame_equal(read(folder).boxes, boxes)


def test_words_for_nothing_known_are_no_box(folder):
    write(
        folder / "stage_2_train_labels.csv", [line.replace(",,,,,0", ",nan,NaN,NA,None,0") for line in LABELS]
    )
    assert len(read(folder).boxes) == 2


def test_an_image_that_the_mapping_spells_in_another_way_is_asked_about(folder):
    write(folder / "rsna_to_nih_mapping.csv", [line.replace("a,0", "A,0") for line in MAPPING])
    with pytest.raises(
        DataError, match=r"'a' in line 2 of stage_2_.* and 'A' in line 2 of rsna_to_nih_mapping"
    ):
        read(folder)
    options = PneumoniaOptions(**PATIENTS | {"patient_ids": "normalised"}, targets="opacity")
    joined = reading.read(folder, folder, options)
    assert joined.images["patient_id"].to_list() == ["13", "13", "10000"]


def test_a_box_written_twice_with_other_decimals_is_one_box(folder):
    (folder / "stage_2_detailed_class_info.csv").unlink()
    rows = [LABELS[0], "a,10,20,30,40,1", "a,10.0,20.0,30,40,1"]
    write(folder / "stage_2_train_labels.csv", rows)
    assert len(read(folder).boxes) == 1


def test_a_mapping_with_capitals_in_its_header_is_held_against_the_names(folder):
    lines = [MAPPING[0].replace("nih_patient", "NIH_Patient"), "a,00000013_000.png,14"]
    write(folder / "rsna_to_nih_mapping.csv", lines)
    with pytest.raises(DataError, match="nih_image states patient 13"):
        read(folder)
