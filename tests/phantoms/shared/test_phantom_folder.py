"""The folder of a phantom."""

import json

import numpy as np
import pandas as pd
import pytest

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.shared import folder
from radpipe.phantoms.shared.folder import in_batches, publish, write_truth

SPEC = PhantomSpec(kind="chest", seed=0, patients=60, size=32)


def test_results_come_in_order_over_several_batches(monkeypatch):
    monkeypatch.setattr(folder, "BATCH", 3)
    assert list(in_batches(lambda task: task * 2, range(8), 2)) == [0, 2, 4, 6, 8, 10, 12, 14]


def test_the_receipt_lists_files_with_size_and_hash(tmp_path):
    def write(draft):
        (draft / "a").write_bytes(b"abc")
        return {"cats": 9}

    publish(SPEC, tmp_path / "out", write)
    receipt = json.loads((tmp_path / "out" / "phantom.json").read_text())
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of abc, FIPS 180-2
    assert receipt == {"spec": SPEC.model_dump(), "counts": {"cats": 9}, "files": [["a", 3, sha256]]}


def test_a_failure_leaves_nothing_behind(tmp_path):
    def write(draft):
        (draft / "a").write_bytes(b"abc")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        publish(SPEC, tmp_path / "out", write)
    assert list(tmp_path.iterdir()) == []


def test_truth_stands_in_the_order_of_the_names(tmp_path):
    names = pd.Series(["b", "a"], name="id").sort_values()
    write_truth(tmp_path, names, np.array([[0.25, 1 / 3], [1.0, 0.0]]), ["x", "y"])
    assert (tmp_path / "truth.csv").read_text() == "id,x,y\na,1,0\nb,0.25,0.333333333333\n"
