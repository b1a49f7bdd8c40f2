"""Ids are text to the letter: what `predict` writes is read back equal."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radpipe.errors import DataError
from radpipe.tools.external.tables import convert_to_log_odds, read_outputs, read_table
from radpipe.tools.submit import read_probabilities

IDS = [
    "001", "1", "1.0", "1e5", "NA", "nan", "NULL", "None", "-", " blank", "trailing ", "a,b",
    'say "x"', "a;b", "#N/A", "TRUE", "\N{LATIN SMALL LETTER U WITH DIAERESIS}", "line\nbreak", "'",
    "=1+1", "0x1F",
]  # fmt: skip
RANDOM = np.random.default_rng(0)


@pytest.fixture
def written(tmp_path):
    """A table of `predict`: ids, and probabilities with all their digits."""
    probabilities = 10.0 ** RANDOM.uniform(-20, 0, len(IDS))
    path = tmp_path / "predictions.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "Mass"])
        writer.writerows([name, repr(value)] for name, value in zip(IDS, probabilities.tolist(), strict=True))
    return path, probabilities


def test_submit_reads_ids_and_numbers_as_they_were_written(written):
    path, probabilities = written
    table = read_probabilities(path)
    assert table["Mass"].to_list() == probabilities.tolist()
    assert table.index.to_list() == [Path(name).stem for name in IDS]


def test_evaluate_reads_ids_and_numbers_as_they_were_written(written):
    path, probabilities = written
    outputs = read_outputs(path)
    assert outputs["id"].to_list() == IDS
    np.testing.assert_array_equal(outputs["logit/Mass"], convert_to_log_odds(probabilities))


def test_an_empty_id_is_refused(tmp_path):
    path = tmp_path / "labels.csv"
    pd.DataFrame({"id": ["a", ""], "Mass": [1, 0]}).to_csv(path, index=False)
    with pytest.raises(DataError, match="labels.csv: line 3 holds nothing in column 'id'"):
        read_table(path)
