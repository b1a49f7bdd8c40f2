import numpy as np
import pandas as pd
import pytest
from specs import PATIENTS

from radpipe.config.data import SplitSpec
from radpipe.config.readers import NoOptions
from radpipe.data import splits
from radpipe.data.readers.nih_cxr14 import reading as nih_cxr14
from radpipe.data.stratification import stratify
from radpipe.errors import DataError


def make_spec(method, test=0.2, val=0.25, seed=0, folds=None):
    return SplitSpec(method=method, test=test, val=val, folds=folds, seed=seed)


def make_cases(patients, sha256=None, official=None):
    cases = pd.DataFrame({"patient_id": patients, "row": range(len(patients))})
    if sha256 is not None:
        cases["sha256"] = sha256
    cases["official_split"] = official if official is not None else pd.Series(pd.NA, cases.index, dtype="str")
    return cases


def no_labels(cases):
    return pd.DataFrame({"a": np.zeros(len(cases), np.float32)})


def test_random_split_is_the_tutorials_procedure_worked_out_by_hand():
    # RandomState(0).permutation(10) = 2 8 4 9 1 6 7 3 0 5: scikit-learn takes the first 2 for the test part.
    # Of the rest, in the order 4 9 1 6 7 3 0 5, permutation(8) = 6 2 1 7 3 0 5 4 gives places 6 and 2: 0, 1.
    patients = [f"p{number}" for number in range(10)]
    parts = splits.assign_splits(make_cases(patients), no_labels(patients), make_spec("random"))
    assert parts[["p2", "p8"]].tolist() == ["test", "test"]
    assert parts[["p0", "p1"]].tolist() == ["val", "val"]
    assert (parts == "train").sum() == 6


def test_random_split_follows_the_first_appearance_and_not_the_name():
    forward = splits.assign_splits(
        make_cases(list("abcdefghij")), no_labels("abcdefghij"), make_spec("random")
    )
    backward = splits.assign_splits(
        make_cases(list("jihgfedcba")), no_labels("abcdefghij"), make_spec("random")
    )
    assert forward.tolist() == backward.tolist()
    assert backward.index[0] == "j"


def test_stratified_parts_hold_their_share_of_every_finding():
    rng = np.random.default_rng(1)
    positive = rng.random((1000, 4)) < [0.3, 0.1, 0.03, 0.01]
    part = stratify(positive, np.ones(1000, int), [0.6, 0.2, 0.2], seed=0)
    assert np.bincount(part).tolist() == [600, 200, 200]
    for finding in range(4):
        wanted = np.array([0.6, 0.2, 0.2]) * positive[:, finding].sum()
        found = np.bincount(part[positive[:, finding]], minlength=3)
        assert np.abs(found - wanted).max() <= 2


def test_patients_that_share_pixels_form_one_group():
    cases = make_cases(list("abcde"), sha256=["1", "2", "1", "2", "3"])
    groups = splits.group_patients(cases)
    assert groups["a"] == groups["c"] != groups["b"] == groups["d"] != groups["e"]
    chain = splits.group_patients(make_cases(list("aabbc"), sha256=["1", "2", "2", "3", "3"]))
    assert set(chain) == {chain.iloc[0]}


def test_patients_of_one_study_form_one_group_and_an_unknown_study_joins_nobody():
    cases = make_cases(list("abcde"), sha256=["1", "2", "3", "4", "4"])
    cases["study_id"] = ["s", "s", None, None, "t"]
    groups = splits.group_patients(cases)
    assert groups["a"] == groups["b"] != groups["c"] != groups["d"] == groups["e"]
    assert groups["a"] != groups["d"]


