"""A reader is a record: its name and options stand in config, all else in the table of readers."""

import json
from typing import Literal

import pandas as pd
import pytest
import yaml
from places import PARAMS
from specs import PATIENTS

from radpipe import cli
from radpipe.config import parameters
from radpipe.config.readers import OPTIONS, PatientOptions
from radpipe.data.index import Index
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.registry import READERS
from radpipe.errors import ConfigError

SOURCE = {
    "reader": "knee",
    "tables": None,
    "images_on_disk_only": False,
    "follow_links": False,
    "link_roots": (),
    "limit_patients": None,
}


class KneeOptions(PatientOptions):
    """Which knee is read."""

    side: Literal["left", "right"]


def read_knees(root, tables, options):
    names = pd.Series([f"{options.side}.png"], dtype="str")
    images = pd.DataFrame({"image_id": names, "unit_id": names, "patient_id": names, "path": names})
    labels = pd.DataFrame({"Effusion": [1.0]}, index=pd.Index(names, name="unit_id"), dtype="float32")
    return Index(images, labels, tables=(tables / "knees.csv",))


@pytest.fixture
def knee(monkeypatch):
    """A made-up reader, known to the two tables that a new reader is entered in, and to nothing else."""
    reader = Reader(
        read_knees, "Made-up knees", published={"images": 2}, published_rates={"bce": (0.5, 0.25)}
    )
    monkeypatch.setitem(OPTIONS, "knee", KneeOptions)
    monkeypatch.setitem(READERS, "knee", reader)


def test_every_reader_has_options_and_a_description():
    assert list(READERS) == list(OPTIONS)
    assert all(reader.description for reader in READERS.values())


@pytest.mark.usefixtures("knee")
def test_a_new_reader_is_two_entries_and_indexes_a_folder(tmp_path, capsys):
    (tmp_path / "knees.csv").write_text("made up\n", encoding="utf-8")
    spec = {**SOURCE, "root": str(tmp_path), "options": {"side": "left", **PATIENTS}}
    output = tmp_path / "index"
    assert cli.main(["index", "--spec", json.dumps(spec), "--output", str(output)]) == 0, capsys.readouterr()
    assert pd.read_parquet(output / "images.parquet")["image_id"].to_list() == ["left.png"]
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    assert (summary["reader"], summary["counts"]["images"]) == ("knee", 1)
    assert summary["data_sheet"] == {
        "description": "Made-up knees", "reference": "", "mined_labels": False,
        "published": {"images": 2}, "published_rates": {"bce": [0.5, 0.25]},
    }  # fmt: skip


@pytest.mark.usefixtures("knee")
def test_the_options_of_a_new_reader_are_checked_and_handed_on():
    values = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    values["datasets"]["phantom_chest"] |= {"reader": "knee", "options": {"side": "right", **PATIENTS}}
    source = parameters.load(values).datasets["phantom_chest"].find_section("source")
    assert json.loads(source.model_dump_json())["options"] == {"side": "right", **PATIENTS}
    values["datasets"]["phantom_chest"]["options"] = {"side": "both"}
    with pytest.raises(ConfigError, match=r"phantom_chest\.options\.side: Input should be 'left' or 'right'"):
        parameters.load(values)


def test_an_unknown_reader_is_refused_with_the_names_of_all():
    values = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    values["datasets"]["phantom_chest"] |= {"reader": "knee", "options": {"side": "right", **PATIENTS}}
    with pytest.raises(ConfigError) as caught:
        parameters.load(values)
    assert str(caught.value).splitlines()[1:] == [
        "  datasets.phantom_chest.reader: Input should be 'nih_cxr14', 'rsna_hemorrhage', 'rsna_lumbar', "
        "'rsna_pneumonia' or 'table'. Received: 'knee'"
    ]
