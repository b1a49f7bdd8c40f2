import gzip
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from pydicom import DataElement, Dataset
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from specs import NO_LINKS, PATIENTS

from radpipe.config.data import ValidateSpec
from radpipe.config.readers import NoOptions
from radpipe.data.demographics import IMPOSSIBLE, OTHER_SEXES
from radpipe.data.readers.registry import READERS
from radpipe.data.readers.rsna_hemorrhage.reading import FROM_STUDY, STUDY_FOR_PATIENT, to_submission
from radpipe.data.readers.rsna_hemorrhage.table import TARGETS, read_labels
from radpipe.errors import DataError
from radpipe.images.validate.validation import validate


def six(image, *positive):
    return [(f"{image}_{target}", int(target in positive)) for target in TARGETS]


ROWS = [*six("ID_1a", "subdural", "any"), *six("ID_2b"), *six("ID_3_c", "any", "epidural")]


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def write(folder, rows, name="stage_2_train.csv"):
    text = "ID,Label\n" + "".join(f"{key},{label}\n" for key, label in rows)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def write_header(path, patient, study="1.2.3", z=10.5, modality="CT", **elements):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.Modality = CTImageStorage, modality
    dataset.PatientID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = patient, study, f"{study}.1"
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.ImagePositionPatient = [0, 0, z]
    for keyword, value in elements.items():
        dataset.add(DataElement(keyword, dictionary_VR(keyword), value, validation_mode=IGNORE))
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


def read(folder):
    return READERS["rsna_hemorrhage"].read(folder, folder, NoOptions(**PATIENTS))


def test_rows_in_any_order_become_one_row_of_six_targets_an_image(folder):
    shuffled = [ROWS[i] for i in np.random.default_rng(0).permutation(len(ROWS))]
    labels, _ = read_labels(write(folder, shuffled))
    assert list(labels.columns) == list(TARGETS)
    assert set(labels.dtypes) == {np.dtype("float32")}
    assert labels.loc["ID_1a"].tolist() == [0, 0, 0, 0, 1, 1]
    assert labels.loc["ID_2b"].tolist() == [0] * 6
    assert labels.loc["ID_3_c"].tolist() == [1, 0, 0, 0, 0, 1]


def test_images_stand_in_order_of_first_appearance(folder):
    labels, _ = read_labels(write(folder, [*six("ID_9"), *six("ID_1"), *six("ID_5")]))
    assert labels.index.to_list() == ["ID_9", "ID_1", "ID_5"]


def test_an_image_may_be_called_like_a_subtype(folder):
    labels, _ = read_labels(write(folder, [*six("_any"), *six("epidural_any")]))
    assert labels.index.to_list() == ["_any", "epidural_any"]


def test_a_table_of_many_blocks_is_the_table_of_one(folder, monkeypatch):
    path = write(folder, ROWS * 30)
    whole = read_labels(path)
    monkeypatch.setattr("radpipe.data.readers.rsna_hemorrhage.table.BLOCK", 100)
    pd.testing.assert_frame_equal(read_labels(path)[0], whole[0])
    assert read_labels(path)[1] == whole[1]


def test_repeated_rows_are_dropped_and_counted(folder):
    labels, notes = read_labels(write(folder, [*ROWS, *ROWS[:6], ROWS[0]]))
    assert len(labels) == 3
    assert notes["repeated rows dropped"] == 7


