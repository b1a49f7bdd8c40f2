"""Nothing that radpipe did not write is replaced or removed."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from radpipe.errors import DataError
from radpipe.outputs.receipts import (
    RECEIPT,
    RUN_KEYS,
    is_run_file,
    refuse_foreign_file,
    refuse_foreign_files,
    refuse_foreign_folder,
)
from radpipe.outputs.writing import write_files, write_json, write_whole
from radpipe.phantoms.driver import is_phantom_file
from radpipe.report.page import is_figure, refuse_foreign_page
from radpipe.steps import data, learning, results
from radpipe.tools import show, submit, verbs

MINE = "mine\n"


def write_folder(path, *names, is_known=lambda _: False):
    with write_whole(path, is_known) as draft:
        for name in names:
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_text("ours")


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_folder_lists_its_files_and_may_be_replaced(tmp_path):
    folder = tmp_path / "figures"
    write_folder(folder, "a.png", "deep/b.png")
    assert json.loads((folder / RECEIPT).read_text())["files"] == ["a.png", "deep/b.png"]
    write_folder(folder, "c.png")
    assert sorted(snapshot(folder)) == ["c.png", RECEIPT]


@pytest.mark.parametrize("name", ["notes.txt", "deep/mine.png", "empty"])
def test_a_folder_with_anything_else_in_it_is_not_touched(tmp_path, name):
    folder = tmp_path / "figures"
    write_folder(folder, "a.png", "deep/b.png")
    if name == "empty":
        (folder / name).mkdir()
    else:
        (folder / name).write_text(MINE)
    before = snapshot(folder)
    with pytest.raises(DataError) as caught:
        write_folder(folder, "c.png")
    words = f"{folder / name}: not written by radpipe, whose output would replace it; nothing was changed"
    assert str(caught.value).startswith(words)
    assert snapshot(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["figures"]


def test_what_comes_while_a_folder_is_written_is_seen(tmp_path):
    folder = tmp_path / "run"

    def write():
        with write_whole(folder) as draft:
            draft.mkdir()
            folder.mkdir()
            (folder / "late.txt").write_text(MINE)

    with pytest.raises(DataError, match=r"late\.txt"):
        write()
    assert snapshot(folder) == {"late.txt": MINE.encode()}


def test_a_file_or_link_in_the_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text(MINE)
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    for name, word in (("file", "a file"), ("link", "a link")):
        with pytest.raises(DataError, match=word):
            write_folder(tmp_path / name, "a.png")
    assert (tmp_path / "file").read_text() == MINE
    with pytest.raises(DataError, match="a folder, expected a file"):
        refuse_foreign_file(tmp_path / "mine", lambda _: True)


def test_a_run_of_an_older_version_is_known(tmp_path):
    write_json(tmp_path / "training.json", dict.fromkeys(RUN_KEYS))
    (tmp_path / "model.keras").write_bytes(b"")
    refuse_foreign_folder(tmp_path, lambda name: is_run_file(tmp_path, name))
    write_json(tmp_path / "training.json", {"targets": [], "mine": 1})
    with pytest.raises(DataError, match=r"model\.keras"):
        refuse_foreign_folder(tmp_path, lambda name: is_run_file(tmp_path, name))


def test_a_phantom_of_an_older_version_is_known_and_a_published_set_is_not(tmp_path):
    (tmp_path / "images_001/images").mkdir(parents=True)
    (tmp_path / "images_001/images/00000001_000.png").write_text("")
    (tmp_path / "Data_Entry_2017_v2020.csv").write_text("")

    def check():
        refuse_foreign_folder(tmp_path, lambda name: is_phantom_file(tmp_path, name))

    with pytest.raises(DataError):
        check()
    (tmp_path / "truth.csv").write_text("")
    with pytest.raises(DataError):
        check()
    names = ("images_001/images/00000001_000.png", "Data_Entry_2017_v2020.csv", "truth.csv")
    write_json(tmp_path / "phantom.json", {"files": [[name, 0, ""] for name in names]})
    check()
    (tmp_path / "notes.txt").write_text(MINE)
    with pytest.raises(DataError, match=r"notes\.txt"):
        check()


@pytest.mark.parametrize("ours", [True, False])
def test_a_link_to_a_folder_is_a_file_of_the_user(tmp_path, ours):
    (tmp_path / "big").mkdir()
    if ours:
        write_folder(tmp_path / "mine", "a.txt")
    (tmp_path / "mine").mkdir(exist_ok=True)
    (tmp_path / "mine/images").symlink_to(tmp_path / "big")
    with pytest.raises(DataError, match="mine/images: not written by radpipe"):
        write_folder(tmp_path / "mine", "b.txt")
    assert (tmp_path / "mine/images").is_symlink()


def test_what_a_stopped_run_left_is_replaced_and_nothing_else(tmp_path):
    def stop():
        with write_files(tmp_path, ("a.json", "b.json")):
            write_json(tmp_path / "a.json", {})
            raise KeyboardInterrupt

    def check(*names):
        refuse_foreign_files(tmp_path, names, "b.json", lambda _: False)

    with pytest.raises(KeyboardInterrupt):
        stop()
    check("a.json", "b.json")
    (tmp_path / "c.json").write_text(MINE)
    with pytest.raises(DataError, match=r"c\.json"):
        check("a.json", "c.json")
    with write_files(tmp_path, ("a.json", "b.json")):
        pass
    with pytest.raises(DataError, match=r"a\.json"):
        check("a.json")


def test_figures_of_an_older_version_are_known_and_those_of_somebody_else_are_not(tmp_path):
    figures = tmp_path / "figures"
    figures.mkdir()
    (figures / "roc.png").write_text(MINE)
    with pytest.raises(DataError, match=r"roc\.png"):
        refuse_foreign_page(tmp_path / "report.html")
    for name in ("pr", "weights", "training", "findings"):
        (figures / f"{name}.png").write_text("")
    assert is_figure(figures, "roc.png")
    refuse_foreign_page(tmp_path / "report.html")
    (tmp_path / "report.html").write_text("<p>my own page")
    with pytest.raises(DataError, match=r"report\.html: not written by this step"):
        refuse_foreign_page(tmp_path / "report.html")


OURS = (
    "format",
    "targets",
    "mean",
    "checks",
    "parts",
    "arms",
    "rounds",
    "reader",
    "level",
    "packed",
    "all/x",
)


def holds_one_key(mine, key):
    """Write a file of the user with one of the keys that outputs of radpipe have."""
    for name in ("metrics.json", "summary.json", "cases.json", "training.json"):
        (mine / name).write_text(json.dumps({key: [{"mean": 1}], "mine": 1}))


NOTHING = Path("nothing")
# The step, what it is called with beside `output`, and a file that it would replace.
STEPS = {
    "index": (data.index, {"spec": None}, "labels.parquet"),
    "validate": (
        data.validate,
        {"images": NOTHING, "root": NOTHING, "spec": None, "links": None},
        "rejected.csv",
    ),
    "pack": (
        data.pack,
        {"accepted": NOTHING, "index": NOTHING, "root": NOTHING, "spec": None, "limits": None, "links": None},
        "pixels.npy",
    ),
    "evaluate": (results.evaluate, {"predictions": NOTHING, "spec": 1}, "metrics.json"),
    "evaluate-predictions": (verbs.evaluate_predictions, {"predictions": NOTHING}, "metrics.json"),
    "evaluate-predictions, figures": (
        verbs.evaluate_predictions,
        {"predictions": NOTHING},
        "figures/roc.png",
    ),
    "compare-predictions": (
        verbs.compare_predictions,
        {"reference": NOTHING, "other": NOTHING},
        "evaluations.json",
    ),
    "score-boxes": (verbs.score_boxes, {"boxes": NOTHING, "labels": NOTHING}, "metrics.json"),
    "explain": (
        results.explain,
        dict.fromkeys(("runs", "losses", "seed", "pack", "index", "image", "spec")),
        "maps.npy",
    ),
    "train": (
        learning.train,
        dict.fromkeys(("pack", "split", "index", "weights", "standard", "spec", "image", "loss", "seed")),
        "model.keras",
    ),
}
FILES = {
    "split": (learning.split, dict.fromkeys(("rows", "index", "spec", "targets")), "split.parquet"),
    "split, summary": (learning.split, dict.fromkeys(("rows", "index", "spec", "targets")), "split.json"),
    "audit": (learning.audit, dict.fromkeys(("rows", "split", "index", "headers")), "audit.json"),
    "weigh": (learning.weigh, dict.fromkeys(("split", "rows", "index", "targets")), "weights.json"),
    "standardise": (learning.standardise, dict.fromkeys(("pack", "split", "index")), "standard.json"),
    "compare": (
        results.compare,
        {"predictions": [], "spec": 1, "plan": 1, "metrics": NOTHING},
        "compare.json",
    ),
}


def refuse(tmp_path, call, name):
    mine = tmp_path / "mine"
    (mine / name).parent.mkdir(parents=True)
    (mine / name).write_text(MINE)
    (mine / "notes.txt").write_text(MINE)
    before = snapshot(mine)
    with pytest.raises(DataError, match=r"nothing was changed"):
        call(mine)
    assert snapshot(mine) == before


@pytest.mark.parametrize("step", STEPS)
def test_no_step_replaces_a_file_of_the_user_in_its_folder(tmp_path, monkeypatch, step):
    class Limits:
        level = "decode"

    function, options, name = STEPS[step]
    options = {**options, "limits": Limits} if "limits" in options else options
    monkeypatch.setattr("radpipe.tools.external.analysis.choose_analysis", lambda *_: None)
    refuse(tmp_path, lambda mine: function(**options, output=mine), name)


@pytest.mark.parametrize("key", OURS)
@pytest.mark.parametrize("step", STEPS)
def test_one_key_of_ours_does_not_make_a_folder_ours(tmp_path, monkeypatch, step, key):
    class Limits:
        level = "decode"

    function, options, name = STEPS[step]
    options = {**options, "limits": Limits} if "limits" in options else options
    monkeypatch.setattr("radpipe.tools.external.analysis.choose_analysis", lambda *_: None)

    def call(mine):
        function(**options, output=mine)

    mine = tmp_path / "mine"
    (mine / name).parent.mkdir(parents=True)
    (mine / name).write_text(MINE)
    holds_one_key(mine, key)
    before = snapshot(mine)
    with pytest.raises(DataError, match=r"nothing was changed"):
        call(mine)
    assert snapshot(mine) == before


@pytest.mark.parametrize("key", OURS)
@pytest.mark.parametrize("step", FILES)
def test_one_key_of_ours_does_not_make_a_file_ours(tmp_path, step, key):
    function, options, name = FILES[step]
    mine = tmp_path / name
    mine.write_text(json.dumps({key: [{"mean": 1}], "mine": 1}))
    output = "split.parquet" if step.startswith("split") else name
    with pytest.raises(DataError, match=r"nothing was changed"):
        function(**options, output=tmp_path / output)
    assert "mine" in mine.read_text()


@pytest.mark.parametrize("step", FILES)
def test_no_step_replaces_a_file_of_the_user(tmp_path, step):
    function, options, name = FILES[step]
    output = "split.parquet" if step.startswith("split") else name
    refuse(tmp_path, lambda mine: function(**options, output=mine / output), name)


def test_show_replaces_its_own_drawing_only(tmp_path):
    image = tmp_path / "image.png"
    cv2.imwrite(str(image), np.arange(64, dtype=np.uint8).reshape(8, 8))
    before = image.read_bytes()
    with pytest.raises(DataError, match="nothing was changed"):
        show.show(image, None, image)
    assert image.read_bytes() == before
    for _ in range(2):
        show.show(image, None, tmp_path / "drawn.png")
    assert cv2.imread(str(tmp_path / "drawn.png")).shape == (8, 8, 3)


def test_submit_replaces_its_own_table_only(tmp_path):
    predictions = tmp_path / "p.csv"
    predictions.write_text("id,Lung Opacity\na.dcm,0.5\n")
    (tmp_path / "p.rejected.csv").write_text("id,reason\n")
    header = "id,any,epidural,intraparenchymal,intraventricular,subarachnoid,subdural\n"
    predictions.write_text(header + "ID_a.dcm,.1,.1,.1,.1,.1,.1\n")
    output = tmp_path / "out.csv"
    for _ in range(2):
        submit.submit(predictions, "rsna_hemorrhage", output)
    shutil.copy(predictions, tmp_path / "mine.csv")
    with pytest.raises(DataError, match="nothing was changed"):
        submit.submit(predictions, "rsna_hemorrhage", tmp_path / "mine.csv")
    with pytest.raises(DataError, match="nothing was changed"):
        submit.submit(predictions, "rsna_hemorrhage", predictions)
