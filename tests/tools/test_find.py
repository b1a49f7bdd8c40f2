import json
import shutil

import pandas as pd
import pytest
from places import REPOSITORY

from radpipe.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Results of three rows, one of them without a file, one rejected, one taken out by the split."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(REPOSITORY / "params.yaml", "params.yaml")
    images = pd.DataFrame(
        {
            "image_id": ["a", "b", "c"],
            "patient_id": ["p1", "p2", "p2"],
            "path": ["images/a.png", None, "images/c.png"],
            "study_id": ["s1", None, "s2"],
        }
    )
    index = tmp_path / "results/phantom_chest/index"
    index.mkdir(parents=True)
    images.to_parquet(index / "images.parquet")
    (tmp_path / "data/phantom/chest/images").mkdir(parents=True)
    (tmp_path / "data/phantom/chest/images/a.png").touch()
    return tmp_path / "results/phantom_chest"


def find(*rows, dataset="phantom_chest"):
    return main(["find", "--dataset", dataset, *map(str, rows)])


def test_a_row_is_named_with_what_is_known_of_it(folder, capsys):
    assert find(0, 2) == 0
    assert capsys.readouterr().out == (
        "row 0\n"
        "  file     data/phantom/chest/images/a.png\n"
        "  patient  p1\n"
        "  study    s1\n"
        "  image    a\n"
        "row 2\n"
        "  file     data/phantom/chest/images/c.png (not there now)\n"
        "  patient  p2\n"
        "  study    s2\n"
        "  image    c\n"
    )


def test_the_split_and_why_a_row_was_taken_out_are_told(folder, capsys):
    pd.DataFrame({"patient_id": ["p1", "p2"], "split": ["train", "test"]}).to_parquet(
        folder / "split.parquet"
    )
    (folder / "split.json").write_text(json.dumps({"excluded": [{"row": 2, "reason": "a copy"}]}))
    (folder / "validate").mkdir()
    lines = "row,path,reason,detail\n1,,missing,no file\n2,images/c.png,constant,\n"
    (folder / "validate/rejected.csv").write_text(lines)
    assert find(1, 2) == 0
    said = capsys.readouterr().out
    assert "  file     none below data/phantom/chest\n" in said
    assert said.count("  split    test\n") == 2
    assert "  rejected by validate: missing, no file\n" in said
    assert "  rejected by validate: constant\n  rejected by split: a copy\n" in said


def test_the_folds_of_a_cross_validation_are_told(folder, capsys):
    pd.DataFrame({"patient_id": ["p1", "p2"], "fold": [3, 0]}).to_parquet(folder / "split.parquet")
    assert find(0) == 0
    assert "  split    fold 3\n" in capsys.readouterr().out


NO_INDEX = "images.parquet: not found; run `snakemake results/nih_cxr14/index/images.parquet` first"


@pytest.mark.parametrize(
    ("rows", "dataset", "message"),
    [
        ([3], "phantom_chest", "row 3: results/phantom_chest/index/images.parquet has rows 0 to 2"),
        ([0, -1], "phantom_chest", "row -1: "),
        ([0], "mine", "--dataset mine: no data set of params.yaml, expected one of "),
        ([0], "nih_cxr14", NO_INDEX),
    ],
)
def test_what_cannot_be_found_is_one_line(folder, rows, dataset, message, capsys):
    assert find(*rows, dataset=dataset) == 1
    found = capsys.readouterr().err
    assert message in found
    assert found.count("\n") == 1