def test_absent_rows_are_unknown_and_counted(folder):
    labels, notes = read_labels(write(folder, [*ROWS[:6], ("ID_4_any", 1), ("ID_4_subdural", 0)]))
    assert labels.loc["ID_4"].isna().tolist() == [True, True, True, True, False, False]
    assert notes["images with fewer than six rows (the absent labels are unknown)"] == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*ROWS, ("ID_2b_any", 1), ("ID_2b_epidural", 1)], "1 images have rows that contradict .* line 8;"),
        ([*ROWS, *six("ID_4", "any")], "in 1 images `any` is not the union .* that of line 20;"),
        ([*ROWS, ("ID_4_any", 0), ("ID_4_subdural", 1)], "in 1 images `any` is not the union"),
        ([*ROWS, ("ID_4_cerebral", 0)], r"column ID ends in \['cerebral'\], expected only epidural"),
        ([*ROWS, ("ID", 0)], "line 20 holds 'ID' in column 'ID', expected ID_<image>_<subtype>"),
        ([*ROWS, ("", 0)], "line 20 holds nothing in column 'ID'"),
        ([*ROWS, ("_any", 0)], "line 20 holds '_any' in column 'ID'"),
        ([("any", 0), *ROWS], "line 2 holds 'any' in column 'ID'"),
        ([*ROWS, ("ID_4_any", 0.4)], "line 20 holds '0.4' in column 'Label', expected 0 or 1. Is this"),
        ([*ROWS, ("ID_4_any", "")], "line 20 holds nothing in column 'Label', expected 0 or 1"),
        ([*ROWS, ("ID_4_any", "yes")], "line 20 holds 'yes' in column 'Label', expected 0 or 1"),
        ([*ROWS, ("ID_4_any", "0,1")], "line 20 has 3 cells, expected 2 as in the header"),
        ([], "holds no rows below a header"),
    ],
)  # fmt: skip
def test_a_table_that_breaks_its_format_is_refused_with_its_name(folder, rows, message):
    with pytest.raises(DataError, match=rf"^stage_2_train\.csv: .*{message}"):
        read_labels(write(folder, rows))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"image;label\n1;2\n", r"columns \['ID', 'Label'\] are missing; found image, label"),
        (b"\xff\xfe\x00", "is UTF-16 text"),
        (gzip.compress(b"ID,Label\n" + b"ID_1_any,0\n" * 999, mtime=0)[:-20], "not readable"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_name(folder, content, message):
    name = "stage_1_train.csv.gz" if content[:2] == b"\x1f\x8b" else "stage_1_train.csv"
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"^{name}: .*({message})"):
        read(folder)


def test_a_folder_without_a_table_says_where_to_get_it(folder):
    with pytest.raises(DataError, match=r"found neither stage_2_train.csv nor stage_1_train.csv .*kaggle"):
        read(folder)


def test_the_larger_set_is_read_first_plain_or_gzipped(folder):
    write(folder, six("ID_1"), "stage_1_train_full.csv")
    assert read(folder).tables[0].name == "stage_1_train_full.csv"
    write(folder, six("ID_1"), "stage_1_train.csv")
    assert read(folder).tables[0].name == "stage_1_train.csv"
    plain = read_labels(write(folder, ROWS))[0]
    packed = folder / "stage_2_train.csv.gz"
    packed.write_bytes(gzip.compress((folder / "stage_2_train.csv").read_bytes()))
    (folder / "stage_2_train.csv").unlink()
    assert read(folder).tables[0] == packed
    pd.testing.assert_frame_equal(read_labels(packed)[0], plain)


def test_patients_studies_and_heights_come_from_the_headers(folder):
    write(folder, ROWS)
    write_header(folder / "stage_2_train" / "ID_1a.dcm", "p1", "1.2.5", z=7.5)
    write_header(folder / "stage_2_train" / "deeper" / "still" / "ID_2b.dcm", "p1")
    write_header(folder / "stage_1_train" / "ID_3_c.dcm", "p2", modality="MR")
    write_header(folder / "stage_1_train" / "ID_9.dcm", "p9")
    index = read(folder)
    assert index.images["patient_id"].to_list() == ["p1", "p1", "p2"]
    assert index.images["path"][1] == "stage_2_train/deeper/still/ID_2b.dcm"
    assert index.images["expected_modality"].unique().tolist() == ["CT"]
    assert index.images.loc[0, ["study_id", "series_id", "z"]].to_list() == ["1.2.5", "1.2.5.1", 7.5]
    assert index.notes["files on disk without a row"] == 1
    assert index.notes["studies that name several patients"] == 1
    assert index.notes["headers of another modality than CT"] == 1


def test_a_slice_of_an_unknown_patient_is_nobodys_and_counted(folder):
    write(folder, [*ROWS, *six("ID_4")])
    write_header(folder / "stage_2_train" / "ID_1a.dcm", "p1")
    write_header(folder / "stage_2_train" / "ID_2b.dcm", "", study="")
    (folder / "stage_2_train" / "ID_3_c.dcm").write_bytes(b"")
    index = read(folder)
    assert index.images["patient_id"].to_list() == ["p1", "unknown:ID_2b", "unknown:ID_3_c", "unknown:ID_4"]
    assert index.images["path"].notna().tolist() == [True, True, True, False]
    assert index.notes["images not on disk, their patient unknown"] == 1
    unknown = "files without a readable header or patient, each counted as a patient of its own"
    assert index.notes[unknown] == 2


