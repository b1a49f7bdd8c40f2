import numpy as np
import pandas as pd
import pytest

from radpipe.errors import ConfigError, DataError
from radpipe.predictions import Predictions, write_predictions
from radpipe.tools.external import reading
from radpipe.tools.external.labels import LabelOptions
from radpipe.tools.external.reading import NO_PATIENTS, NO_SPLITS, name_models

LABELS = "id,Mass,Edema,patient_id,split,sex\nx,1,0,p,val,F\ny,,1,q,test,M\nz,0,0,q,test,M\n"


def read_given(paths, labels, **options):
    decided = {"patient_ids": "ask", "unknown_patients": "refuse", "uncertain": "refuse"} | options
    return reading.read_given(paths, labels, LabelOptions(**decided))


@pytest.fixture
def place(tmp_path):
    """Return a function that writes a text and returns its path."""

    def write_text(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write_text


def test_probabilities_become_finite_logits_beside_their_labels(place):
    given = read_given([place("p.csv", "id,Mass\nx,0.75\ny,1\nz,0\n")], place("l.csv", LABELS))
    found = given.models["p"]
    assert found.logits[0, 0] == pytest.approx(np.log(3))
    assert np.isfinite(found.logits).all()
    np.testing.assert_array_equal(found.labels[:, 0], np.float32([1, np.nan, 0]))
    assert found.cases["split"].to_list() == ["val", "test", "test"]
    assert given.metadata["sex"].to_list() == ["F", "M", "M"]
    assert given.notices == ()


def test_another_order_of_rows_and_findings_is_brought_into_the_first(place):
    first = place("a.csv", "id,Mass,Edema\nx,0.75,0.5\ny,0.9,0.5\n")
    second = place("b.csv", "id,Edema,Mass\ny,0.5,0.9\nx,0.5,0.75\n")
    a, b = read_given([first, second], place("l.csv", LABELS)).models.values()
    assert b.cases["id"].to_list() == ["x", "y"]
    np.testing.assert_array_equal(a.logits, b.logits)
    np.testing.assert_array_equal(a.labels, b.labels)


def test_parquet_of_probabilities_reads_like_the_same_csv(place, tmp_path):
    labels = place("l.csv", LABELS)
    csv = place("a.csv", "id,Mass\nx,0.75\nz,0.5\n")
    pd.read_csv(csv).to_parquet(tmp_path / "b.parquet")
    a, b = read_given([csv, tmp_path / "b.parquet"], labels).models.values()
    np.testing.assert_array_equal(a.logits, b.logits)
    pd.testing.assert_frame_equal(a.cases, b.cases, check_dtype=False)


def test_format_1_brings_labels_patients_and_splits(tmp_path):
    cases = pd.DataFrame(
        {"id": ["x", "y"], "row": [3, 7], "patient_id": ["p", "q"], "split": ["val", "test"]}
    )
    model = Predictions(cases, ("Mass",), np.float32([[1], [0]]), np.float32([[2], [-1]]))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_predictions(tmp_path / name / "predictions.parquet", model)
    paths = [tmp_path / name / "predictions.parquet" for name in ("a", "b")]
    given = read_given(paths, None)
    assert list(given.models) == ["a", "b"]  # the files are named alike, their folders are not
    assert given.notices == ()
    np.testing.assert_array_equal(given.models["b"].logits, model.logits)


def test_what_is_not_known_is_said(place):
    labels = place("l.csv", "id,Mass\nx,1\ny,0\nw,0\n")
    given = read_given([place("p.csv", "id,Mass\nx,0.75\ny,0.1\n")], labels)
    assert given.notices == (NO_PATIENTS, NO_SPLITS, "1 labelled cases without predictions are left out.")
    assert given.models["p"].cases["patient_id"].to_list() == ["x", "y"]
    assert set(given.models["p"].cases["split"]) == {"test"}


@pytest.mark.parametrize(
    ("given", "labels", "message"),
    [
        ("id,Mass\nx,1.5\n", "id,Mass\nx,1\n", "p.csv: line 2 holds '1.5' in column 'Mass', expected a prob"),
        ("id,Mass\nx,\n", "id,Mass\nx,1\n", "p.csv: line 2 holds nothing in column 'Mass', expected a pr"),
        ("id\nx\n", "id,Mass\nx,1\n", "p.csv: no column beside the id"),
        ("id,Mass\nx,0.5\n", "id,Mass\nx,2\n", "l.csv: line 2 holds '2' in column 'Mass', expected 0, 1"),
        ("id,Mass\nx,0.5\n", "id,Mass\nx,yes\n", "l.csv: line 2 holds 'yes' in column 'Mass', expect"),
        ("id,Mass\nx,0.5\n", "id,Edema\nx,1\n", "l.csv: columns .'Mass'. of .*p.csv are missing"),
        ("id,Mass\nx,0.5\n", "id,Mass\ny,1\n", "p.csv: 1 of 1 ids are not in"),
        ("id,Mass\nx,0.5\nx,0.6\n", "id,Mass\nx,1\n", "p.csv: line 3 holds 'x' in column 'id' again"),
        ("name,Mass\nx,0.5\n", "id,Mass\nx,1\n", "p.csv: no column 'id', expected .*; found name, Mass"),
        ("id,Mass\nx,0.5\n", "id,Mass,split\nx,1,dev\n", "split holds .'dev'., expected val or test"),
        ("id,Mass\nx,0.5\n", "id,Mass,patient_id\nx,1,\n", "l.csv: 1 images name no patient, such as line 2"),
        ("", "id,Mass\nx,1\n", "p.csv: is empty, expected a header and rows"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(place, given, labels, message):
    with pytest.raises(DataError, match=message):
        read_given([place("p.csv", given)], place("l.csv", labels))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("id,Mass\nx,0.5\nz,0.5\n", r"b\.csv: lacks 1 of the 2 cases of .*a\.csv and holds 1 others"),
        ("id,Mass\nx,0.5\n", "lacks 1 of the 2 cases of .* and holds 0 others"),
        (
            "id,Edema\nx,0.5\ny,0.5\n",
            r"b\.csv: lacks the findings \['Mass'\] of .*a\.csv and has \['Edema'\]",
        ),
    ],
)
def test_models_on_other_cases_or_findings_are_refused(place, second, message):
    first = place("a.csv", "id,Mass\nx,0.5\ny,0.5\n")
    with pytest.raises(DataError, match=message):
        read_given([first, place("b.csv", second)], place("l.csv", LABELS))


def test_one_truth_for_both_models(tmp_path):
    cases = pd.DataFrame({"id": ["x"], "row": [0], "patient_id": ["p"], "split": ["test"]})
    for name, label in (("a", 1), ("b", 0)):
        model = Predictions(cases, ("Mass",), np.float32([[label]]), np.float32([[0]]))
        write_predictions(tmp_path / f"{name}.parquet", model)
    with pytest.raises(DataError, match=r"b\.parquet: 1 labels differ from those of .*a\.parquet"):
        read_given([tmp_path / "a.parquet", tmp_path / "b.parquet"], None)


def test_probabilities_without_labels_and_unreadable_files_are_refused(place, tmp_path):
    with pytest.raises(DataError, match="need their labels: add --labels"):
        read_given([place("p.csv", "id,Mass\nx,0.5\n")], None)
    with pytest.raises(DataError, match=r"q\.parquet: not readable as Parquet"):
        read_given([place("q.parquet", "no parquet")], None)
    with pytest.raises(DataError, match=r"none\.csv: not found"):
        read_given([tmp_path / "none.csv"], None)


def test_models_are_named_by_the_user_their_files_or_their_folders(tmp_path):
    alike = [tmp_path / "old" / "p.csv", tmp_path / "new" / "p.csv"]
    assert name_models([tmp_path / "a.csv", tmp_path / "b.csv"], None) == ["a", "b"]
    assert name_models(alike, None) == ["old", "new"]
    assert name_models(alike, ["one", "two"]) == ["one", "two"]
    for wrong in (["one"], ["one", "one"], ["one", "difference"], ["one", ""]):
        with pytest.raises(ConfigError, match="--names: 2 different names are expected"):
            name_models(alike, wrong)
