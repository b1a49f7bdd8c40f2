import json

import pandas as pd
import pytest

from radpipe.errors import ConfigError, DataError
from radpipe.tools import verbs

SUBTYPES = ["epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any"]


@pytest.fixture
def predicted(tmp_path, monkeypatch):
    """What `predict` leaves of a folder of three files, one of them truncated."""
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame(0.25, index=["stage_2_test/ID_a.dcm", "stage_2_test/ID_b.dcm"], columns=SUBTYPES)
    table.loc["stage_2_test/ID_b.dcm"] = 0.75
    table.to_csv(tmp_path / "predictions.csv", index_label="id")
    rejected = pd.DataFrame({"id": ["stage_2_test/ID_c.dcm"], "reason": ["truncated"]})
    rejected.to_csv(tmp_path / "predictions.rejected.csv", index=False)
    return tmp_path / "predictions.csv"


def test_a_submission_has_six_rows_of_every_image_and_the_mean_where_one_could_not_be_used(predicted, capsys):
    output = predicted.with_name("submission.csv")
    verbs.submit(predicted, reader="rsna_hemorrhage", output=output)
    lines = output.read_text().splitlines()
    assert lines[:2] == ["ID,Label", "ID_a_epidural,0.25"]
    assert lines[-1] == "ID_c_any,0.5"
    assert len(lines) == 1 + 6 * 3
    assert "3 images, of which 1 could not be used" in capsys.readouterr().out


def test_a_set_without_a_submission_and_a_table_that_is_none_are_refused(predicted, tmp_path):
    with pytest.raises(ConfigError, match="--reader nih_cxr14: no submission file is known"):
        verbs.submit(predicted, reader="nih_cxr14")
    with pytest.raises(DataError, match=r"nothing.csv: not found"):
        verbs.submit(tmp_path / "nothing.csv", reader="rsna_hemorrhage")


def drop(predicted, finding):
    table = pd.read_csv(predicted, dtype={"id": str}).drop(columns=finding)
    table.to_csv(predicted, index=False)


@pytest.fixture
def weights(tmp_path):
    entry = {"reason": "2 patients with it, expected 5", "positives": 5, "negatives": 95}
    (tmp_path / "weights.json").write_text(json.dumps({"targets": {}, "dropped": {"epidural": entry}}))
    return tmp_path / "weights.json"


def test_a_finding_that_was_dropped_is_named_with_its_reason(predicted, weights):
    drop(predicted, "epidural")
    with pytest.raises(DataError, match="epidural was dropped: 2 patients with it, expected 5"):
        verbs.submit(predicted, reader="rsna_hemorrhage", weights=weights)
    with pytest.raises(DataError, match=r"no column epidural; weights.json of the run says why"):
        verbs.submit(predicted, reader="rsna_hemorrhage")


@pytest.mark.parametrize(("constant", "value"), [("epidural=prevalence", "0.05"), ("epidural=0.25", "0.25")])
def test_a_constant_stands_for_it(predicted, weights, constant, value):
    drop(predicted, "epidural")
    output = predicted.with_name("submission.csv")
    verbs.submit(predicted, reader="rsna_hemorrhage", weights=weights, constant=[constant], output=output)
    assert f"ID_a_epidural,{value}\n" in output.read_text()


@pytest.mark.parametrize(
    ("constant", "message"),
    [
        ("epidural", "expected a number from 0 to 1"),
        ("epidural=2", "expected a number from 0 to 1"),
        ("epidural=nan", "expected a number from 0 to 1"),
        ("epidural=prevalence", "needs --weights"),
        ("Mass=0.1", "and one of epidural, "),
    ],
)
def test_a_constant_that_is_none_is_refused(predicted, constant, message):
    with pytest.raises(ConfigError, match=message):
        verbs.submit(predicted, reader="rsna_hemorrhage", constant=[constant])


def test_a_constant_never_replaces_predictions(predicted):
    with pytest.raises(ConfigError, match=r"--constant any: .*predictions\.csv has this column"):
        verbs.submit(predicted, reader="rsna_hemorrhage", constant=["any=0.5"])
    drop(predicted, "any")
    with pytest.raises(ConfigError, match="--constant any: .* or it is given twice"):
        verbs.submit(predicted, reader="rsna_hemorrhage", constant=["any=0.5", "any=0.6"])


def test_a_prevalence_without_a_label_is_none(predicted, weights):
    entry = {"reason": "no label", "positives": 0, "negatives": 0}
    weights.write_text(json.dumps({"targets": {}, "dropped": {"epidural": entry}}))
    drop(predicted, "epidural")
    with pytest.raises(ConfigError, match="a weights.json that counts labels of epidural"):
        verbs.submit(predicted, reader="rsna_hemorrhage", weights=weights, constant=["epidural=prevalence"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[1",
        '{"targets": 3}',
        '{"targets": {}}',
        '{"targets": {}, "dropped": {"any": 3}}',
        '{"targets": {"any": {"positives": "x", "negatives": 1}}, "dropped": {}}',
        '{"targets": {"any": {"positives": -1, "negatives": 1}}, "dropped": {}}',
        "[" * 100_000,
    ],
)
def test_weights_of_another_kind_are_named(predicted, weights, text):
    weights.write_text(text)
    with pytest.raises(DataError, match=r"weights.json: not the weights.json of a run \("):
        verbs.submit(predicted, reader="rsna_hemorrhage", weights=weights)


def test_two_images_of_one_name_are_named(predicted):
    table = pd.read_csv(predicted, dtype={"id": str})
    table["id"] = ["a/ID_a.dcm", "b/ID_a.dcm"]
    table.to_csv(predicted, index=False)
    with pytest.raises(DataError, match="1 images have the name of another one in another folder"):
        verbs.submit(predicted, reader="rsna_hemorrhage")


def test_a_submission_is_replaced_and_a_file_that_only_looks_like_one_is_not(predicted, tmp_path):
    output = tmp_path / "submission.csv"
    verbs.submit(predicted, reader="rsna_hemorrhage", output=output)
    verbs.submit(predicted, reader="rsna_hemorrhage", output=output)
    output.write_text("ID,Label\nmine,0.5\n")
    with pytest.raises(DataError, match=r"submission\.csv: not written by this step"):
        verbs.submit(predicted, reader="rsna_hemorrhage", output=output)
    assert output.read_text() == "ID,Label\nmine,0.5\n"


def test_a_link_to_nothing_is_not_written_through(predicted, tmp_path):
    output = tmp_path / "submission.csv"
    output.symlink_to("elsewhere.csv")
    with pytest.raises(DataError, match="a link, expected a file or nothing"):
        verbs.submit(predicted, reader="rsna_hemorrhage", output=output)
    assert not (tmp_path / "elsewhere.csv").exists()
