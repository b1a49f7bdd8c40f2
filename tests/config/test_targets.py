from radpipe.config.targets import group, mirror


def test_the_classes_of_a_grade_share_what_stands_before_the_colon():
    assert group(["a:x", "b:x", "a:y"]) == {"a": [0, 2], "b": [1]}


def test_targets_without_a_colon_are_the_classes_of_one_grade():
    assert group(["Normal", "Opacity"]) == {"": [0, 1]}


def test_in_the_mirror_left_and_right_change_places_and_all_else_stays():
    assert mirror(["left_hip:bad", "spine:bad", "right_hip:bad"]) == [2, 1, 0]


def test_in_the_mirror_nothing_is_known_of_a_side_that_is_no_target():
    assert mirror(["left_hip", "spine_left"]) == [None, 1]
