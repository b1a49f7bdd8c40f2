"""A run that stops because of too many rejected images leaves their list."""

import pandas as pd
import pytest
from specs import CHEST

from radpipe.errors import DataError
from radpipe.steps.data import _stop_at_many

REJECTED = pd.DataFrame(
    {"row": [3, 5], "path": ["a.png", "b.png"], "reason": "unreadable", "detail": ["header", pd.NA]}
)


def limits(share):
    return CHEST.validation.model_copy(update={"max_rejected_share": share})


def test_the_list_stays_when_the_step_stops_and_goes_when_it_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "validate.stopped/rejected.csv"
    with pytest.raises(DataError, match=rf"2 unreadable: 1 header.*All are listed in {kept}"):
        _stop_at_many(REJECTED, 10, limits(0.1), tmp_path / "validate")
    assert kept.read_text() == "row,path,reason,detail\n3,a.png,unreadable,header\n5,b.png,unreadable,\n"
    _stop_at_many(REJECTED, 10, limits(0.5), tmp_path / "validate")
    assert not kept.parent.exists()


def test_a_list_of_the_user_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "pack.stopped/rejected.csv"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(DataError, match="not written by this step"):
        _stop_at_many(REJECTED, 10, limits(0.1), tmp_path / "pack")
    _stop_at_many(REJECTED, 10, limits(0.5), tmp_path / "pack")
    assert kept.read_text() == "mine"
