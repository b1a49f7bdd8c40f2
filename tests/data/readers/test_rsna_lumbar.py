import gzip

import numpy as np
import pandas as pd
import pytest
from specs import PATIENTS

from radpipe.config.readers import LumbarOptions
from radpipe.config.targets import mirror
from radpipe.data.readers.registry import READERS
from radpipe.data.readers.rsna_lumbar.grades import (
    CONDITIONS,
    GRADES,
    LEVELS,
    build_grid,
    encode_grades,
    to_long,
)
from radpipe.errors import DataError

CANAL, LEFT = "spinal_canal_stenosis_l4_l5", "left_neural_foraminal_narrowing_l4_l5"
RIGHT_RECESS = "right_subarticular_stenosis_l5_s1"
STUDIES = {"11": {CANAL: "Severe", LEFT: "Moderate", RIGHT_RECESS: ""}, "9": {}, "70": {}}
MARKS = [
    "11,101,7,Spinal Canal Stenosis,L4/L5,30.5,40",
    "11,101,7,Spinal Canal Stenosis,L5/S1,31,60.25",
    "11,102,10,Left Neural Foraminal Narrowing,L4/L5,20,21",
    "11,103,201,Right Subarticular Stenosis,L5/S1,5,6",
    "9,104,2,Spinal Canal Stenosis,L1/L2,1,2",
]
SERIES = ["11,101,Sagittal T2/STIR", "11,102,Sagittal T1", "11,103,Axial T2", "9,104,Sagittal T2/STIR"]
FILES = ["11/101/7", "11/101/8", "11/102/10", "11/103/201"]


@pytest.fixture
def write(tmp_path):
    """Write the three tables, and empty files for images."""

    def write(studies=STUDIES, marks=MARKS, series=SERIES, files=FILES):
        rows = [
            ",".join([study, *(grades.get(name, "Normal/Mild") for name in GRADES)])
            for study, grades in studies.items()
        ]
        tables = {
            "train.csv": [",".join(["study_id", *GRADES]), *rows],
            "train_label_coordinates.csv": ["study_id,series_id,instance_number,condition,level,x,y", *marks],
            "train_series_descriptions.csv": ["study_id,series_id,series_description", *series],
        }
        for name, lines in tables.items():
            (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        for name in files:
            path = tmp_path / "train_images" / f"{name}.dcm"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return write


def read(folder, unit="image", missing="mask", targets="cumulative"):
    options = LumbarOptions(**PATIENTS, unit=unit, missing=missing, targets=targets)
    return READERS["rsna_lumbar"].read(folder, folder, options)


def wide(**grades):
    return pd.DataFrame([{"study_id": "1", **dict.fromkeys(GRADES, "Normal/Mild"), **grades}])


def test_the_level_is_the_last_two_words_of_a_column():
    long = to_long(wide(), "t.csv")
    assert set(long["condition"]) == set(CONDITIONS)
    assert set(long["level"]) == set(LEVELS)
    assert (long["condition"] + "_" + long["level"]).tolist() == list(GRADES)


def test_severities_are_0_1_2_and_an_empty_cell_is_not_mild():
    long = to_long(wide(**{GRADES[0]: "Severe", GRADES[1]: "Moderate", GRADES[2]: None}), "t.csv")
    np.testing.assert_array_equal(long["severity"][:4], [2, 1, np.nan, 0])
    assert long["severity"].dtype == np.float32


def test_cumulative_targets_are_moderate_or_worse_and_severe():
    found = encode_grades(pd.DataFrame({CANAL: np.array([0, 1, 2, np.nan], np.float32)}), "cumulative")
    assert list(found) == [f"{CANAL}:moderate", f"{CANAL}:severe"]
    np.testing.assert_array_equal(found, [[0, 0], [1, 0], [1, 1], [np.nan, np.nan]])
    assert set(found.dtypes) == {np.dtype("float32")}


@pytest.mark.parametrize("targets", ["cumulative", "categorical"])
def test_the_grid_holds_every_target_once_by_condition_and_level(targets):
    grid = build_grid(targets)
    assert (grid.rows[1], grid.columns[4]) == ("Left neural foraminal narrowing", "L5/S1")
    cell = grid.targets[1][4]
    grade = "left_neural_foraminal_narrowing_l5_s1"
    assert cell == tuple(f"{grade}:{name}" for name in ("normal_mild", "moderate", "severe")[-len(cell) :])
    encoded = encode_grades(pd.DataFrame([dict.fromkeys(GRADES, np.nan)]), targets)
    assert [name for row in grid.targets for cell in row for name in cell] == list(encoded)
    assert (grid.cumulative, len(grid.classes) - len(cell)) == ((True, 1) if len(cell) == 2 else (False, 0))


def test_categorical_targets_are_one_hot_and_unknown_together():
    found = encode_grades(pd.DataFrame({CANAL: np.array([0, 1, 2, np.nan], np.float32)}), "categorical")
    assert list(found) == [f"{CANAL}:normal_mild", f"{CANAL}:moderate", f"{CANAL}:severe"]
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [np.nan] * 3])


