import csv
import errno
import json
import os
from pathlib import Path

import cv2
import keras
import numpy as np
import pandas as pd
import pytest

from radpipe.errors import DataError
from radpipe.images.prepare.resize import to_square
from radpipe.outputs.writing import write_json
from radpipe.tools import predict
from radpipe.tools.external.tables import read_table
from radpipe.training import archive
from radpipe.training.models import registry
from radpipe.training.record import hash_model

pytestmark = pytest.mark.keras


@pytest.fixture
def model(inputs, spec):
    """Return the path of an untrained network, saved as a training saves it."""
    archive.save(registry.build(spec, inputs.problem), Path("model.keras"))
    write_json(Path("training.json"), {"targets": ["Mass", "Hernia"], "image": inputs.image.model_dump()})
    return Path("model.keras")


@pytest.fixture
def folder(tmp_path):
    """Return three images at two depths, and a file that is none."""
    images = np.random.default_rng(0).integers(0, 256, (3, 40, 30), dtype=np.uint8)
    (tmp_path / "images" / "more").mkdir(parents=True)
    for name, image in zip(("b.png", "more/a.png", "c.png"), images, strict=True):
        cv2.imwrite(str(tmp_path / "images" / name), image)
    (tmp_path / "images" / "notes.png").write_text("no image")
    return tmp_path / "images"


def test_each_image_gets_a_line_of_probabilities_and_other_files_their_reason(model, folder, inputs, capsys):
    predict.predict(model, folder, Path("predictions.csv"))
    header, *lines = csv.reader(Path("predictions.csv").read_text().splitlines())
    assert header == ["id", "Mass", "Hernia"]
    assert [line[0] for line in lines] == ["b.png", "c.png", "more/a.png"]
    rejected = Path("predictions.rejected.csv").read_text()
    assert rejected == "id,reason\nnotes.png,unsupported format\n"
    grey = cv2.imread(str(folder / "more/a.png"), cv2.IMREAD_UNCHANGED)
    square = to_square(grey, inputs.image)[None, ..., None]
    logits = keras.saving.load_model(model).predict(square, verbose=0)[0].astype(float)
    np.testing.assert_allclose(np.array(lines[2][1:], float), 1 / (1 + np.exp(-logits)), rtol=1e-4)
    told = capsys.readouterr().out
    assert told == "predict: 3 images; rejected: unsupported format 1\n"


def test_the_table_does_not_depend_on_the_batches(model, folder, monkeypatch):
    predict.predict(model, folder, Path("one.csv"))
    monkeypatch.setattr(predict, "BATCH", 1)
    predict.predict(model, folder, Path("two.csv"))
    assert Path("one.csv").read_text().count("\n") == Path("two.csv").read_text().count("\n") == 4


def test_an_image_above_the_limit_is_not_decoded(model, folder):
    predict.predict(model, folder, Path("predictions.csv"), max_pixels=1000)
    assert Path("predictions.rejected.csv").read_text().count("too large") == 3


