"""How every phantom is made, on one of three rows."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from phantom_files import contents

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.outputs.receipts import RECEIPT
from radpipe.phantoms import driver
from radpipe.phantoms.driver import (
    Names,
    Phantom,
    RowFiles,
    choose_population,
    make_phantom,
    map_in_batches,
    write_truth,
)
from radpipe.phantoms.shared.population import Population

SPEC = PhantomSpec(kind="chest", seed=5, patients=60, size=32)
BOX = (1, 2, 3, 4)


def draw_population(patients, rng):
    images = pd.DataFrame({"patient": [1, 1, 2], "drawn": int(rng.integers(1000))})
    return Population(images, np.zeros((3, 1)), np.array([[0.5], [1.0], [0.0]]), np.zeros((3, 1), np.int64))


def draw_row(contents, row):
    if row == 1:
        return RowFiles({"images/b": None})
    name = contents.names.rows[row]
    return RowFiles({f"images/{name}": b"abc"}, [("cat", BOX)] if row == 0 else [])


def write_tables(folder, contents, boxes):
    (folder / "boxes").write_text(json.dumps(boxes))
    return {"boxes": len(boxes)}


CATS = Phantom(
    draw_population=draw_population,
    plant_oddities=lambda population, _: replace(population, oddities={"missing": np.array([1])}),
    is_usable=lambda _: True,
    lacking="cats",
    expected="9",
    name_rows=lambda _, spec: Names(pd.Series(["c", "b", "a"], name="id")),
    draw_row=draw_row,
    write_tables=write_tables,
    count_rows=lambda contents: {"images": len(contents.names.rows)},
    targets=["x"],
)


def drawn(population):
    return population.images["drawn"][0]


def test_a_phantom_has_its_images_tables_truth_and_receipt(tmp_path):
    make_phantom(CATS, SPEC, tmp_path / "out", 2)
    files = contents(tmp_path / "out")
    receipt = json.loads(files.pop("phantom.json"))
    files.pop(RECEIPT)
    assert files == {
        "images/a": b"abc",
        "images/c": b"abc",
        "boxes": b'{"0": [["cat", [1, 2, 3, 4]]]}',
        "truth.csv": b"id,x\na,0\nb,1\nc,0.5\n",
    }
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of abc, FIPS 180-2
    assert receipt["spec"] == SPEC.model_dump()
    assert receipt["counts"] == {"images": 3, "missing": 1, "boxes": 1}
    assert receipt["files"][1:3] == [["images/a", 3, sha256], ["images/c", 3, sha256]]


@pytest.mark.parametrize("function", ["draw_row", "write_tables", "count_rows"])
def test_a_failure_leaves_nothing_behind(function, tmp_path):
    def fail(*_):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        make_phantom(replace(CATS, **{function: fail}), SPEC, tmp_path / "out", 1)
    assert list(tmp_path.iterdir()) == []


def test_the_first_usable_population_is_chosen_by_its_own_generator():
    third = int(np.random.default_rng([5, 0, 2]).integers(1000))
    phantom = replace(CATS, is_usable=lambda population: drawn(population) == third)
    assert drawn(choose_population(phantom, SPEC)) == third


def test_what_is_drawn_last_can_refuse_a_population():
    second = int(np.random.default_rng([5, 0, 1]).integers(1000))
    phantom = replace(
        CATS, complete=lambda population, _: population if drawn(population) == second else None
    )
    assert drawn(choose_population(phantom, SPEC)) == second


@pytest.mark.parametrize("lack", [{"is_usable": lambda _: False}, {"plant_oddities": lambda *_: None}])
def test_none_usable_names_what_was_lacking(lack, monkeypatch):
    monkeypatch.setattr(driver, "REDRAWS", 2)
    with pytest.raises(
        ConfigError, match="60 patients from seed 5 gave too few cats in 2 tries, expected 9:"
    ):
        choose_population(replace(CATS, **lack), SPEC)


def test_results_come_in_order_over_several_batches(monkeypatch):
    monkeypatch.setattr(driver, "BATCH", 3)
    assert list(map_in_batches(lambda task: task * 2, range(8), 2)) == [0, 2, 4, 6, 8, 10, 12, 14]


def test_truth_is_listed_by_name(tmp_path):
    names = pd.Series(["b", "a"], name="id")
    write_truth(tmp_path, names, np.array([[0.25, 1 / 3], [1.0, 0.0]]), ["x", "y"])
    assert (tmp_path / "truth.csv").read_text() == "id,x,y\na,1,0\nb,0.25,0.333333333333\n"
