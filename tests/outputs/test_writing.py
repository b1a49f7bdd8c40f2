import csv
import gzip
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radpipe.errors import DataError
from radpipe.outputs.receipts import RECEIPT
from radpipe.outputs.writing import (
    describe_file,
    disarm,
    format_line,
    read_array,
    read_json,
    read_parquet,
    write_json,
    write_table,
    write_whole,
)


def test_a_failed_write_leaves_the_old_output_and_nothing_beside_it(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"x": 1})

    def fail():
        with write_whole(path) as draft:
            draft.write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert read_json(path) == {"x": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_an_absent_json_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(DataError, match=r"a.json: not found, expected the output of an earlier step$"):
        read_json(tmp_path / "a.json", expected="the output of an earlier step")
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "a.json")


def test_a_folder_replaces_a_folder_whole(tmp_path):
    for name in ("old", "new"):
        with write_whole(tmp_path / "run") as draft:
            draft.mkdir()
            (draft / name).touch()
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["new", RECEIPT]


def test_not_a_number_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"x": float("nan")})


def test_tables_are_written_by_their_suffix(tmp_path):
    table = pd.DataFrame({"a": [1, 2]})
    write_table(tmp_path / "t.csv", table)
    write_table(tmp_path / "t.parquet", table)
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "a\n1\n2\n"
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table)


def test_a_table_has_one_hash_whether_packed_or_not(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a"))
    plain, packed = (describe_file(tmp_path / name) for name in ("t.csv", "t.csv.gz"))
    assert plain["sha256"] == packed["sha256"]
    assert plain["sha256"].startswith("ca978112ca1bbdca")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"nonsense" * 100])
def test_a_damaged_table_or_array_is_one_line(tmp_path, content):
    for name, read in (("a.parquet", read_parquet), ("a.npy", read_array)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(
            DataError, match="damaged or of another format; remove it, and run the step"
        ) as caught:
            read(tmp_path / name)
        assert "\n" not in str(caught.value)
        with pytest.raises(FileNotFoundError):
            read(tmp_path / f"absent{name}")


def test_an_array_of_objects_is_not_loaded(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(DataError, match="damaged or of another format"):
        read_array(tmp_path / "a.npy")


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-x", "@sum", "\tx", "-1 to 2", " =1", "\n=1", "\nx", "\uff1d1", "\u3000+1"]
)
def test_a_formula_gets_an_apostrophe(text):
    assert disarm(text) == "'" + text


@pytest.mark.parametrize(
    "value", ["text", "-1", "+0.5", "-1,234.5", "1e-3", " x", "a = 1", "", 5, None, -2.5]
)
def test_text_and_numbers_stay_as_they_are(value):
    assert disarm(value) is value


def test_free_text_of_a_table_is_disarmed_and_ids_are_not(tmp_path):
    table = pd.DataFrame({"path": ["=a.png"], "reason": ["=x"], "detail": ["@y"]})
    write_table(tmp_path / "r.csv", table)
    assert (tmp_path / "r.csv").read_text() == "path,reason,detail\n=a.png,'=x,'@y\n"


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1, max_size=4
    )
)
def test_a_line_reads_back_to_the_letter(cells):
    assert next(csv.reader(io.StringIO(format_line(cells), newline=""))) == cells


def test_a_place_without_a_name_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no name of a file or folder"):
        write_json(tmp_path.__class__(), {})
