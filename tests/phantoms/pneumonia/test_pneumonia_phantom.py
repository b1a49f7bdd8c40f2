"""The folder that the pneumonia phantom writes."""

import numpy as np
import pandas as pd
import pydicom
import pytest
from phantom_files import check_receipt, contents
from specs import PATIENTS

from radpipe.config.data import PhantomSpec
from radpipe.config.readers import PneumoniaOptions
from radpipe.data.readers.rsna_pneumonia import reading
from radpipe.data.readers.rsna_pneumonia.reading import MATCHED_TWICE
from radpipe.phantoms.driver import choose_population, make_phantom
from radpipe.phantoms.pneumonia.population import CLASSES
from radpipe.phantoms.pneumonia.tables import name_rows
from radpipe.phantoms.registry import PHANTOMS

SPEC = PhantomSpec(kind="pneumonia", seed=3, patients=60, size=48)


@pytest.fixture(scope="module")
def drawn():
    return choose_population(PHANTOMS["pneumonia"], SPEC)


@pytest.fixture(scope="module")
def labels(folder):
    return pd.read_csv(folder / "stage_2_train_labels.csv")


def names_of(drawn):
    return name_rows(drawn, SPEC).rows.to_numpy()


def test_number_of_threads_changes_no_byte(folder, tmp_path):
    make_phantom(PHANTOMS["pneumonia"], SPEC, tmp_path / "again", 1)
    assert contents(tmp_path / "again") == contents(folder)


def test_receipt_lists_every_other_file_with_its_size_and_hash(folder):
    check_receipt(folder, SPEC)


def test_headers_are_those_of_the_published_tables(folder):
    first = {path.name: path.read_text().splitlines()[0] for path in folder.glob("*.csv")}
    assert first == {
        "stage_2_train_labels.csv": "patientId,x,y,width,height,Target",
        "stage_2_detailed_class_info.csv": "patientId,class",
        "rsna_to_nih_mapping.csv": "patientId,nih_image,nih_patient",
        "truth.csv": "patientId,Normal,No_Lung_Opacity_Not_Normal,Lung_Opacity",
    }


def test_classes_and_truth_are_those_of_the_population(folder, drawn):
    names = names_of(drawn)
    classes = pd.read_csv(folder / "stage_2_detailed_class_info.csv").drop_duplicates()
    found = classes.set_index("patientId").loc[names, "class"]
    np.testing.assert_array_equal(found, np.array(CLASSES)[drawn.labels])
    truth = pd.read_csv(folder / "truth.csv", index_col=0).loc[names]
    np.testing.assert_allclose(truth, drawn.truth, rtol=1e-10)
    np.testing.assert_allclose(truth.sum(axis=1), 1)


def test_each_row_of_labels_has_a_row_of_classes_so_that_some_stand_twice(folder, labels):
    classes = pd.read_csv(folder / "stage_2_detailed_class_info.csv")
    assert classes["patientId"].to_list() == labels["patientId"].to_list()
    assert classes.duplicated().sum() == len(labels) - labels["patientId"].nunique() > 0


def test_images_with_an_opacity_and_no_others_have_one_to_four_boxes_within_them(labels, drawn):
    boxes = labels[labels["Target"] == 1]
    assert set(boxes["patientId"]) == set(names_of(drawn)[drawn.labels == CLASSES.index("Lung Opacity")])
    assert set(boxes["patientId"].value_counts()) <= {1, 2, 3, 4}
    assert (boxes[["width", "height"]] > 0).all(axis=None)
    assert (boxes[["x", "y"]] >= 0).all(axis=None)
    assert ((boxes["x"] + boxes["width"]).max(), (boxes["y"] + boxes["height"]).max()) <= (48, 48)
    assert labels[labels["Target"] == 0][["x", "y", "width", "height"]].isna().all(axis=None)


def test_a_file_is_8_bit_jpeg_baseline_with_age_sex_and_view(folder, drawn):
    row = int(np.setdiff1d(range(9), np.concatenate(list(drawn.oddities.values())))[0])
    name, facts = names_of(drawn)[row], drawn.images.iloc[row]
    dataset = pydicom.dcmread(folder / "stage_2_train_images" / f"{name}.dcm", stop_before_pixels=True)
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    assert (dataset.BitsAllocated, dataset.Rows, dataset.Columns) == (8, 48, 48)
    assert (dataset.Modality, dataset.PatientID) == ("CR", name)
    found = (dataset.PatientAge, dataset.PatientSex, dataset.ViewPosition)
    assert found == (str(facts["age"]), facts["sex"], facts["view"])


def test_the_frame_decodes_to_the_drawn_picture(folder, drawn):
    row = int(drawn.oddities["matched twice"][0])
    path = folder / "stage_2_train_images" / f"{names_of(drawn)[row]}.dcm"
    pixels = pydicom.dcmread(path).pixel_array
    assert (pixels.shape, pixels.dtype) == ((48, 48), np.uint8)
    assert pixels.std() > 30


def test_the_reader_finds_what_the_receipt_counts(folder, receipt, drawn):
    index = reading.read(folder, folder, PneumoniaOptions(**PATIENTS, targets="classes"))
    counts = receipt["counts"]
    assert index.labels.sum().to_list() == [counts[name] for name in CLASSES]
    assert (len(index.images), len(index.boxes)) == (counts["images"], counts["boxes"])
    assert index.notes[MATCHED_TWICE] == counts["matched twice"] / 2 == 1
    assert index.images["age"].isna().sum() == counts["impossible age"] == 1
    assert index.notes["headers that name another patientId"] == 0
    wrong = drawn.oddities["matched twice"][1]
    patients = index.images.set_index("image_id").loc[names_of(drawn), "patient_id"].astype(int).to_numpy()
    differs = np.flatnonzero(patients != drawn.images["patient"])
    assert differs.tolist() == [wrong]


def test_a_truncated_file_ends_within_its_frame(folder, drawn):
    row = int(drawn.oddities["truncated"][0])
    content = (folder / "stage_2_train_images" / f"{names_of(drawn)[row]}.dcm").read_bytes()
    assert content[128:132] == b"DICM"
    assert b"\xff\xd8\xff" in content
    assert b"\xff\xd9" not in content[-16:]