def write_images(folder, **headers):
    write(folder, [row for name in headers for row in six(name)])
    for name, (patient, study) in headers.items():
        write_header(folder / "stage_2_train" / f"{name}.dcm", patient, study)


def test_a_slice_without_a_patient_is_of_the_one_patient_of_its_study(folder):
    write_images(folder, ID_1=("p1", "1.2"), ID_2=("", "1.2"), ID_3=("p2", "1.3"))
    index = read(folder)
    assert index.images["patient_id"].to_list() == ["p1", "p1", "p2"]
    assert index.notes[FROM_STUDY] == 1
    assert "nameless" not in index.images


def test_a_study_that_names_no_patient_stands_for_one_and_is_a_doubt(folder):
    write_images(folder, ID_1=("", "1.2"), ID_2=("", "1.2"), ID_3=("p2", "1.3"))
    index = read(folder)
    assert index.images["patient_id"].to_list() == ["1.2", "1.2", "p2"]
    assert index.notes[STUDY_FOR_PATIENT] == 2
    assert STUDY_FOR_PATIENT in index.doubts


def test_a_slice_without_patient_and_study_is_rejected_by_name(folder):
    write_images(folder, ID_1=("p1", "1.2"), ID_2=("", ""))
    index = read(folder)
    assert index.images["nameless"].to_list() == [False, True]
    spec = ValidateSpec(level="exists", max_rejected_share=1.0, max_pixels=10**6)
    accepted, rejected, _ = validate(index.images, folder, spec, NO_LINKS, 1)
    assert accepted["image_id"].to_list() == ["ID_1"]
    assert rejected[["row", "reason", "detail"]].to_numpy().tolist() == [
        [1, "no patient", "the header names neither patient nor study"]
    ]


def test_tables_alone_are_read_and_say_that_no_patient_is_known(folder):
    write(folder, ROWS)
    index = read(folder)
    assert index.images["patient_id"].to_list() == ["ID_1a", "ID_2b", "ID_3_c"]
    assert index.notes["patients unknown: the headers are not on disk"] == 3
    assert index.images["path"].isna().all()


@pytest.fixture
def probabilities():
    values = np.arange(12).reshape(2, 6) / 20
    return pd.DataFrame(values, index=["ID_2", "ID_1"], columns=list(TARGETS))


def test_submission_has_six_rows_an_image_in_the_competitions_format(probabilities):
    text = to_submission(probabilities).to_csv(index=False)
    assert text.splitlines()[:8] == [
        "ID,Label",
        "ID_2_epidural,0.0",
        "ID_2_intraparenchymal,0.05",
        "ID_2_intraventricular,0.1",
        "ID_2_subarachnoid,0.15",
        "ID_2_subdural,0.2",
        "ID_2_any,0.25",
        "ID_1_epidural,0.3",
    ]
    assert len(text.splitlines()) == 13


def test_submission_goes_by_names_and_not_by_order(probabilities):
    turned = probabilities[list(reversed(TARGETS))]
    expected = to_submission(probabilities.loc[["ID_1", "ID_2"]])
    pd.testing.assert_frame_equal(to_submission(turned, ["ID_1", "ID_2"]), expected)


@pytest.mark.parametrize(
    ("change", "images", "message"),
    [
        (lambda table: table.drop(columns="any"), None, "columns are .*expected"),
        (lambda table: pd.concat([table, table]), None, "stands twice"),
        (lambda table: table, ["ID_1", "ID_2", "ID_3"], "1 of 3 test images have no prediction, .* number 3"),
        (lambda table: table, ["ID_1"], "1 images are not in the test set, the first is prediction 1$"),
        (lambda table: table.replace(0.05, np.nan), None, "1 images have a value .* first is number 1;"),
        (lambda table: table * 2, None, "1 images have a value that is no .* first is number 2"),
    ],
)  # fmt: skip
def test_submission_that_the_competition_would_refuse_is_refused(probabilities, change, images, message):
    with pytest.raises(DataError, match=message):
        to_submission(change(probabilities), images)


@pytest.fixture
def real_folder(request):
    folder = request.config.rootpath.parent / "shared" / "data" / "rsna_hemorrhage"
    if not folder.is_dir():
        pytest.skip("the real haemorrhage set is not beside the repository (../shared/data/rsna_hemorrhage)")
    return folder


def test_the_published_table_has_the_published_counts(real_folder):
    labels, notes = read_labels(real_folder / "stage_1_train_full.csv.gz")
    assert labels.sum().astype(int).to_dict() == {
        "epidural": 2761, "intraparenchymal": 32564, "intraventricular": 23766, "subarachnoid": 32122,
        "subdural": 42496, "any": 97103,
    }  # fmt: skip
    assert len(labels) == 674258
    assert list(notes.values()) == [24, 0]