def test_a_mirrored_image_swaps_left_and_right_and_keeps_the_canal():
    names = list(encode_grades(pd.DataFrame([dict.fromkeys(GRADES, np.nan)]), "categorical"))
    flip = dict(zip(names, (names[other] for other in mirror(names)), strict=True))
    assert flip[f"{LEFT}:severe"] == "right_neural_foraminal_narrowing_l4_l5:severe"
    assert flip[f"{RIGHT_RECESS}:normal_mild"] == "left_subarticular_stenosis_l5_s1:normal_mild"
    assert flip[f"{CANAL}:moderate"] == f"{CANAL}:moderate"
    assert len(flip) == 75
    assert sum(flip[name] == name for name in flip) == 15


def test_an_image_knows_the_grades_marked_on_it_and_no_others(write):
    index = read(write())
    assert index.images["image_id"].tolist() == ["11/101/7", "11/102/10", "11/103/201", "9/104/2"]
    assert index.images["expected_modality"].unique().tolist() == ["MR"]
    labels = index.labels.loc["11/101/7"].dropna()
    assert labels.to_dict() == {
        f"{CANAL}:moderate": 1, f"{CANAL}:severe": 1,
        "spinal_canal_stenosis_l5_s1:moderate": 0, "spinal_canal_stenosis_l5_s1:severe": 0,
    }  # fmt: skip
    assert index.labels.shape == (4, 50)


def test_paths_name_study_series_and_instance_and_are_missing_where_no_file_is(write):
    paths = read(write()).images["path"]
    assert paths[2] == "train_images/11/103/201.dcm"
    assert pd.isna(paths[3])


def test_an_annotation_is_one_mark_with_its_place_and_its_own_grade(write):
    index = read(write(), unit="annotation")
    assert len(index.images) == 5
    first = index.images.iloc[0]
    assert first["image_id"] == first["unit_id"] == f"11/101/7/{CANAL}"
    assert (first["x"], first["y"], first["condition"], first["level"]) == (
        30.5, 40, "spinal_canal_stenosis", "l4_l5",
    )  # fmt: skip
    assert index.images["path"][1] == index.images["path"][0]
    assert index.images["series_description"][0] == "Sagittal T2/STIR"
    known = index.labels.loc[first["unit_id"]].dropna()
    assert known.to_dict() == {f"{CANAL}:moderate": 1, f"{CANAL}:severe": 1}


def test_a_grade_marked_twice_on_one_image_gives_two_rows_of_one_label(write):
    index = read(write(marks=[*MARKS, "11,101,7,Spinal Canal Stenosis,L4/L5,33,44"]), unit="annotation")
    assert index.images["image_id"][:2].tolist() == [f"11/101/7/{CANAL}", f"11/101/7/{CANAL}/2"]
    assert index.images["x"][:2].tolist() == [30.5, 33]
    assert (index.labels[f"{CANAL}:severe"][:2] == 1).all()
    assert index.notes["grades marked more than once"] == 1


