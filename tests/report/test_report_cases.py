from dataclasses import replace

import cv2
import numpy as np
import pytest

from radpipe.report.sections import cases


@pytest.fixture
def shown(results):
    return cases.describe_cases(results)


def drawn(shown):
    return [case for finding in shown["shown"] for _, group in finding["groups"] for case in group]


def test_each_kind_holds_what_either_arm_chose_once(results, shown):
    entry = results.data.explained["findings"]["Effusion"]
    by_arm = {(group["kind"], group["arm"]): group["rows"] for group in entry["groups"]}
    groups = dict(shown["shown"][0]["groups"])
    found = groups["Present, with the highest probability"]
    assert {case.row for case in found} == {*by_arm["found", "bce"], *by_arm["found", "wbce"]}
    for case in found:
        choosers = [
            name for key, name in (("bce", "BCE"), ("wbce", "WBCE")) if case.row in by_arm["found", key]
        ]
        assert case.chosen_by == " and ".join(choosers)
        assert case.present
    assert not any(case.present for case in groups["Absent, with the highest probability"])


def test_a_case_shows_the_image_and_the_map_of_each_arm(shown):
    for case in drawn(shown):
        assert case.panes == 3
        assert case.alt == f"Image, row {case.row}; then where BCE and WBCE looked"
        assert [each.arm.key for each in case.outputs] == ["bce", "wbce"]


def test_an_image_is_on_the_page_once(shown):
    packed = [case.row for case in drawn(shown) if case.uri]
    assert len(packed) == len(set(packed)) == len({case.row for case in drawn(shown)})


def test_called_is_above_the_threshold_of_the_arm(results, shown):
    run = results.runs[0]
    for finding in shown["shown"]:
        threshold = run.metrics["findings"][finding["name"]]["at_chosen"]["threshold"]
        for _, group in finding["groups"]:
            assert all(
                case.outputs[0].positive == (case.outputs[0].probability >= threshold) for case in group
            )


def test_only_boxes_of_the_finding_are_drawn(results, shown):
    first, second = (finding["groups"] for finding in shown["shown"])
    assert not any(case.boxes for _, group in second for case in group)
    assert {box[0] for _, group in first for case in group for box in case.boxes} <= {"Effusion"}


def test_without_maps_the_reason_is_given_and_the_images_are_shown(results):
    explained = {**results.data.explained, "without": "One cell.", "pointing": None}
    data = replace(results.data, explained=explained, maps=np.zeros((2, 0, 0, 0), np.uint8))
    found = cases.describe_cases(replace(results, data=data))
    assert {case.panes for case in drawn(found)} == {1}
    assert found["pointing"] is None


def test_without_cases_or_data_there_is_no_section(results):
    data = replace(results.data, explained={**results.data.explained, "cases": 0})
    assert cases.describe_cases(replace(results, data=data)) is None
    assert cases.describe_cases(replace(results, data=None)) is None


def test_a_map_hides_most_where_it_is_largest():
    png = cv2.imdecode(
        np.frombuffer(cases.encode_map(np.array([[0, 100, 255]], np.uint8)), np.uint8), cv2.IMREAD_UNCHANGED
    )
    assert png[0, :, 3].tolist() == [0, 70, 178]  # 0.7 of 255 is 178.5, rounded to even
    assert png[0, 2, :3].sum() > png[0, 1, :3].sum()


def test_an_image_is_shrunk_to_its_first_channel():
    picture = np.zeros((224, 224, 3), np.uint8)
    picture[..., 0] = 200
    found = cv2.imdecode(np.frombuffer(cases.encode_jpeg(picture), np.uint8), cv2.IMREAD_UNCHANGED)
    assert found.shape == (112, 112)
    assert abs(int(found[50, 50]) - 200) < 3


def test_the_pointing_game_has_a_line_per_finding_and_one_for_all(results):
    game = {
        "arms": {"bce": {"share": 0.5, "blank": 0}, "wbce": {"share": 0.25, "blank": 3}},
        "n": 4,
        "findings": {"Effusion": {"n": 4, "inside": {"bce": 2, "wbce": 1}}},
    }
    table = cases.tabulate_pointing(results, game)
    assert [row.values for row in table.rows] == [("Effusion", 4, 0.5, 0.25), ("All", 4, 0.5, 0.25)]
    assert cases.format_blank_maps(results, game) == "WBCE 3"
    assert cases.tabulate_pointing(results, None) is None
