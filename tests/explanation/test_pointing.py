import numpy as np
import pytest
from boxed_part import SPEC, tables

from radpipe.explanation import pointing


def test_the_boxes_of_a_positive_cover_pixels_by_their_centres():
    marked = pointing.mark_boxes(*tables(), SPEC)
    assert marked.pairs.to_dict("records") == [{"finding": "Mass", "position": 0}]
    expected = np.zeros((32, 32), bool)
    expected[:16, :16] = True  # 50 of 100 px are 16 of 32
    np.testing.assert_array_equal(marked.inside[0], expected)


def test_two_boxes_of_a_finding_are_one_place_to_point_at():
    boxes = ((0, "Mass", 0, 0, 50, 50), (0, "Mass", 50, 50, 50, 50))
    marked = pointing.mark_boxes(*tables(boxes=boxes), SPEC)
    assert marked.inside.shape == (1, 32, 32)
    assert marked.inside[0].mean() == 0.5


@pytest.mark.parametrize("label", [0, np.nan])
def test_a_box_without_a_positive_label_is_not_asked_for(label):
    marked = pointing.mark_boxes(*tables(labels=[[1, label]] * 3), SPEC)
    assert len(marked.pairs) == marked.available == 0


def test_boxes_of_findings_that_were_not_learned_do_not_count():
    assert pointing.mark_boxes(*tables(boxes=((0, "Edema", 0, 0, 9, 9),)), SPEC).available == 0


def test_boxes_move_into_what_was_cut_out_and_those_outside_are_left_out():
    test, rows, boxes = tables(boxes=((0, "Mass", 0, 0, 50, 50), (1, "Mass", 0, 0, 40, 40)))
    marked = pointing.mark_boxes(test, rows.assign(crop_left=40, crop_width=60, crop_height=60), boxes, SPEC)
    assert marked.pairs["position"].to_list() == [0]
    expected = np.zeros((32, 32), bool)
    expected[:27, :5] = True  # 10 x 50 of 60 px are 5.3 x 26.7 of 32
    np.testing.assert_array_equal(marked.inside[0], expected)


def test_above_the_cap_cases_are_evenly_spaced(monkeypatch):
    monkeypatch.setattr(pointing, "MOST", 4)
    boxes = [(image, "Mass", 0, 0, 50, 50) for image in range(10)]
    marked = pointing.mark_boxes(*tables(10, boxes), SPEC)
    assert marked.available == 10
    assert marked.pairs["position"].to_list() == [0, 2, 5, 7]


def test_the_peak_is_the_centre_of_the_largest_cell():
    values = np.array([[0, 1], [5, 2]], np.float32)
    assert pointing.find_peak(values, 32) == (24, 8)
    assert pointing.find_peak(np.zeros((2, 2), np.float32), 32) is None


def test_hits_are_counted_by_arm_and_finding_and_a_blank_map_is_a_miss():
    boxes = ((0, "Mass", 0, 0, 50, 50), (1, "Mass", 50, 0, 50, 50), (2, "Hernia", 0, 0, 100, 100))
    marked = pointing.mark_boxes(*tables(boxes=boxes), SPEC)  # Hernia comes first
    left_top = np.array([[1, 0], [0, 0]], np.float32)
    blank = np.zeros((2, 2), np.float32)
    found = pointing.score_pointing({"bce": np.stack([left_top] * 3), "wbce": np.stack([blank] * 3)}, marked)
    assert found["n"] == found["available"] == 3
    assert found["arms"]["bce"] == {"inside": 2, "blank": 0, "share": pytest.approx(2 / 3)}
    assert found["arms"]["wbce"] == {"inside": 0, "blank": 3, "share": 0.0}
    assert found["findings"]["Mass"] == {"n": 2, "inside": {"bce": 1, "wbce": 0}}
    assert found["area"] == pytest.approx((0.25 + 0.25 + 1) / 3)
    # pixel (16, 16) lies below the second box, right of the first
    assert found["centre"] == pytest.approx(1 / 3)


def test_without_maps_or_boxes_there_is_no_game():
    marked = pointing.mark_boxes(*tables(), SPEC)
    assert pointing.score_pointing({}, marked) is None
    empty = pointing.mark_boxes(*tables(boxes=()), SPEC)
    assert pointing.score_pointing({"bce": np.zeros((0, 2, 2), np.float32)}, empty) is None