def test_a_study_gives_its_marked_images_all_its_grades(write):
    index = read(write(), unit="study", targets="categorical")
    assert index.images["unit_id"].tolist() == ["11", "11", "11", "9"]
    assert index.labels.shape == (2, 75)
    assert index.labels.loc["11"].sum() == 24  # one grade is not given
    assert index.labels.loc["11", f"{LEFT}:moderate"] == 1
    assert index.labels.loc["11"].isna().sum() == 3


@pytest.mark.parametrize(("unit", "left_out"), [("image", 1), ("annotation", 1), ("study", 0)])
def test_rows_without_any_known_grade_are_masked_or_left_out_and_counted(write, unit, left_out):
    folder = write()
    masked, excluded = read(folder, unit), read(folder, unit, "exclude")
    assert masked.labels.isna().all(axis=1).sum() == left_out
    assert len(excluded.images) == len(masked.images) - left_out
    assert excluded.notes["rows without a known grade left out"] == left_out
    assert excluded.labels.notna().any(axis=1).all()


def test_what_does_not_match_is_counted(write):
    marks = [
        *MARKS,
        MARKS[0],
        "5,1,1,Spinal Canal Stenosis,L4/L5,1,1",
        "9,105,1,Spinal Canal Stenosis,L2/L3,1,1",
        "11,103,9,Spinal Canal Stenosis,L1/L2,1,1",
    ]
    notes = read(write(marks=marks, series=[*SERIES, "11,106,Axial T2", "5,1,Axial T2"])).notes
    expected = {
        "studies taken for patients: the set has no patient ids": 2,
        "repeated rows dropped": 1,
        "studies graded": 3,
        "grades Normal/Mild": 72,
        "grades Moderate": 1,
        "grades Severe": 1,
        "grades missing, kept unknown": 1,
        "studies with a missing grade": 1,
        "grades without a mark": 68,  # 74 known, 6 of them marked
        "missing grades with a mark": 1,
        "marks of studies without grades left out": 1,
        "studies left out, without a mark": 1,
        "studies lacking a view": 2,
        "studies lacking Sagittal T1": 2,
        "studies lacking Sagittal T2/STIR": 1,
        "studies lacking Axial T2": 2,
        "studies with several Axial T2 series": 1,
        "series of studies without grades": 1,
        "marks whose series is not described": 1,
        "marks in another view than their condition's": 1,
        "marked images not on disk": 3,
        "images on disk without a row": 1,
    }
    assert {name: notes[name] for name in expected} == expected


def test_order_of_the_coordinates_changes_nothing(write):
    straight = read(write(), unit="annotation")
    turned = read(write(marks=MARKS[::-1]), unit="annotation")
    pd.testing.assert_frame_equal(straight.images, turned.images)
    pd.testing.assert_frame_equal(straight.labels, turned.labels)


