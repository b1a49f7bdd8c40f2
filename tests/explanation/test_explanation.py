import json

import numpy as np
import pytest
from boxed_part import SPEC, tables

from radpipe.errors import DataError
from radpipe.explanation import cases as explanation
from radpipe.explanation import pointing
from radpipe.explanation.cases import NetworkMaps


@pytest.fixture
def arms():
    test, _, _ = tables()
    return {"bce": test, "wbce": test}


@pytest.fixture
def marked():
    return pointing.mark_boxes(*tables(), SPEC)


def draw(arm, pairs):
    """Return maps that point at the top left corner, the more the later the case."""
    maps = np.zeros((len(pairs), 2, 2), np.float32)
    maps[:, 0, 0] = pairs["position"] + 1
    maps[:, 1, 1] = 0.5
    return NetworkMaps(f"last of {arm}", maps)


def test_each_case_of_a_finding_has_one_map_per_arm_scaled_to_its_maximum(arms, marked):
    found, maps = explanation.build_cases(arms, 1, marked, draw)
    cases = [case for finding in found["findings"].values() for case in finding["cases"]]
    assert [case["map"] for case in cases] == list(range(len(cases)))
    assert maps.shape == (2, len(cases), 2, 2)
    assert maps.dtype == np.uint8
    second = next(case for case in cases if case["row"] == 1)
    np.testing.assert_array_equal(maps[0, second["map"]], [[255, 0], [0, 64]])  # 0.5 of 2 -> 63.75


def test_all_boxed_positives_take_part_in_the_pointing_game(arms, marked):
    found, _ = explanation.build_cases(arms, 1, marked, draw)
    assert found["pointing"]["arms"]["wbce"] == {"inside": 1, "blank": 0, "share": 1.0}
    assert found["layers"] == {"bce": "last of bce", "wbce": "last of wbce"}
    json.dumps(found, allow_nan=False)


def test_without_wanted_cases_nothing_is_drawn(arms, marked):
    def refuse(*_):
        raise AssertionError

    found, maps = explanation.build_cases(arms, 0, marked, refuse)
    assert maps.shape == (2, 0, 0, 0)
    assert found["pointing"] is None
    assert found["without"].startswith("No cases were asked for")
    assert all(not finding["cases"] for finding in found["findings"].values())


def test_a_feature_map_of_one_cell_is_said_and_not_shown(arms, marked):
    def point(arm, pairs):
        return NetworkMaps(arm, np.ones((len(pairs), 1, 1), np.float32))

    found, maps = explanation.build_cases(arms, 1, marked, point)
    assert "single cell" in found["without"]
    assert found["pointing"] is None
    assert maps.size == 0


def test_arms_with_other_cases_are_refused(arms, marked):
    arms["wbce"], _, _ = tables(number=4)
    with pytest.raises(DataError, match="bce and wbce predict other cases"):
        explanation.build_cases(arms, 1, marked, draw)


def test_a_map_of_zeros_stays_zero():
    assert explanation.scale_maps(np.zeros((1, 2, 2), np.float32)).max() == 0
