import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from radpipe.errors import DataError
from radpipe.predictions import Predictions, read_predictions, write_predictions


@pytest.fixture
def predictions():
    cases = pd.DataFrame(
        {"id": ["x", "y"], "row": [3, 7], "patient_id": ["p", "q"], "split": ["val", "test"]}
    )
    labels = np.float32([[1, np.nan], [0, 1]])
    logits = np.float32([[0.5, -2], [3, 4]])
    return Predictions(cases, ("Mass", "Pleural Thickening"), labels, logits)


def test_format_1_is_read_as_it_was_written(predictions, tmp_path):
    write_predictions(tmp_path / "p.parquet", predictions)
    again = read_predictions(tmp_path / "p.parquet")
    pd.testing.assert_frame_equal(again.cases, predictions.cases, check_dtype=False)
    np.testing.assert_array_equal(again.labels, predictions.labels)
    np.testing.assert_array_equal(again.logits, predictions.logits)
    assert again.targets == predictions.targets


def test_columns_are_the_documented_ones(predictions, tmp_path):
    write_predictions(tmp_path / "p.parquet", predictions)
    schema = pq.read_schema(tmp_path / "p.parquet")
    assert schema.metadata[b"radpipe.format"] == b"1"
    assert schema.names == [
        "id", "row", "patient_id", "split", "label/Mass", "label/Pleural Thickening", "logit/Mass",
        "logit/Pleural Thickening",
    ]  # fmt: skip
    assert str(schema.field("label/Mass").type) == "float"


def test_a_split_has_its_cases(predictions):
    assert predictions.select_split("test").cases["id"].to_list() == ["y"]
    assert predictions.select_split("test").logits.tolist() == [[3, 4]]


def test_another_parquet_is_refused(tmp_path):
    pd.DataFrame({"id": ["x"]}).to_parquet(tmp_path / "p.parquet")
    with pytest.raises(DataError, match="no predictions of format 1"):
        read_predictions(tmp_path / "p.parquet")
    (tmp_path / "q.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"q\.parquet: not readable as Parquet"):
        read_predictions(tmp_path / "q.parquet")


def test_logits_that_are_no_numbers_are_refused(predictions, tmp_path):
    predictions.logits[0, 0] = np.inf
    write_predictions(tmp_path / "p.parquet", predictions)
    with pytest.raises(DataError, match="a logit is not a finite number"):
        read_predictions(tmp_path / "p.parquet")
