"""From a table to its audit: the headers of the files name fewer patients than the table."""

import numpy as np
import pandas as pd
import pytest
from dicom_files import dicom
from specs import CHEST, NO_LINKS, PATIENTS

from radpipe.config.data import SourceSpec, ValidateSpec
from radpipe.config.readers import TableOptions
from radpipe.outputs.writing import read_json
from radpipe.steps import data, learning

IMAGES = 24
TARGETS = CHEST.targets.model_copy(update={"include": ("Mass",)})
LIMITS = ValidateSpec(level="decode", max_rejected_share=0, max_pixels=10_000)


@pytest.fixture
def audit(tmp_path, monkeypatch, capfd, image_spec):
    """Run all steps on 24 CT slices with these patients in the table and in the headers."""
    monkeypatch.chdir(tmp_path)

    def run(patients, headers):
        root, out = tmp_path / "root", tmp_path / "out"
        data.index(spec=write_source(root, patients, headers), output=out / "index")
        validated = {"images": out / "index/images.parquet", "root": root, "spec": LIMITS, "links": NO_LINKS}
        data.validate(**validated, output=out / "validate")
        packed = {"accepted": out / "validate/accepted.parquet", "index": out / "index", "root": root}
        data.pack(
            **packed, spec=image_spec(grey="minmax"), limits=LIMITS, links=NO_LINKS, output=out / "pack"
        )
        rows = {"rows": out / "pack/rows.parquet", "index": out / "index"}
        learning.split(**rows, spec=CHEST.split, targets=TARGETS, output=out / "split.parquet")
        headers = out / "validate/headers.parquet"
        learning.audit(**rows, split=out / "split.parquet", headers=headers, output=out / "audit.json")
        said = capfd.readouterr().err.encode()
        assert not [text for text in (said, headers.read_bytes()) if b"secret" in text]
        assert "secret" not in (out / "audit.json").read_text()
        return {check["name"]: check for check in read_json(out / "audit.json")["checks"]}

    return run


def write_source(root, patients, headers):
    """Write the slices and a table of them; return what `index` is told of both."""
    root.mkdir()
    random = np.random.default_rng(0)
    names = [f"{number}.dcm" for number in range(IMAGES)]
    for name, patient in zip(names, headers, strict=True):
        levels = random.integers(0, 200, (32, 32)).astype(np.int16)
        (root / name).write_bytes(dicom(levels, PatientID=patient))
    labels = np.arange(IMAGES) // 3 % 2
    pd.DataFrame({"file": names, "person": patients, "Mass": labels}).to_csv(root / "mine.csv", index=False)
    columns = {"file": "mine.csv", "path": "file", "patient": "person", "labels": ("Mass",)}
    nothing = {"separator": None, "negative": None, "split": None, "metadata": (), "uncertain": "refuse"}
    options = TableOptions(**PATIENTS, **columns, **nothing)
    source = {"reader": "table", "root": str(root), "tables": None, "options": options}
    return SourceSpec(
        **source, limit_patients=None, images_on_disk_only=False, follow_links=False, link_roots=()
    )


OWN = "images with a patient id of their own whose header names the patient or study of another"
NAMED = "patients in the headers with more than one patient id"
people = [f"secret{number // 3}" for number in range(IMAGES)]


def test_a_table_with_an_id_for_each_image_is_suspected_by_the_headers(audit):
    found = audit([f"id{number}" for number in range(IMAGES)], people)
    assert (found[OWN]["count"], found[OWN]["verdict"], found[OWN]["rows"]) == (24, "look", [*range(24)])
    assert found[OWN]["detail"] == "24 patient ids for 24 images; patients named by 24 headers: 8"
    assert (found[NAMED]["count"], found[NAMED]["images"]) == (8, 24)


def test_a_table_with_other_ids_for_the_people_of_the_headers_is_not_suspected(audit):
    found = audit([f"id{number // 3}" for number in range(IMAGES)], people)
    counts = [check["count"] for check in found.values() if check["verdict"] != "not checked"]
    assert counts == [0] * len(counts)
    assert (found[NAMED]["verdict"], found[OWN]["detail"]) == ("passed", "8 patient ids for 24 images")


def test_two_people_with_one_id_and_one_person_with_two_are_counted(audit):
    patients = [f"id{number // 3}" for number in range(IMAGES)]
    patients[3:6] = ["id0"] * 3  # the second person has the id of the first
    patients[23] = "id99"  # one image of the last has another
    found = audit(patients, people)
    merged = found["patient ids with more than one patient in the headers"]
    assert (merged["count"], merged["rows"]) == (1, [0, 1, 2, 3, 4, 5])
    assert (found[NAMED]["count"], found[NAMED]["rows"]) == (1, [21, 22, 23])