def test_an_empty_folder_is_refused(model, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no file found"):
        predict.predict(model, tmp_path / "empty", Path("predictions.csv"))


def test_a_model_without_its_training_json_is_refused(model, folder):
    Path("training.json").unlink()
    with pytest.raises(DataError, match=r"training.json: not found"):
        predict.predict(model, folder, Path("predictions.csv"))


def test_a_foreign_training_json_is_refused(model, folder):
    write_json(Path("training.json"), {"targets": ["Mass"], "image": {"size": 32}})
    with pytest.raises(DataError, match=r"training.json: not written by `radpipe train`"):
        predict.predict(model, folder, Path("predictions.csv"))


def test_a_file_that_is_no_model_is_refused(model, folder):
    model.write_text("nothing")
    with pytest.raises(DataError, match=r"model.keras: not a model"):
        predict.predict(model, folder, Path("predictions.csv"))
    assert not Path("predictions.csv").exists()


def test_a_model_of_another_run_is_refused_and_training_json_is_blamed(model, folder):
    described = json.loads(Path("training.json").read_text())
    write_json(Path("training.json"), described | {"model": "0" * 64})
    with pytest.raises(DataError, match=r"training.json: describes another model than model.keras"):
        predict.predict(model, folder, Path("p.csv"))
    write_json(Path("training.json"), described | {"model": hash_model(model)})
    predict.predict(model, folder, Path("p.csv"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": ["Mass"]}, r"answers \(None, 2\), training.json says .* and \(None, 1\)"),
        ({"targets": 5}, "training.json: not written by"),
        ({"image": {}}, "training.json: not written by"),
    ],
)
def test_a_training_json_that_does_not_fit_is_named(model, folder, changes, message):
    write_json(Path("training.json"), json.loads(Path("training.json").read_text()) | changes)
    with pytest.raises(DataError, match=message):
        predict.predict(model, folder, Path("p.csv"))


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04nonsense"])
def test_a_damaged_model_is_named(model, folder, content):
    model.write_bytes(content)
    with pytest.raises(DataError, match=r"model.keras: not a model of Keras, or damaged") as caught:
        predict.predict(model, folder, Path("p.csv"))
    assert "\n" not in str(caught.value)


def answer_maps():
    image = keras.Input((32, 32, 1))
    return keras.Model(image, keras.layers.Conv2D(2, 1)(image))


def answer_by_name():
    image = keras.Input((32, 32, 1), name="x")
    return keras.Model({"x": image}, {"y": keras.layers.Dense(2)(keras.layers.Flatten()(image))})


@pytest.mark.filterwarnings("ignore:You are saving a model that has not yet been built")
@pytest.mark.parametrize(
    "build", [answer_maps, answer_by_name, lambda: keras.Sequential([keras.layers.Dense(2)])]
)
def test_a_network_that_answers_otherwise_is_refused(model, folder, build):
    build().save(model)
    with pytest.raises(DataError, match=r"model.keras: takes .* training.json says \(None, 32, 32, 1\)"):
        predict.predict(model, folder, Path("p.csv"))
    assert not Path("p.csv").exists()


def test_a_training_json_of_endless_brackets_is_refused(model, folder):
    Path("training.json").write_text("[" * 100_000)
    with pytest.raises(DataError, match=r"training.json: not written by"):
        predict.predict(model, folder, Path("p.csv"))


def test_a_failure_at_the_list_of_rejected_files_leaves_no_table(model, folder, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(DataError, match=r"No space left on device"):
        predict.predict(model, folder, Path("p.csv"))
    assert not Path("p.csv").exists()
    assert not list(Path().glob(".p*"))


def test_what_is_no_file_is_listed_among_the_rejected(model, folder, tmp_path):
    os.mkfifo(folder / "pipe.png")
    (folder / "gone.png").symlink_to("nowhere.png")
    (tmp_path / "else").mkdir()
    (folder / "linked").symlink_to(tmp_path / "else")
    predict.predict(model, folder, Path("p.csv"))
    rejected = pd.read_csv("p.rejected.csv", na_filter=False).set_index("id")["reason"].to_dict()
    assert {"pipe.png", "gone.png", "linked", "notes.png"} == set(rejected)


@pytest.mark.parametrize("targets", ["Mass", ["Mass", "Mass"], ["Mass", "id"], ["Mass", " "], [1, 2]])
def test_targets_that_are_no_headings_are_refused(model, folder, targets):
    write_json(Path("training.json"), json.loads(Path("training.json").read_text()) | {"targets": targets})
    with pytest.raises(DataError, match=r"training.json: not written by"):
        predict.predict(model, folder, Path("p.csv"))


def test_weights_that_are_no_numbers_are_named(model, folder):
    network = keras.saving.load_model(model, compile=False)
    network.set_weights([np.full_like(weights, np.nan) for weights in network.get_weights()])
    network.save(model)
    with pytest.raises(DataError, match="its weights are damaged"):
        predict.predict(model, folder, Path("p.csv"))
    assert not Path("p.csv").exists()


@pytest.mark.parametrize("name", ["a,b.png", " x.png", 'a, "b".png', "Icon\r", "x;y.png", "line\nbreak.png"])
def test_any_name_reads_back_to_the_letter(model, folder, name):
    (folder / name).write_bytes((folder / "b.png").read_bytes())
    (folder / f"no image {name}").write_text("x")
    predict.predict(model, folder, Path("p.csv"))
    assert name in read_table(Path("p.csv")).cells["id"].to_list()
    assert f"no image {name}" in pd.read_csv("p.rejected.csv", na_filter=False)["id"].to_list()


def test_a_name_that_no_table_can_hold_stops_before_the_work(model, folder):
    with open(os.fsencode(folder) + b"/gr\xf6\xdfe.png", "wb"):  # noqa: PTH123
        pass
    with pytest.raises(DataError, match=r"the name b'gr.*' is no UTF-8; rename the file"):
        predict.predict(model, folder, Path("p.csv"))


def test_predictions_are_replaced_and_a_table_of_ids_that_is_not_ours_is_not(model, folder):
    output = Path("predictions.csv")
    predict.predict(model, folder, output)
    predict.predict(model, folder, output)
    Path("predictions.rejected.csv").write_text("id,reason\nmine,blurred\n")
    with pytest.raises(DataError, match=r"predictions\.rejected\.csv: not written by this step"):
        predict.predict(model, folder, output)
    assert Path("predictions.rejected.csv").read_text() == "id,reason\nmine,blurred\n"
