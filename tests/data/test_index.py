from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from radpipe.data.cases import read_cases, read_used
from radpipe.data.index import Grid, Index, describe_index, keep_found, keep_patients
from radpipe.errors import ConfigError, DataError
from radpipe.outputs.writing import write_json


def make_index(patients="aabbcd", paths=None, units=None):
    names = [f"i{number}" for number in range(len(patients))]
    images = pd.DataFrame(
        {"image_id": names, "unit_id": units or names, "patient_id": list(patients), "path": paths or names}
    ).astype("str")
    images["path"] = pd.Series(paths or names, dtype="str")
    labels = pd.DataFrame(
        {"Mass": np.float32([1, 0, np.nan, 0, 1, 0][: len(names)])}, index=images["unit_id"]
    )
    return Index(images, labels[~labels.index.duplicated()])


def test_a_repeated_image_and_a_unit_of_two_patients_are_refused():
    images = make_index().images
    with pytest.raises(DataError, match="missing or repeated image_id"):
        Index(pd.concat([images, images]), make_index().labels)
    with pytest.raises(DataError, match="1 units belong to more than one patient"):
        make_index("ab", units=["u", "u"])


def test_an_image_without_labels_is_refused():
    index = make_index()
    with pytest.raises(DataError, match="1 images have no row of labels"):
        Index(index.images, index.labels.iloc[1:])


def test_rows_without_an_image_are_left_out_and_counted():
    index = keep_found(make_index(paths=["i0", None, "i2", None, None, "i5"]))
    assert index.images["image_id"].to_list() == ["i0", "i2", "i5"]
    assert index.labels.index.to_list() == ["i0", "i2", "i5"]
    assert index.notes["rows without an image on disk left out"] == 3
    with pytest.raises(DataError, match="no image of the table was found"):
        keep_found(make_index(paths=[None] * 6))


def test_limited_patients_keep_all_their_images_and_are_evenly_spaced():
    index = keep_patients(make_index(), 2)
    assert index.images["patient_id"].to_list() == ["a", "a", "c"]
    assert keep_patients(make_index(), 9).images["patient_id"].nunique() == 4


def test_description_counts_images_patients_and_positives():
    found = describe_index(make_index())
    assert found["counts"]["images"] == 6
    assert found["counts"]["patients"] == 4
    assert found["positives"] == {"Mass": 2}
    assert found["grid"] is None


def test_the_grid_of_the_targets_is_described_and_kept_with_fewer_rows():
    grid = Grid(
        "Finding", "Side", "Degree", ("Mass",), ("Left",), ("No", "Yes"), ("Yes",), True, ((("Mass",),),)
    )
    index = keep_patients(replace(make_index(), grid=grid), 2)
    assert describe_index(index)["grid"]["targets"] == ((("Mass",),),)
    assert describe_index(index)["grid"]["row"] == "Finding"


def test_description_tells_the_doubts_that_were_counted_also_of_a_part():
    index = make_index()
    notes = {"no mapping": 6, "several patients": 0, "other": 2}
    index = Index(
        index.images, index.labels, notes=notes, doubts=("no mapping", "several patients", "absent")
    )
    assert describe_index(keep_patients(index, 2))["doubts"] == {"no mapping": 6}


@pytest.fixture
def written(tmp_path):
    index = make_index()
    index.images.to_parquet(tmp_path / "images.parquet")
    index.labels.to_parquet(tmp_path / "labels.parquet")
    rows = pd.DataFrame({"image_id": ["i4", "i0", "i1"], "row": [4, 0, 1], "path": "x"})
    rows.to_parquet(tmp_path / "rows.parquet")
    parts = pd.DataFrame({"patient_id": ["a", "c"], "split": ["train", "test"]})
    parts.to_parquet(tmp_path / "split.parquet")
    write_json(tmp_path / "split.json", {"excluded": [{"row": 1}]})
    return tmp_path


def test_cases_and_labels_stand_in_the_order_of_the_tables(written):
    cases, labels = read_cases(written / "rows.parquet", written, ("Mass",))
    assert cases["row"].to_list() == [0, 1, 4]
    assert labels["Mass"].to_list() == [1, 0, 1]
    with pytest.raises(ConfigError, match=r"targets.include: \['Covid'\] not among the findings \['Mass'\]"):
        read_cases(written / "rows.parquet", written, ("Covid",))


def test_all_findings_are_those_of_the_tables_in_their_order(written):
    _, labels = read_cases(written / "rows.parquet", written, "all")
    assert labels.columns.to_list() == pd.read_parquet(written / "labels.parquet").columns.to_list()


def test_used_cases_have_a_part_and_lack_what_the_split_took_out(written):
    cases, labels = read_used(written / "split.parquet", written / "rows.parquet", written, ("Mass",))
    assert cases["split"].to_list() == ["train", "test"]
    assert labels["Mass"].to_list() == [1, 1]


def test_a_case_without_a_part_is_an_error(written):
    pd.DataFrame({"patient_id": ["a"], "split": ["train"]}).to_parquet(written / "split.parquet")
    with pytest.raises(DataError, match="1 images have no patient in it; run split again"):
        read_used(written / "split.parquet", written / "rows.parquet", written, ())
