import numpy as np
import pandas as pd

from radpipe.images.identical import count_identical, reject_conflicts


def packed(*hashes):
    rows = pd.DataFrame({"row": range(10, 10 + len(hashes)), "sha256": list(hashes)})
    return rows.assign(pixel_row=range(len(hashes)))


def labelled(*values):
    table = pd.DataFrame(values, columns=["Mass", "Edema"], index=range(10, 10 + len(values)))
    return table.astype("float32")


def test_copies_with_conflicting_labels_are_all_refused():
    rows = packed("a", "b", "a", "a")
    kept, rejected = reject_conflicts(rows, labelled((1, 0), (1, 0), (1, 0), (1, 1)))
    assert kept["row"].tolist() == [11]
    assert rejected.to_dict("records") == [
        {
            "row": row,
            "reason": "identical pixels with conflicting labels",
            "detail": "3 images share these pixels",
        }
        for row in (10, 12, 13)
    ]


def test_copies_with_the_same_labels_stay():
    rows = packed("a", "a", "b")
    kept, rejected = reject_conflicts(rows, labelled((1, 0), (1, 0), (0, 0)))
    pd.testing.assert_frame_equal(kept, rows)
    assert rejected.empty
    assert rejected.dtypes.astype(str).tolist() == ["int64", "str", "str"]


def test_an_unknown_label_contradicts_nothing():
    rows = packed("a", "a", "b", "b")
    labels = labelled((1, np.nan), (np.nan, 0), (np.nan, np.nan), (0, np.nan))
    assert reject_conflicts(rows, labels)[1].empty


def test_different_pixels_may_have_different_labels():
    assert reject_conflicts(packed("a", "b"), labelled((1, 0), (0, 1)))[1].empty


def test_groups_are_counted_with_those_that_cross_patients():
    rows = packed("a", "a", "b", "c", "c", "c", "d")
    patients = pd.Series(list("xyxzzzz"), index=range(10, 17))
    counts = count_identical(rows, patients)
    assert counts == {"groups": 2, "images": 5, "groups across patients": 1}


def test_without_copies_nothing_is_counted():
    counts = count_identical(packed("a", "b"), pd.Series(["x", "y"], index=[10, 11]))
    assert counts == {"groups": 0, "images": 0, "groups across patients": 0}