def test_gzipped_tables_are_read(write):
    folder = write()
    plain = read(folder)
    path = folder / "train.csv"
    (folder / "train.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    pd.testing.assert_frame_equal(plain.labels, read(folder).labels)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"studies": {"11": {CANAL: "severe"}}}, r"column '.*_l4_l5' .* \['severe'\], expected \['No"),
        ({"studies": {"11": {CANAL: "mild?"}}}, r"\['mild\?'\], expected"),
        ({"studies": {"11.0": {}}}, "train.csv: line 2 holds '11.0' in column 'study_id', expected digits"),
        ({"studies": {"": {}}}, "line 2 holds nothing in column 'study_id'"),
        ({"studies": {}}, "train.csv: holds no row"),
        ({"studies": {"8": {}}}, "no study of it stands in train.csv"),
        ({"studies": {"11": {}, "1 1": {}}}, "holds '1 1' in column 'study_id'"),
        ({"marks": ["11,101,../7,Spinal Canal Stenosis,L4/L5,1,2"]}, "holds '../7' in"),
        ({"marks": ["11,101,7,Canal,L4/L5,1,2"]}, r"'condition' holds \['Canal'\], expected Spinal Canal"),
        ({"marks": ["11,101,7,Spinal Canal Stenosis,L5/L6,1,2"]}, r"'level' holds \['L5/L6'\], expected L1"),
        ({"marks": ["11,101,7,Spinal Canal Stenosis,L4/L5,left,2"]}, "line 2 holds 'left' in column 'x'"),
        ({"marks": ["11,101,7,Spinal Canal Stenosis,L4/L5,1,"]}, "line 2 holds nothing in column 'y'"),
        ({"marks": ["11,101,7,Spinal Canal Stenosis,L4/L5,1,2,3"]}, "line 2 has 8 cells, expected 7"),
        ({"series": ["11,101,Sagittal T3"]}, r"holds \['Sagittal T3'\], expected Sagittal T1, "),
        ({"series": [*SERIES, "11,101,Axial T2"]}, "1 rows repeat study_id and series_id .* line 6;"),
    ],
)  # fmt: skip
def test_a_table_that_breaks_its_format_is_refused_in_one_line(write, content, message):
    with pytest.raises(DataError, match=message) as raised:
        read(write(**content))
    assert "\n" not in str(raised.value)


def test_two_rows_of_a_study_that_differ_are_refused_and_equal_ones_dropped(write):
    folder = write()
    path = folder / "train.csv"
    text = path.read_text(encoding="utf-8")
    row = text.splitlines()[2]
    path.write_text(f"{text}{row}\n", encoding="utf-8")
    assert read(folder).notes["repeated rows dropped"] == 1
    path.write_text(f"{text}{row.replace('Normal/Mild', 'Severe', 1)}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"train.csv: 1 rows repeat study_id with other values, .* line 5;"):
        read(folder)


def test_an_unknown_and_a_missing_column_are_named(write):
    folder = write()
    path = folder / "train.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(CANAL, "spinal_canal_stenosis_l6_l7"), encoding="utf-8")
    with pytest.raises(DataError, match=rf"columns \['{CANAL}'\] are missing"):
        read(folder)
    lines = text.splitlines()
    path.write_text(f"{lines[0]},age\n{lines[1]},5\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"columns \['age'\] are no grade"):
        read(folder)


@pytest.mark.parametrize(
    "name", ["train.csv", "train_label_coordinates.csv", "train_series_descriptions.csv"]
)
def test_an_absent_table_says_where_to_get_it(write, name):
    folder = write()
    (folder / name).unlink()
    with pytest.raises(DataError, match=rf"{name} \(or {name}.gz\) not found; download it from https"):
        read(folder)


@pytest.mark.parametrize("table", ["marks", "series"])
def test_a_study_spelled_in_two_ways_is_asked_about_before_the_tables_are_joined(write, table):
    plain = read(write())
    spelled = {"marks": MARKS, "series": SERIES}[table]
    folder = write(**{table: [f"0{line}" if line.startswith("11") else line for line in spelled]})
    with pytest.raises(
        DataError, match=r"1 ids .* '11' in line \d of train.csv and '011' in line \d of train_"
    ):
        read(folder)
    options = LumbarOptions(
        **PATIENTS | {"patient_ids": "normalised"}, unit="image", missing="mask", targets="cumulative"
    )
    joined = READERS["rsna_lumbar"].read(folder, folder, options)
    pd.testing.assert_frame_equal(joined.images, plain.images)
    pd.testing.assert_frame_equal(joined.labels, plain.labels)
    assert any("normalised" in doubt for doubt in joined.doubts)


def test_two_spellings_of_a_study_in_one_table_are_asked_about(write):
    folder = write(studies={**STUDIES, "011": {}})
    with pytest.raises(DataError, match="'11' in line .* of train.csv and '011' in line"):
        read(folder)
