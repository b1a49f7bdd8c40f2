"""A seeded leak of each kind is found; a clean split passes."""

import cv2
import numpy as np
import pandas as pd
import pytest

from radpipe.config.data import AuditSpec
from radpipe.data.audit import near_duplicates, patient_pairs
from radpipe.data.patients import EXACT, KEYS
from radpipe.errors import DataError
from radpipe.outputs.writing import read_json, write_json
from radpipe.steps import learning

PATIENTS, EACH = 30, 2
CLEAN = [
    ("patients in two parts", 0, "passed"),
    ("studies in two parts", 0, "passed"),
    ("groups of identical pixels in two parts", 0, "passed"),
    ("published test images in training or validation", 0, "passed"),
    ("images with identical pixels and contradicting labels", 0, "passed"),
    ("patients whose ids differ in spelling only", 0, "passed"),
    ("studies with more than one patient id", 0, "passed"),
    ("images with a patient id of their own whose header names the patient or study of another", 0, "passed"),
    ("patients in the headers with more than one patient id", 0, "passed"),
    ("studies in the headers with more than one patient id", 0, "passed"),
    ("patient ids with more than one patient in the headers", 0, "passed"),
    ("doubts whether a patient is one person", 0, "passed"),
]


class Folder:
    """What the steps before the audit leave: 60 images of 30 patients, 18 to train, 6 and 6."""

    def __init__(self, path):
        self.path = path
        random = np.random.default_rng(0)
        self.images = pd.DataFrame({"image_id": [f"image{n}" for n in range(PATIENTS * EACH)]})
        patient = np.repeat([f"p{n}" for n in range(PATIENTS)], EACH)
        part = np.array(["train"] * 18 + ["val"] * 6 + ["test"] * 6)
        official = np.where(np.repeat(part, EACH) == "test", "test", "train_val")
        self.images = self.images.assign(
            unit_id=self.images["image_id"],
            patient_id=patient,
            path="secret.png",
            study_id="study " + pd.Series(patient),
            official_split=official,
        )
        self.parts = pd.DataFrame({"patient_id": pd.unique(patient), "split": part})
        self.summary = {"method": "official", "excluded": []}
        self.doubts = {}
        number = np.arange(PATIENTS * EACH) // EACH
        self.headers = pd.DataFrame({"row": range(PATIENTS * EACH), "header_patient": number})
        self.headers = self.headers.assign(header_spelling=number, header_study=number)
        rows = range(PATIENTS * EACH)
        self.rows = self.images[["image_id"]].assign(row=rows, pixel_row=rows, sha256=[f"{n}" for n in rows])
        labels = random.random((PATIENTS * EACH, 2)) < 0.3
        self.labels = pd.DataFrame(labels, self.images["image_id"], ["Mass", "Edema"]).astype("float32")
        coarse = random.uniform(0, 255, (PATIENTS * EACH, 10, 10)).astype(np.float32)
        self.pixels = np.stack([cv2.resize(each, (40, 40)) for each in coarse])[..., None].astype(np.uint8)

    def audit(self, packed=True):
        for name in ("index", "validate", "pack"):
            (self.path / name).mkdir(exist_ok=True)
        self.images.to_parquet(self.path / "index/images.parquet")
        self.labels.to_parquet(self.path / "index/labels.parquet")
        write_json(self.path / "index/summary.json", {"doubts": self.doubts})
        rows = self.path / f"pack/{'rows' if packed else 'accepted'}.parquet"
        (self.rows if packed else self.rows[["image_id", "row"]]).to_parquet(rows)
        if packed:
            np.save(self.path / "pack/pixels.npy", self.pixels)
        self.parts.to_parquet(self.path / "split.parquet")
        write_json(self.path / "split.json", self.summary)
        headers = self.path / "validate/headers.parquet"
        self.headers.to_parquet(headers)
        places = {"rows": rows, "split": self.path / "split.parquet", "index": self.path / "index"}
        places["headers"] = headers
        learning.audit(**places, output=self.path / "audit.json")
        return read_json(self.path / "audit.json")


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def outcomes(found):
    return [(check["name"], check["count"], check["verdict"]) for check in found["checks"]]


def outcome(found, name):
    return next(check for check in found["checks"] if check["name"] == name)


def test_a_clean_split_passes(folder):
    found = folder.audit()
    assert outcomes(found) == CLEAN
    assert found["parts"] == {"test": 12, "train": 36, "val": 12}
    assert found["near_duplicates"]["listed"] == []
    assert sum(found["near_duplicates"]["patients"]["pairs"]) == 0


