import gzip

import numpy as np
import pandas as pd
import pytest
from specs import PATIENTS

from radpipe.config.readers import NoOptions
from radpipe.data.readers.nih_cxr14 import reading as nih_cxr14
from radpipe.data.readers.nih_cxr14.tables import FINDINGS, encode_findings
from radpipe.errors import DataError


def read(root, tables):
    return nih_cxr14.read(root, tables, NoOptions(**PATIENTS))


ROWS = [
    ("00000001_000.png", "Cardiomegaly|Effusion", "1", "57"),
    ("00000001_001.png", "No Finding", "1", "060Y"),
    ("00000002_000.png", "Hernia", "2", "411Y"),
]


def test_findings_are_split_at_bars_and_no_finding_is_the_zero_vector(write_entries):
    index = read(*[write_entries(ROWS)] * 2)
    assert index.labels.loc["00000001_000.png"].sum() == 2
    assert index.labels.loc["00000001_000.png", ["Cardiomegaly", "Effusion"]].tolist() == [1, 1]
    assert (index.labels.loc["00000001_001.png"] == 0).all()
    assert list(index.labels.columns) == list(FINDINGS)
    assert set(index.labels.dtypes) == {np.dtype("float32")}


def test_a_finding_is_a_word_and_no_substring():
    labels = encode_findings(pd.Series(["Pneumothorax"]), "t.csv")
    assert labels["Pneumonia"].item() == 0
    assert labels["Pneumothorax"].item() == 1


def test_an_empty_cell_is_unknown_and_not_negative():
    assert encode_findings(pd.Series(["Mass", None]), "t.csv").iloc[1].isna().all()


@pytest.mark.parametrize(
    ("words", "message"),
    [("Mass|Covid", "Covid"), ("No Finding|Mass", "beside a finding"), ("mass", "'mass'")],
)
def test_unknown_or_contradicting_words_are_refused(words, message):
    with pytest.raises(DataError, match=message):
        encode_findings(pd.Series(["Mass", words]), "t.csv")


def test_both_names_of_the_sex_column_are_read(write_entries):
    for sex in ("Patient Sex", "Patient Gender"):
        assert (read(*[write_entries(ROWS, sex=sex)] * 2).images["sex"] == "F").all()


def test_the_older_table_is_read_plain_and_gzipped(write_entries):
    folder = write_entries(ROWS, name="Data_Entry_2017.csv")
    plain = read(folder, folder)
    path = folder / "Data_Entry_2017.csv"
    (folder / "Data_Entry_2017.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    pd.testing.assert_frame_equal(plain.labels, read(folder, folder).labels)


def test_images_are_matched_by_name_in_twelve_folders_and_in_a_flat_one(write_entries):
    folder = write_entries(ROWS)
    for place in (
        "images_012/images/00000001_000.png",
        "images/00000002_000.png",
        "images_001/images/zzz.png",
    ):
        (folder / place).parent.mkdir(parents=True)
        (folder / place).write_bytes(b"x")
    index = read(folder, folder)
    assert index.images["path"][0] == "images_012/images/00000001_000.png"
    assert pd.isna(index.images["path"][1])
    assert index.images["path"][2] == "images/00000002_000.png"
    assert index.notes["files on disk without a row"] == 1


def test_two_files_of_one_name_and_different_sizes_are_refused(write_entries):
    folder = write_entries(ROWS)
    for place, content in (("images_001/images", b"x"), ("images", b"xy")):
        (folder / place).mkdir(parents=True)
        (folder / place / "00000001_000.png").write_bytes(content)
    with pytest.raises(DataError, match="different sizes"):
        read(folder, folder)


def test_a_repeated_row_is_dropped_and_counted_and_a_contradiction_refused(write_entries):
    index = read(*[write_entries([*ROWS, ROWS[0]])] * 2)
    assert (len(index.images), index.notes["repeated rows dropped"]) == (3, 1)
    with pytest.raises(DataError, match="1 images have several rows that differ.* line 5"):
        read(*[write_entries([*ROWS, ("00000002_000.png", "Mass", "2", "40")])] * 2)


def test_boxes_are_read_and_infiltrate_is_infiltration(write_entries):
    folder = write_entries(ROWS)
    (folder / "BBox_List_2017.csv").write_text(
        "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000002_000.png,Infiltrate,1.5,2,3,4,,,\n"
        "99999999_000.png,Mass,1,2,3,4,,,\n",
        encoding="utf-8",
    )
    boxes = read(folder, folder).boxes
    assert boxes.iloc[0].tolist() == ["00000002_000.png", "Infiltration", 1.5, 2, 3, 4]
    assert len(boxes) == 1


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ("Mass,1,2,three,4", "line 3 holds 'three' in column 'width', expected pixels"),
        ("Mass,,2,3,4", "line 3 holds nothing as x of its box"),
        ("Mass,1,-2,3,4", "line 3 holds '-2' as y of its box"),
        ("Mass,1,2,3,0", "line 3 holds '0' as height of its box"),
        ("Mass,1,2,inf,4", "line 3 holds 'inf' in column 'width'"),
        (",1,2,3,4", r"column 'Finding Label' holds \[''\]"),
    ],
)
def test_a_box_that_is_none_is_refused_with_its_line(write_entries, box, message):
    folder = write_entries(ROWS)
    lines = ["Image Index,Finding Label,Bbox [x,y,w,h],,,", "00000002_000.png,Mass,1,2,3,4,,,"]
    (folder / "BBox_List_2017.csv").write_text("\n".join([*lines, f"00000001_000.png,{box},,,"]))
    with pytest.raises(DataError, match=f"BBox_List_2017.csv: {message}"):
        read(folder, folder)


