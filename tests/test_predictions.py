import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from radpipe.errors import DataError
from radpipe.predictions import Predictions, read, write


@pytest.fixture
def predictions():
    cases = pd.DataFrame(
        {"id": ["x", "y"], "row": [3, 7], "patient_id": ["p", "q"], "split": ["val", "test"]}
    )
    labels, logits = np.float32([[1, np.nan], [0, 1]]), np.float32([[0.5, -2], [3, 4]])
    return Predictions(cases, ("Mass", "Pleural Thickening"), labels, logits)


def test_format_1_is_read_as_it_was_written(predictions, tmp_path):
    write(tmp_path / "p.parquet", predictions)
    again = read(tmp_path / "p.parquet")
    pd.testing.assert_frame_equal(again.cases, predictions.cases, check_dtype=False)
    np.testing.assert_array_equal(again.labels, predictions.labels)
    np.testing.assert_array_equal(again.logits, predictions.logits)
    assert again.targets == predictions.targets


def test_columns_are_the_documented_ones(predictions, tmp_path):
    write(tmp_path / "p.parquet", predictions)
    schema = pq.read_schema(tmp_path / "p.parquet")
    assert schema.metadata[b"radpipe.format"] == b"1"
    assert schema.names == [
        "id", "row", "patient_id", "split", "label/Mass", "label/Pleural Thickening", "logit/Mass",
        "logit/Pleural Thickening",
    ]  # fmt: skip
    assert str(schema.field("label/Mass").type) == "float"


def test_a_part_holds_its_cases(predictions):
    assert predictions.part("test").cases["id"].to_list() == ["y"]
    assert predictions.part("test").logits.tolist() == [[3, 4]]


def test_foreign_probabilities_become_finite_logits(tmp_path):
    (tmp_path / "p.csv").write_text("id,Mass\nx,0.75\ny,1\nz,0\n", encoding="utf-8")
    (tmp_path / "l.csv").write_text("id,Mass,other\nz,0,1\ny,,1\nx,1,0\n", encoding="utf-8")
    found = read(tmp_path / "p.csv", tmp_path / "l.csv")
    assert found.logits[0, 0] == pytest.approx(np.log(3))
    assert np.isfinite(found.logits).all()
    np.testing.assert_array_equal(found.labels[:, 0], np.float32([1, np.nan, 0]))
    assert set(found.cases["split"]) == {"test"}


@pytest.mark.parametrize(
    ("given", "labels", "message"),
    [
        ("id,Mass\nx,1.5\n", "id,Mass\nx,1\n", "p.csv: a probability is missing or outside 0..1"),
        ("id,Mass\nx,\n", "id,Mass\nx,1\n", "p.csv: a probability is missing"),
        ("id,Mass\nx,0.5\n", "id,Mass\nx,2\n", "l.csv: a label is neither 1 nor 0 nor empty"),
        ("id,Mass\nx,0.5\n", "id,Mass\nx,yes\n", "l.csv: a label is neither 1 nor 0 nor empty"),
        ("id,Mass\nx,0.5\n", "id,Edema\nx,1\n", "l.csv: columns .'Mass'. of .*p.csv are missing"),
        ("id,Mass\nx,0.5\n", "id,Mass\ny,1\n", "p.csv: 1 of 1 ids are not in"),
        ("id,Mass\nx,0.5\nx,0.6\n", "id,Mass\nx,1\n", "p.csv: a column `id` is expected, with one different"),
        ("name,Mass\nx,0.5\n", "id,Mass\nx,1\n", "p.csv: a column `id` is expected"),
        ("id,Mass\nx,0.5\n", "id,Mass,split\nx,1,dev\n", "split holds .'dev'., expected val or test"),
        ("", "id,Mass\nx,1\n", "p.csv: not readable as CSV"),
    ],
)
def test_what_is_wrong_with_a_foreign_file_is_named(tmp_path, given, labels, message):
    (tmp_path / "p.csv").write_text(given, encoding="utf-8")
    (tmp_path / "l.csv").write_text(labels, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read(tmp_path / "p.csv", tmp_path / "l.csv")


def test_a_csv_without_labels_and_another_parquet_are_refused(tmp_path):
    with pytest.raises(DataError, match="needs its labels: add --labels"):
        read(tmp_path / "p.csv")
    pd.DataFrame({"id": ["x"]}).to_parquet(tmp_path / "p.parquet")
    with pytest.raises(DataError, match="no predictions of format 1"):
        read(tmp_path / "p.parquet")
    (tmp_path / "q.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"q\.parquet: not readable as Parquet"):
        read(tmp_path / "q.parquet")


def test_logits_that_are_no_numbers_are_refused(predictions, tmp_path):
    predictions.logits[0, 0] = np.inf
    write(tmp_path / "p.parquet", predictions)
    with pytest.raises(DataError, match="a logit is not a finite number"):
        read(tmp_path / "p.parquet")
