import itertools

import numpy as np
import pandas as pd
import pytest

from radpipe.evaluation.competition_scores.boxes import (
    THRESHOLDS,
    compute_box_score,
    compute_image_scores,
    compute_overlaps,
)

SQUARE = (0.0, 0.0, 10.0, 10.0)


def boxes(*rows, confidence=None):
    table = pd.DataFrame(rows, columns=["image_id", "x", "y", "width", "height"])
    return table.assign(confidence=confidence or [0.5] * len(rows))


def score(truth, predicted, images="abc"):
    return compute_box_score(pd.Index(list(images)), truth, predicted)


def independent(truth, predicted, threshold):
    """The same matching in plain loops over plain numbers."""
    taken = set()
    for x, y, w, h in predicted:
        best, at = threshold, None
        for number, (u, v, a, b) in enumerate(truth):
            wide = min(x + w, u + a) - max(x, u)
            high = min(y + h, v + b) - max(y, v)
            shared = wide * high if wide > 0 and high > 0 else 0
            value = shared / (w * h + a * b - shared)
            if number not in taken and value > best:
                best, at = value, number
        if at is not None:
            taken.add(at)
    return len(taken) / (len(truth) + len(predicted) - len(taken))


def test_overlap_is_intersection_over_union():
    # shifted by half: 50 of 150; inside: 25 of 100; touching: nothing
    others = np.array([(5.0, 0.0, 10.0, 10.0), (0.0, 0.0, 5.0, 5.0), (10.0, 0.0, 10.0, 10.0)])
    np.testing.assert_allclose(compute_overlaps(np.array([SQUARE]), others), [[1 / 3, 1 / 4, 0]])


def test_a_hit_has_to_overlap_by_more_than_the_threshold():
    # 60 of 100: a hit at .40, .45, .50 and .55 but not at .60
    scores = compute_image_scores(np.array([SQUARE]), np.array([(0.0, 0.0, 6.0, 10.0)]))
    assert scores.tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert THRESHOLDS.tolist() == [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75]


def test_a_second_box_on_the_same_place_is_a_false_positive():
    assert compute_image_scores(np.array([SQUARE]), np.array([SQUARE, SQUARE])).tolist() == [0.5] * 8


def test_the_more_confident_box_chooses_first():
    truth = boxes(("a", 0, 0, 10, 10), ("a", 0, 5, 10, 10))
    # between both: overlaps of 2/3 with each; the exact one then finds its own or does not
    between, exact = ("a", 0, 2.0, 10, 10), ("a", 0, 0, 10, 10)
    found = {
        confident: score(truth, boxes(between, exact, confidence=[confident, 0.5]))["at"]["0.40"]
        for confident in (0.1, 0.9)
    }
    # first, it takes the upper one (80/120 against 70/130), which leaves the exact one 50/150
    assert found == {0.1: 1.0, 0.9: pytest.approx(1 / 3)}


def test_images_without_any_box_are_left_out_and_false_alarms_count_as_zero():
    truth, predicted = boxes(("a", *SQUARE)), boxes(("a", *SQUARE), ("b", *SQUARE))
    found = score(truth, predicted)
    assert (found["score"], found["scored"], found["images"]) == (0.5, 2, 3)


def test_a_missed_image_counts_as_zero():
    assert score(boxes(("a", *SQUARE)), boxes())["score"] == 0


def test_the_score_is_the_mean_over_thresholds_then_images():
    truth = boxes(("a", *SQUARE), ("b", *SQUARE))
    predicted = boxes(("a", 0, 0, 6, 10), ("b", *SQUARE))
    found = score(truth, predicted)
    assert found["score"] == pytest.approx((0.5 + 1) / 2)
    assert (found["at"]["0.55"], found["at"]["0.60"]) == (1, 0.5)


def test_without_any_box_there_is_no_score():
    assert score(boxes(), boxes())["score"] is None


def test_the_score_is_that_of_plain_loops():
    random = np.random.default_rng(0)
    for true, found in itertools.product(range(4), range(1, 5)):
        corners = random.uniform(0, 6, (true + found, 2))
        drawn = np.hstack([corners, random.uniform(6, 12, (true + found, 2))])
        expected = [independent(drawn[:true].tolist(), drawn[true:].tolist(), cut) for cut in THRESHOLDS]
        assert compute_image_scores(drawn[:true], drawn[true:]).tolist() == pytest.approx(expected)