def test_the_audit_says_the_same_when_repeated(folder):
    folder.audit()
    before = (folder.path / "audit.json").read_bytes()
    folder.audit()
    assert (folder.path / "audit.json").read_bytes() == before


def test_a_patient_in_two_parts_stops_the_run_and_nothing_is_written(folder, capsys):
    again = pd.DataFrame({"patient_id": ["p3"], "split": ["test"]})
    folder.parts = pd.concat([folder.parts, again], ignore_index=True)
    with pytest.raises(DataError, match=r"1 patients in two parts \(rows 6, 7\): delete split.parquet"):
        folder.audit()
    assert not (folder.path / "audit.json").exists()
    said = capsys.readouterr().err
    assert "audit: failed: patients in two parts: 1 (rows 6, 7)" in said
    assert "p3" not in said


def test_a_study_in_two_parts_stops_the_run(folder):
    folder.images.loc[[0, 59], "study_id"] = "study of both"
    with pytest.raises(DataError, match=r"1 studies in two parts \(rows 0, 59\): one study names several"):
        folder.audit()


def test_identical_pixels_in_two_parts_stop_the_run(folder):
    folder.rows.loc[[1, 40, 58], "sha256"] = "same"
    with pytest.raises(DataError, match=r"1 groups of identical pixels in two parts \(rows 1, 40, 58\)"):
        folder.audit()


def test_published_test_images_in_the_training_of_an_official_split_stop_the_run(folder):
    folder.images.loc[[2, 3, 41], "official_split"] = "test"
    with pytest.raises(DataError, match=r"3 published test images in training .* \(rows 2, 3, 41\)"):
        folder.audit()


def test_another_split_may_learn_from_published_test_images_and_it_is_said(folder):
    folder.images.loc[[2, 3, 41], "official_split"] = "test"
    folder.summary["method"] = "stratified"
    check = outcome(folder.audit(), "published test images in training or validation")
    assert (check["count"], check["verdict"], check["rows"]) == (3, "stated", [2, 3, 41])
    assert "do not compare" in check["detail"]


def test_all_leaks_are_told_at_once_and_the_first_rows_of_many(folder):
    folder.images["study_id"] = "one study"
    folder.rows.loc[[1, 58], "sha256"] = "same"
    with pytest.raises(DataError, match=r"rows 0, 1, 2, 3, 4, 5 and 54 more\).*rows 1, 58"):
        folder.audit()


def test_what_the_split_took_out_is_no_leak(folder):
    folder.rows.loc[[1, 58], "sha256"] = "same"
    folder.summary["excluded"] = [{"row": 1, "reason": "pixel-identical copy in another part"}]
    assert outcomes(folder.audit()) == CLEAN


def test_near_duplicates_in_two_parts_are_listed_closest_first_with_their_labels(folder):
    folder.pixels[50] = (folder.pixels[5] * 0.9).astype(np.uint8)
    noise = np.random.default_rng(0).normal(0, 8, (40, 40, 1))
    folder.pixels[45] = (folder.pixels[6] + noise).clip(0, 255).astype(np.uint8)
    folder.pixels[20] = folder.pixels[19]  # in one part
    folder.labels.iloc[[5, 50, 6, 45]] = [[1, 0], [1, np.nan], [0, 1], [1, 1]]
    found = folder.audit()["near_duplicates"]
    assert (sum(found["pairs"]), sum(found["conflicting"])) == (2, 1)
    first, second = found["listed"]
    assert first["distance"] < second["distance"] <= 40
    assert found["pairs"][first["distance"]] == found["conflicting"][second["distance"]] == 1
    assert (first["rows"], first["parts"], first["conflict"]) == ([5, 50], ["train", "test"], False)
    assert (second["rows"], second["labels"]) == ([6, 45], [["Edema"], ["Mass", "Edema"]])
    assert second["conflict"]


def test_as_many_bits_are_counted_as_the_report_may_ask_for():
    assert (
        AuditSpec.model_json_schema()["properties"]["near_duplicate_bits"]["maximum"]
        == near_duplicates.MOST_BITS
    )


def test_images_without_contrast_are_not_called_alike(folder):
    folder.pixels[[0, 59]] = 0
    found = folder.audit()["near_duplicates"]
    assert (found["flat"], sum(found["pairs"])) == (2, 0)


def test_identical_pixels_of_one_part_with_contradicting_labels_are_counted(folder):
    folder.rows.loc[[4, 9], "sha256"] = "same"
    folder.labels.iloc[[4, 9]] = [[1, 0], [0, 0]]
    check = outcome(folder.audit(), "images with identical pixels and contradicting labels")
    assert (check["count"], check["verdict"], check["rows"]) == (2, "look", [4, 9])


