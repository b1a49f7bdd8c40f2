import pandas as pd

from radpipe.data.cases import build_rounds


def test_each_fold_is_once_the_test_part_and_once_the_validation_part():
    cases = pd.DataFrame({"row": range(8), "fold": [0, 1, 2, 3, 3, 2, 1, 0]})
    found = [each["split"].to_list() for each in build_rounds(cases)]
    train, val, test = "train", "val", "test"
    assert found == [
        [test, val, train, train, train, train, val, test],
        [train, test, val, train, train, val, test, train],
        [train, train, test, val, val, test, train, train],
        [val, train, train, test, test, train, train, val],
    ]
    assert all("fold" not in each for each in build_rounds(cases))


def test_without_folds_there_is_one_round():
    cases = pd.DataFrame({"row": [4, 5], "split": ["train", "test"]})
    (only,) = build_rounds(cases)
    assert only is cases
