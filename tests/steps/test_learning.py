"""Split, weigh and standardise over folds: what each network of a cross-validation learns from."""

import numpy as np
import pandas as pd
import pytest
from specs import CHEST

from radpipe.config.data import SplitSpec
from radpipe.data.cases import build_rounds, read_used
from radpipe.outputs.writing import read_json
from radpipe.steps import learning

FOLDS = 4
FINDINGS = ("Mass", "Hernia", "Edema")
TARGETS = CHEST.targets.model_copy(update={"include": FINDINGS, "min_positive_patients": 3})


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Write 80 images of 40 patients, as `index` and `pack` leave them; patients 0 and 1 share an image."""
    monkeypatch.chdir(tmp_path)
    numbers = np.arange(80)
    names = [f"image{number}" for number in numbers]
    patients = [f"patient{number // 2}" for number in numbers]
    random = np.random.default_rng(0)
    labels = pd.DataFrame(random.random((80, 3)) < [0.4, 0.2, 0], columns=FINDINGS, index=names)
    labels.loc[["image10", "image20", "image30"], "Edema"] = True
    labels = labels.astype("float32").mask(random.random((80, 3)) < [0.1, 0.1, 0])
    pixels = ["image0" if name == "image3" else name for name in names]
    for folder in ("index", "pack"):
        (tmp_path / folder).mkdir()
    images = {"image_id": names, "unit_id": names, "patient_id": patients, "path": names}
    pd.DataFrame(images).to_parquet("index/images.parquet")
    labels.to_parquet("index/labels.parquet")
    rows = {"image_id": names, "row": numbers, "pixel_row": numbers, "sha256": pixels}
    pd.DataFrame(rows).to_parquet("pack/rows.parquet")
    np.save("pack/pixels.npy", random.integers(0, 256, (80, 4, 4, 1), dtype=np.uint8))
    spec = SplitSpec(method="stratified", test=0.2, val=0.25, folds=FOLDS, seed=0)
    given = {"rows": tmp_path / "pack/rows.parquet", "index": tmp_path / "index"}
    learning.split(**given, spec=spec, targets=TARGETS, output=tmp_path / "split.parquet")
    return {**given, "split": tmp_path / "split.parquet"}


def training_rows(cases):
    return [(each["split"] == "train").to_numpy() for each in build_rounds(cases)]


def test_no_patient_is_learned_from_or_tuned_on_in_the_round_that_tests_it(given):
    cases, _ = read_used(**given, include=())
    tested = []
    for each in build_rounds(cases):
        parts = {part: set(group) for part, group in each.groupby("split")["patient_id"]}
        assert not parts["test"] & (parts["train"] | parts["val"])
        assert not parts["val"] & parts["train"]
        assert len(parts["train"]) + len(parts["val"]) + len(parts["test"]) == 40
        tested += each.loc[each["split"] == "test", "row"].to_list()
    assert sorted(tested) == list(range(80))


def test_patients_that_share_an_image_are_in_one_fold(given):
    table = pd.read_parquet(given["split"]).set_index("patient_id")
    assert table.columns.to_list() == ["fold"]
    assert table["fold"]["patient0"] == table["fold"]["patient1"]
    summary = read_json(given["split"].with_suffix(".json"))
    assert summary["folds"] == FOLDS
    assert summary["checks"] == {"patients in two folds": 0, "pixel-identical images in two folds": 0}
    assert [part["patients"] for part in summary["parts"].values()] == [10] * FOLDS
    assert list(summary["parts"]) == ["0", "1", "2", "3"]


def test_the_weights_of_a_round_are_those_of_its_training_patients(given, tmp_path):
    learning.weigh(**given, targets=TARGETS, output=tmp_path / "weights.json")
    weighed = read_json(tmp_path / "weights.json")
    cases, labels = read_used(**given, include=FINDINGS)
    assert len(weighed["rounds"]) == FOLDS
    for found, chosen in zip(weighed["rounds"], training_rows(cases), strict=True):
        known = labels.loc[chosen, "Mass"].dropna()
        assert found["Mass"]["present"] == pytest.approx(len(known) / (2 * known.sum()))
        assert found["Mass"]["absent"] == pytest.approx(len(known) / (2 * (known == 0).sum()))
    known = labels["Mass"].dropna()
    assert weighed["targets"]["Mass"]["positives"] == known.sum()
    assert len({found["Mass"]["positives"] for found in weighed["rounds"]}) > 1


def test_a_finding_too_rare_in_one_round_is_dropped_in_all(given, tmp_path, capsys):
    learning.weigh(**given, targets=TARGETS, output=tmp_path / "weights.json")
    weighed = read_json(tmp_path / "weights.json")
    # Three patients have it: wherever one of them is tested, at most two are left.
    assert weighed["dropped"]["Edema"]["positive_patients"] == 3
    assert " training patients with it in round " in weighed["dropped"]["Edema"]["reason"]
    assert all(list(found) == ["Mass", "Hernia"] for found in (weighed["targets"], *weighed["rounds"]))
    assert "weigh: Edema is dropped" in capsys.readouterr().err


def test_pixels_are_standardised_by_the_training_part_of_each_round(given, tmp_path):
    learning.standardise(
        pack=tmp_path / "pack", split=given["split"], index=given["index"], output=tmp_path / "standard.json"
    )
    measured = read_json(tmp_path / "standard.json")["rounds"]
    cases, _ = read_used(**given, include=())
    pixels = np.load(tmp_path / "pack/pixels.npy")
    for found, chosen in zip(measured, training_rows(cases), strict=True):
        assert found["images"] == chosen.sum()
        assert found["mean"][0] == pytest.approx(pixels[chosen].mean())
        assert found["std"][0] == pytest.approx(pixels[chosen].std())