def test_stratified_split_keeps_groups_together():
    patients = [str(number) for number in range(60)]
    cases = make_cases(patients, sha256=[str(number // 2) for number in range(60)])
    parts = splits.assign_splits(cases, no_labels(cases), make_spec("stratified"))
    assert all(parts[str(2 * pair)] == parts[str(2 * pair + 1)] for pair in range(30))
    assert not splits.mark_copies(cases, parts).any()


def test_folds_are_equal_and_hold_equal_shares_of_every_finding():
    rng = np.random.default_rng(1)
    cases = make_cases([f"p{number // 2}" for number in range(400)])
    labels = pd.DataFrame(rng.random((400, 3)) < [0.3, 0.1, 0.02], dtype="float32")
    folds = splits.assign_splits(cases, labels, make_spec("stratified", folds=5))
    assert folds.name == "fold"
    assert folds.value_counts(sort=False).to_dict() == dict.fromkeys(range(5), 40)
    patients = labels.groupby(cases["patient_id"], sort=False).max()
    for finding in labels:
        found = patients[finding].groupby(folds).sum()
        assert found.max() - found.min() <= 2


def test_a_group_of_patients_is_in_one_fold():
    cases = make_cases([f"p{number}" for number in range(60)], sha256=[str(n // 2) for n in range(60)])
    folds = splits.assign_splits(cases, no_labels(cases), make_spec("stratified", folds=3))
    assert all(folds[f"p{2 * pair}"] == folds[f"p{2 * pair + 1}"] for pair in range(30))
    assert not splits.mark_copies(cases, folds).any()


def test_more_folds_than_groups_are_refused():
    cases = make_cases(list("abcd"), sha256=["1", "1", "2", "3"])
    with pytest.raises(DataError, match="split.folds: 4 folds, but the 3 groups of patients leave one empty"):
        splits.assign_splits(cases, no_labels(cases), make_spec("stratified", folds=4))


@pytest.mark.parametrize("method", ["random", "official"])
def test_folds_need_the_stratified_method(method):
    with pytest.raises(ValueError, match=rf"folds: 5 with method: {method}, expected method: stratified"):
        make_spec(method, folds=5)


def test_official_test_part_is_the_published_one():
    patients = [str(number) for number in range(40)]
    official = ["test" if number % 4 == 0 else "train_val" for number in range(40)]
    cases = make_cases(patients, official=official)
    parts = splits.assign_splits(cases, no_labels(cases), make_spec("official", val=0.2))
    assert parts[parts == "test"].index.to_list() == patients[::4]
    assert parts.value_counts().to_dict() == {"train": 24, "test": 10, "val": 6}


def test_official_split_refuses_images_outside_the_lists_and_patients_in_both():
    with pytest.raises(DataError, match="1 of 2 images stand in no published list"):
        splits.find_official_test(make_cases(["a", "b"], official=["test", None]))
    with pytest.raises(DataError, match="1 patients into two parts"):
        splits.find_official_test(make_cases(["a", "a"], official=["test", "train_val"]))


def test_copies_outside_the_test_part_are_taken_out():
    cases = make_cases(list("abcd"), sha256=["1", "1", "2", "2"])
    parts = pd.Series({"a": "train", "b": "test", "c": "val", "d": "train"})
    assert splits.mark_copies(cases, parts).tolist() == [True, False, False, True]


def test_a_patient_in_two_parts_stops_the_run():
    cases = pd.DataFrame({"patient_id": ["a", "a"], "split": ["train", "test"]})
    with pytest.raises(DataError, match="1 patients stand in two parts"):
        splits.count_overlaps(cases)


def test_description_counts_images_patients_and_unknown_labels():
    cases = pd.DataFrame({"patient_id": list("aab"), "split": ["train"] * 3})
    parts = splits.count_cases(cases, pd.DataFrame({"x": [1, 1, np.nan]}, dtype="float32"))
    assert parts["train"]["patients"] == 2
    assert parts["train"]["findings"]["x"] == {
        "positives": 2, "negatives": 0, "unknown": 1, "positive_patients": 1, "prevalence": 1.0,
    }  # fmt: skip
    assert parts["test"]["findings"]["x"]["prevalence"] is None


def test_the_published_table_splits_as_the_tutorial_says(real_table):
    index = nih_cxr14.read(real_table, real_table, NoOptions(**PATIENTS))
    cases = index.images.assign(row=index.images.index)
    parts = splits.assign_splits(cases, index.labels.reset_index(drop=True), make_spec("random", val=0.26))
    images = cases["patient_id"].map(parts).value_counts()
    assert images.to_dict() == {"train": 66543, "val": 23514, "test": 22063}