def test_the_real_slices_belong_to_seven_patients(real_folder):
    index = read(real_folder)
    assert (len(index.images), index.images["patient_id"].nunique()) == (237, 7)
    assert index.images["study_id"].nunique() == 7
    assert index.images[["path", "series_id", "z"]].notna().all().all()


CUT = [(name.rsplit("_", 1), label) for name, label in ROWS]


def spell(rows, row="{},{}", header="ID,Label", end="\n"):
    return end.join([header, *(row.format(name, label) for name, label in rows)]) + end


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + spell(ROWS, end="\r\n"),
        spell(ROWS, "{};{}", "ID;Label"),
        "sep=\t\n" + spell(ROWS, "{}\t{}", "ID\tLabel"),
        spell(ROWS, "7,{},{}", "n,ID,Label"),
        spell(ROWS, '"{}","{}"', '"ID","Label"'),
        spell(ROWS, "{} , {}", "ID, Label"),
        spell([(name, float(label)) for name, label in ROWS]),
        spell([(name, bool(label)) for name, label in ROWS]),
        spell([("_".join([image, target.upper()]), label) for (image, target), label in CUT]),
        spell(ROWS) + ",\n,\n",
        spell(ROWS, end="\r"),
    ],
    ids=[
        "mark", "semicolons", "tabs", "another column", "quotes", "blanks", "floats", "truth values",
        "capitals", "blank tail", "old ends of lines",
    ],
)  # fmt: skip
def test_a_table_that_was_saved_again_is_read_like_the_published_one(folder, text):
    expected = read_labels(write(folder, ROWS))[0]
    (folder / "again.csv").write_bytes(text.encode())
    pd.testing.assert_frame_equal(read_labels(folder / "again.csv")[0], expected)


def test_names_of_files_are_refused(folder):
    rows = [(f"ID_1a.dcm_{target}", 0) for target in TARGETS]
    with pytest.raises(DataError, match="column 'ID' names 1 files, such as 'ID_1a.dcm', expected"):
        read_labels(write(folder, rows))


def test_sex_and_age_of_headers_are_understood_and_what_is_not_is_counted(folder):
    write(folder, [*six("ID_1"), *six("ID_2"), *six("ID_3"), *six("ID_4")])
    given = (("f ", "057Y"), ("Female", "57"), ("O", "abc"), ("", ""))
    for number, (sex, age) in enumerate(given, 1):
        write_header(
            folder / "stage_2_train" / f"ID_{number}.dcm", f"p{number}", PatientSex=sex, PatientAge=age
        )
    index = read(folder)
    assert index.images["sex"].value_counts().to_dict() == {"F": 2}
    assert index.images["age"].value_counts().to_dict() == {57: 2}
    assert (index.notes[OTHER_SEXES], index.notes[IMPOSSIBLE]) == (1, 1)


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0"])
def test_blanks_around_a_name_make_no_other_image(folder, blank):
    rows = six("ID_000") + [(f"{blank}{key}", label) for key, label in six("ID_001")]
    write(folder, rows)
    assert read(folder).images["image_id"].to_list() == ["ID_000", "ID_001"]


def test_a_suffix_in_capitals_is_refused_like_one_in_small_letters(folder):
    write(folder, six("ID_000.DCM"))
    with pytest.raises(DataError, match=r"remove \.dcm"):
        read(folder)


def test_a_word_for_nobody_takes_the_patient_of_its_study(folder):
    write(folder, six("ID_1") + six("ID_2") + six("ID_3"))
    for image, patient, study in (
        ("ID_1", "Anonymous^", "1.1"),
        ("ID_2", "p1", "1.1"),
        ("ID_3", "NA", "1.2"),
    ):
        write_header(folder / f"stage_2_train/{image}.dcm", patient, study)
    assert read(folder).images["patient_id"].to_list() == ["p1", "p1", "1.2"]


def test_two_spellings_of_a_patient_are_not_two_patients_of_a_study(folder):
    write(folder, six("ID_1") + six("ID_2"))
    write_header(folder / "stage_2_train/ID_1.dcm", "001", "1.1")
    write_header(folder / "stage_2_train/ID_2.dcm", "1", "1.1")
    assert read(folder).notes["studies that name several patients"] == 0
