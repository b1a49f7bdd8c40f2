import pandas as pd
import pytest

from radpipe.config.data import ValidateSpec
from radpipe.errors import DataError
from radpipe.images.problems import REASONS
from radpipe.images.validate.rejections import count_reasons, refuse_many


def rejected(*reasons):
    return pd.DataFrame(
        {"row": range(10, 10 + len(reasons)), "reason": list(reasons), "detail": pd.NA}, dtype="object"
    )


def spec(share):
    return ValidateSpec(level="decode", max_rejected_share=share, max_pixels=1)


def test_reasons_are_counted_the_most_frequent_first():
    counts = count_reasons(rejected("missing", "empty", "empty"))
    assert list(counts.items()) == [("empty", 2), ("missing", 1)]


def test_a_share_at_the_limit_does_not_stop_the_run():
    refuse_many(rejected("empty"), 20, spec(0.05))


def test_a_share_above_the_limit_stops_it_with_counts_and_rows():
    with pytest.raises(DataError, match=r"2 of 20 images rejected \(1 missing; 1 empty\).* 0\.05.*10, 11"):
        refuse_many(rejected("missing", "empty"), 20, spec(0.05))


def test_the_details_of_a_reason_stand_in_the_message_the_most_frequent_first():
    found = rejected(*["unreadable"] * 6)
    found["detail"] = ["a", "b", "b", "c", "d", pd.NA]
    with pytest.raises(DataError, match=r"\(6 unreadable: 2 b, 1 a, 1 c, \.\.\.\)"):
        refuse_many(found, 20, spec(0.05))


def test_no_image_at_all_stops_the_run():
    with pytest.raises(DataError, match="no image at all"):
        refuse_many(rejected(), 0, spec(0.05))


def test_every_reason_is_named_once():
    assert len(set(REASONS)) == len(REASONS)