def test_an_image_in_both_official_lists_is_refused(write_entries):
    folder = write_entries(ROWS)
    for name in ("train_val_list.txt", "test_list.txt"):
        (folder / name).write_text("00000001_000.png\n", encoding="utf-8")
    with pytest.raises(DataError, match="1 images also stand in train_val"):
        read(folder, folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "columns .* are missing"),
        ("\x00\x01", "holds zero bytes"),
        ("\ud83d", "is not UTF-8 text"),
        ("Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Sex,View Position", "no row"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_name(tmp_path, content, message):
    (tmp_path / "Data_Entry_2017.csv").write_text(content, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(DataError, match=f"Data_Entry_2017.csv: .*{message}"):
        read(tmp_path, tmp_path)


def test_a_folder_without_a_table_says_where_to_get_it(tmp_path):
    with pytest.raises(DataError, match="found neither Data_Entry_2017_v2020.csv nor"):
        read(tmp_path, tmp_path)


def test_the_published_table_has_the_published_counts(real_table):
    index = read(real_table, real_table)
    counts = {
        "Infiltration": 19894, "Effusion": 13317, "Atelectasis": 11559, "Nodule": 6331, "Mass": 5782,
        "Pneumothorax": 5302, "Consolidation": 4667, "Pleural_Thickening": 3385, "Cardiomegaly": 2776,
        "Emphysema": 2516, "Edema": 2303, "Fibrosis": 1686, "Pneumonia": 1431, "Hernia": 227,
    }  # fmt: skip
    assert index.labels.sum().astype(int).to_dict() == dict(sorted(counts.items()))
    assert (len(index.images), index.images["patient_id"].nunique()) == (112120, 30805)
    assert (index.labels.sum(axis=1) == 0).sum() == 60361
    assert len(index.boxes) == 984
    assert index.images["official_split"].value_counts().to_dict() == {"train_val": 86524, "test": 25596}


def test_a_name_that_states_another_patient_is_refused_with_its_line(write_entries):
    folder = write_entries([*ROWS, ("00000003_000.png", "Mass", "4", "50")])
    message = "line 5 gives 00000003_000.png the patient '4', and its name states patient 3; correct one"
    with pytest.raises(DataError, match=message):
        read(folder, folder)


def test_a_patient_is_the_same_with_zeros_in_front_and_a_decimal_point(write_entries):
    rows = [(name, words, f"{int(patient):08d}.0", age) for name, words, patient, age in ROWS]
    assert len(read(*[write_entries(rows)] * 2).images) == len(ROWS)


@pytest.mark.parametrize("bad", ["", "nan", "NA"])
def test_a_row_that_names_nobody_is_of_the_patient_that_its_image_names(write_entries, bad):
    folder = write_entries([*ROWS, ("00000003_000.png", "Mass", bad, "50")])
    index = read(folder, folder)
    assert index.images["patient_id"].to_list()[-1] == "3"
    assert index.notes[nih_cxr14.FROM_NAME] == 1
    assert index.lines.to_list() == [2, 3, 4, 5]


def test_a_table_with_semicolons_a_mark_and_one_more_blank_cell_is_read(write_entries):
    folder = write_entries(ROWS)
    plain = read(folder, folder)
    path = folder / "Data_Entry_2017_v2020.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    for text in (
        "\ufeff" + "\r\n".join([header.replace(",", ";"), *(line.replace(",", ";") for line in lines)]),
        "\n".join([header, *(f"{line}," for line in lines), ",,"]),
        "\n".join([f",{header}", *(f"{number},{line}" for number, line in enumerate(lines))]),
    ):
        path.write_text(text, encoding="utf-8")
        found = read(folder, folder)
        pd.testing.assert_frame_equal(found.images, plain.images)
        pd.testing.assert_frame_equal(found.labels, plain.labels)


def test_words_in_another_case_or_for_nothing_are_no_finding():
    labels = encode_findings(pd.Series(["No finding", " Mass | Edema ", "Mass|"]), "t.csv")
    assert labels.sum(axis=1).to_list() == [0, 2, 1]


@pytest.mark.parametrize(
    "change",
    [
        lambda names: [f"images_001/images/{name}" for name in names],
        lambda names: ["Image Index", *names],
        lambda names: [f'"{name}" ' for name in names],
        lambda names: [*names, ""],
    ],
    ids=["folders", "header", "quotes", "blank line"],
)
def test_lists_are_read_with_folders_or_a_header(write_entries, change):
    folder = write_entries(ROWS)
    (folder / "train_val_list.txt").write_text(
        "\r\n".join(change([ROWS[0][0], ROWS[1][0]])), encoding="utf-8"
    )
    (folder / "test_list.txt").write_text("\r\n".join(change([ROWS[2][0]])), encoding="utf-8")
    assert read(folder, folder).images["official_split"].to_list() == ["train_val", "train_val", "test"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["00000001_000.png", "train"], "train_val_list.txt: line 2 holds 'train', expected the name of one"),
        (["00000009_000.png"], "names no image of the label table; its first name is '00000009_000.png'"),
        (["Image Index"], "names no image of the label table; its first name is nothing"),
        (["00000001_000.png,train"], "line 1 holds '00000001_000.png,train', expected the name of one"),
    ],
)  # fmt: skip
def test_a_list_of_something_else_is_refused_with_the_reason(write_entries, lines, message):
    folder = write_entries(ROWS)
    (folder / "train_val_list.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "test_list.txt").write_text(ROWS[2][0], encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read(folder, folder)


@pytest.mark.parametrize(
    "name",
    ["00000001_000.PNG", "images/00000001_000.png", "images_001/images/00000001_000.jpg", "00000001_000"],
)
def test_the_name_states_its_patient_in_any_spelling(write_entries, name):
    folder = write_entries([(name, "Mass", "9", "50")])
    with pytest.raises(DataError, match="its name states patient 1"):
        read(folder, folder)


@pytest.mark.parametrize("number", ["1.5", "1e10", "9999999999", "inf", "x", "1,5"])
def test_a_follow_up_that_is_no_number_is_unknown(write_entries, number):
    folder = write_entries(ROWS)
    path = folder / "Data_Entry_2017_v2020.csv"
    lines = path.read_text().splitlines()
    place = lines[0].split(",").index("Follow-up #")
    cells = lines[1].split(",")
    cells[place] = f'"{number}"'
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    assert read(folder, folder).images["follow_up"].isna().to_list() == [True, False, False]


def test_a_cell_of_bars_alone_is_unknown():
    found = encode_findings(pd.Series(["|", "Mass"]), "x.csv")
    assert found["Mass"].isna().to_list() == [True, False]


def test_boxes_are_read_by_the_names_of_their_columns(write_entries):
    folder = write_entries(ROWS)
    path = folder / "BBox_List_2017.csv"
    path.write_text("Image Index,Finding Label,w,h,x,y\nimages/00000001_000.png,Mass,1,2,3,4\n")
    box = read(folder, folder).boxes.iloc[0]
    assert (box["x"], box["y"], box["width"], box["height"]) == (3, 4, 1, 2)
    path.write_text("Image Index,Finding Label,x,y,w,depth\n00000001_000.png,Mass,1,2,3,4\n")
    with pytest.raises(DataError, match="expected Image Index, Finding Label, x, y, w, h"):
        read(folder, folder)


@pytest.mark.parametrize(
    "spell",
    [str.upper, lambda name: name.removesuffix(".png"), lambda name: f"images_001\\images\\{name}"],
    ids=["capitals", "no suffix", "backslashes"],
)
def test_a_list_in_another_spelling_names_the_same_images(write_entries, spell):
    folder = write_entries(ROWS)
    names = [row[0] for row in ROWS]
    (folder / "train_val_list.txt").write_text("\n".join(map(spell, names[:2])) + "\n")
    (folder / "test_list.txt").write_text(spell(names[2]) + "\n")
    assert read(folder, folder).images["official_split"].to_list() == ["train_val", "train_val", "test"]