def test_a_reader_that_does_not_know_persons_is_passed_on(folder):
    folder.doubts = {"patientId is an image": 60, "spelled in two ways": 3}
    found = folder.audit()
    for reason, count in folder.doubts.items():
        check = outcome(found, reason)
        assert (check["count"], check["verdict"]) == (count, "look")
        assert check["detail"] == "sets that share no patient_id may still share a person"


def test_folds_are_parts(folder):
    folder.parts = folder.parts.assign(fold=np.arange(PATIENTS) % 3).drop(columns="split")
    folder.summary["method"] = "stratified"
    folder.pixels[3] = folder.pixels[0]
    found = folder.audit()
    assert found["parts"] == {"0": 20, "1": 20, "2": 20}
    assert found["near_duplicates"]["listed"][0]["parts"] == ["0", "1"]
    check = outcome(found, "published test images in training or validation")
    assert (check["count"], check["detail"][:27]) == (12, "each in all rounds but one;")
    folder.rows.loc[[0, 3], "sha256"] = "same"
    with pytest.raises(DataError, match="1 groups of identical pixels in two parts"):
        folder.audit()


def test_without_pixels_studies_and_lists_the_rest_is_checked(folder):
    folder.images = folder.images.drop(columns="study_id").assign(
        official_split=pd.Series(pd.NA, folder.images.index, dtype="str")
    )
    folder.headers = folder.headers.iloc[:0]
    found = folder.audit(packed=False)
    verdicts = [verdict for _, _, verdict in outcomes(found)]
    assert verdicts[:5] == ["passed", *["not checked"] * 4]
    assert verdicts[5:] == ["passed", "not checked", "passed", *["not checked"] * 3, "passed"]
    assert found["near_duplicates"] is None


def test_a_patient_without_a_part_is_an_old_split(folder):
    folder.parts = folder.parts.iloc[1:]
    with pytest.raises(DataError, match="2 images have no patient in it; run split again"):
        folder.audit()


def test_one_person_under_two_ids_is_suspected_by_spelling_study_and_header(folder):
    folder.images["patient_id"] = folder.images["patient_id"].replace({"p4": "P03"})  # p3 has rows 6 and 7
    folder.parts["patient_id"] = folder.parts["patient_id"].replace({"p4": "P03"})
    folder.images.loc[[7, 8], "study_id"] = "one study"
    folder.headers.loc[[7, 8], "header_patient"] = 3
    found = folder.audit()
    ids, studies = (
        outcome(found, name)
        for name in ("patients whose ids differ in spelling only", "studies with more than one patient id")
    )
    assert (ids["count"], ids["verdict"], ids["rows"]) == (1, "look", [6, 7, 8, 9])
    assert (studies["count"], studies["verdict"], studies["rows"]) == (1, "look", [7, 8])
    headers = outcome(found, "patients in the headers with more than one patient id")
    assert (headers["count"], headers["rows"]) == (1, [6, 7, 8])
    people = outcome(found, "patient ids with more than one patient in the headers")
    assert (people["count"], people["rows"]) == (1, [8, 9])


def test_patients_decided_to_be_different_people_are_stated(folder):
    folder.images["patient_id"] = folder.images["patient_id"].replace({"p4": "P03"})
    folder.parts["patient_id"] = folder.parts["patient_id"].replace({"p4": "P03"})
    folder.doubts = {EXACT.format(KEYS[0]): 1}
    check = outcome(folder.audit(), "patients whose ids differ in spelling only")
    assert (check["count"], check["verdict"]) == (1, "stated")


@pytest.mark.parametrize("buffered", [0, patient_pairs.BUFFERED])
def test_patients_who_share_two_near_duplicates_are_counted_and_who_share_one_are_not(
    folder, monkeypatch, buffered
):
    monkeypatch.setattr(patient_pairs, "BUFFERED", buffered)
    folder.pixels[50] = folder.pixels[4]  # patients 2 and 25
    folder.pixels[51] = (folder.pixels[5] * 0.9).astype(np.uint8)
    folder.pixels[58] = folder.pixels[8]  # patients 4 and 29
    near = folder.audit()["near_duplicates"]
    assert sum(near["pairs"]) == 3
    assert sum(near["patients"]["pairs"]) == 1
    (pair,) = near["patients"]["listed"]
    assert pair["rows"] == [4, 5, 50, 51]
    assert near["patients"]["pairs"].index(1) == pair["distance"] == near["listed"][2]["distance"]
