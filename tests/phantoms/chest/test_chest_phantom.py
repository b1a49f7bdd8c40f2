"""The folder that the chest phantom writes."""

import cv2
import numpy as np
import pandas as pd
import pytest
from phantom_files import check_receipt, contents

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.chest.population import IMPOSSIBLE_AGE, NAMES
from radpipe.phantoms.driver import choose_population, make_phantom
from radpipe.phantoms.registry import PHANTOMS

SPEC = PhantomSpec(kind="chest", seed=3, patients=60, size=48)


@pytest.fixture(scope="module")
def entries(folder):
    return pd.read_csv(folder / "Data_Entry_2017_v2020.csv", index_col=False)


@pytest.fixture(scope="module")
def drawn():
    return choose_population(PHANTOMS["chest"], SPEC)


@pytest.fixture
def image_of(folder, entries):
    """Return the path of a row's image."""
    paths = {path.name: path for path in folder.glob("images_*/images/*.png")}
    return lambda row: paths.get(entries["Image Index"][row])


def test_number_of_threads_changes_no_byte(folder, tmp_path):
    make_phantom(PHANTOMS["chest"], SPEC, tmp_path / "again", 1)
    assert contents(tmp_path / "again") == contents(folder)


def test_headers_are_those_of_the_published_tables(folder):
    first = {
        name: (folder / name).read_text().splitlines()[0] for name in ("BBox_List_2017.csv", "truth.csv")
    }
    header = (folder / "Data_Entry_2017_v2020.csv").read_text().splitlines()[0]
    assert header == (
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
        "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
    )
    assert first["BBox_List_2017.csv"] == "Image Index,Finding Label,Bbox [x,y,w,h],,,"
    assert first["truth.csv"] == "Image Index," + ",".join(NAMES)


def test_receipt_lists_every_other_file_with_its_size_and_hash(folder):
    check_receipt(folder, SPEC)


def test_labels_and_truth_are_those_of_the_population(folder, entries, drawn):
    found = [[name in text.split("|") for name in NAMES] for text in entries["Finding Labels"]]
    np.testing.assert_array_equal(found, drawn.labels)
    truth = pd.read_csv(folder / "truth.csv")
    np.testing.assert_array_equal(truth["Image Index"], entries["Image Index"])
    np.testing.assert_allclose(truth[list(NAMES)], drawn.truth, rtol=1e-11)


def test_the_two_lists_name_every_image_once(folder, entries):
    listed = [(folder / f"{name}_list.txt").read_text().split() for name in ("train_val", "test")]
    assert sorted(listed[0] + listed[1]) == sorted(entries["Image Index"])


def test_images_lie_in_two_folders(folder):
    assert all(list((folder / f"images_00{i}" / "images").glob("*.png")) for i in (1, 2))


def test_boxes_belong_to_positives_of_the_test_list_and_lie_within_the_image(folder, entries):
    boxes = pd.read_csv(
        folder / "BBox_List_2017.csv", header=0, names=["image", "label", *"xywh"], usecols=range(6)
    )
    labels = entries.set_index("Image Index")["Finding Labels"]
    assert set(boxes["image"]) <= set((folder / "test_list.txt").read_text().split())
    assert set(boxes["label"]) <= {"Infiltrate", "Effusion", "Mass", "Pneumothorax", "Cardiomegaly"}
    for box in boxes.itertuples():
        assert box.label.replace("Infiltrate", "Infiltration") in labels[box.image]
        assert 0 <= box.x < box.x + box.w <= 48
        assert 0 <= box.y < box.y + box.h <= 48


def test_each_oddity_is_there_as_often_as_the_receipt_says(receipt, drawn, image_of, entries):
    found = {kind: len(rows) for kind, rows in drawn.oddities.items()}
    assert found == {kind: receipt["counts"][kind] for kind in found}
    assert min(found.values()) >= 1
    rows = {kind: int(rows[0]) for kind, rows in drawn.oddities.items()}
    assert image_of(rows["missing"]) is None
    assert image_of(rows["empty"]).stat().st_size == 0
    assert cv2.imread(str(image_of(rows["constant"])), cv2.IMREAD_GRAYSCALE).std() == 0
    assert entries["Patient Age"][rows["impossible age"]] == IMPOSSIBLE_AGE


def test_truncated_file_lacks_its_end(drawn, image_of):
    content = image_of(drawn.oddities["truncated"][0]).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"IEND" not in content


def test_rgba_file_holds_opaque_grey(drawn, image_of):
    pixels = cv2.imread(str(image_of(drawn.oddities["rgba"][0])), cv2.IMREAD_UNCHANGED)
    assert pixels.shape == (48, 48, 4)
    assert (pixels[..., 3] == 255).all()
    assert (pixels[..., :3] == pixels[..., :1]).all()


@pytest.mark.parametrize(("kind", "same_labels"), [("identical", True), ("conflicting", False)])
def test_pair_of_two_patients_shares_its_pixels(kind, same_labels, drawn, image_of, entries):
    first, second = drawn.oddities[kind][:2]
    assert image_of(first).read_bytes() == image_of(second).read_bytes()
    assert entries["Patient ID"][first] != entries["Patient ID"][second]
    assert (entries["Finding Labels"][first] == entries["Finding Labels"][second]) == same_labels


def test_oddities_take_no_picture_of_a_patient_with_a_rare_finding(drawn):
    rare = drawn.images["patient"][drawn.labels[:, 1:].any(axis=1)]
    odd = drawn.images["patient"].iloc[np.concatenate(list(drawn.oddities.values()))]
    assert not set(odd) & set(rare)


def test_pictures_of_one_patient_are_more_alike_than_those_of_two(drawn, image_of):
    whole = np.setdiff1d(np.arange(len(drawn.images)), np.concatenate(list(drawn.oddities.values())))
    pixels = np.stack([cv2.imread(str(image_of(row)), cv2.IMREAD_GRAYSCALE).ravel() for row in whole])
    likeness = np.corrcoef(pixels - pixels.mean(axis=0))
    patient, view = (drawn.images[name].to_numpy()[whole] for name in ("patient", "view"))
    pairs = (view[:, None] == view) & np.triu(np.ones_like(likeness, bool), 1)
    same = patient[:, None] == patient
    assert likeness[pairs & same].mean() > likeness[pairs & ~same].mean() + 0.2
