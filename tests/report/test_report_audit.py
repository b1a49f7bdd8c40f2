"""The section on leaks: each check with its verdict, the pairs that look alike side by side."""

import numpy as np
import pytest

from radpipe.report.sections import audit


@pytest.fixture
def described(results):
    return audit.describe_audit(results)


def test_each_check_has_its_count_and_its_verdict(described):
    assert [row.values[:3] for row in described["checks"].rows] == [
        ("Patients in two parts", 0, "none found"),
        ("Studies in two parts", None, "not checked"),
        ("Groups of identical pixels in two parts", None, "not checked"),
        ("Published test images in training or validation", None, "not checked"),
        ("Images with identical pixels and contradicting labels", None, "not checked"),
        ("Patients whose ids differ in spelling only", 0, "none found"),
        ("Studies with more than one patient id", None, "not checked"),
        (
            "Images with a patient id of their own whose header names the patient or study of another",
            0,
            "none found",
        ),
        ("Patients in the headers with more than one patient id", None, "not checked"),
        ("Studies in the headers with more than one patient id", None, "not checked"),
        ("Patient ids with more than one patient in the headers", None, "not checked"),
        ("Doubts whether a patient is one person", 0, "none found"),
        ("Pairs of near-duplicates in two parts", 1, "look at them"),
        ("Of these pairs, with contradicting labels", 1, "look at them"),
        ("Pairs of patients in different sets that share several near-duplicates", 0, "none found"),
    ]
    assert described["to_look_at"] == 2


def test_pairs_are_named_by_row_with_their_findings(described):
    (pair,) = described["pairs"].rows
    assert pair.values[:3] == ("1 and 5", "test and validation", 0)
    assert pair.values[3].startswith("Effusion")
    assert not pair.values[4].startswith("Effusion")
    assert pair.values[5] == "contradict"


def test_the_images_of_a_pair_stand_side_by_side(results, monkeypatch):
    drawn = []
    monkeypatch.setattr(audit, "encode_png", lambda pixels: drawn.append(pixels) or b"")
    (shown,) = audit.describe_audit(results)["pictures"]
    assert (shown.rows, shown.channels) == ((1, 5), 2)
    assert np.array_equal(drawn[0][..., 0], results.data.pixels[1][..., 0])
    assert np.array_equal(drawn[0][..., 1], results.data.pixels[5][..., 0])


def test_only_pairs_as_close_as_asked_for_are_counted(results):
    near = {"bits": 256, "flat": 3, "pairs": [1, 0, 4], "conflicting": [0, 0, 2]}
    assert [line[1:3] for line in audit.build_near_rows(near, 1)] == [(1, "look at them"), (0, "none found")]
    assert [line[1] for line in audit.build_near_rows(near, 2)] == [5, 2]
    assert audit.build_near_rows(near, 1)[0][3].endswith("3 images without contrast were not compared")


def test_many_rows_are_counted_and_the_first_named():
    check = {"name": "a", "count": 9, "verdict": "stated", "detail": "said", "images": 9, "rows": [*range(9)]}
    near = {
        "bits": 256,
        "flat": 0,
        "pairs": [0],
        "conflicting": [0],
        "patients": {"pairs": [0], "listed": []},
    }
    table = audit.tabulate_audit({"checks": [check, check], "near_duplicates": near}, 0)
    assert table.rows[0].values == ("A", 9, "stated", "said; rows 0, 1, 2, 3, 4, 5 and 3 more")


def test_patients_who_share_near_duplicates_are_counted_within_the_bits_asked_for_and_named_by_rows():
    listed = [{"rows": [place, place + 10], "distance": place} for place in range(5)]
    near = {"patients": {"pairs": [1, 1, 1, 1, 1], "listed": listed}}
    name, count, verdict, detail = audit.build_sharing_row(near, 3)
    assert (name[:17], count, verdict) == ("Pairs of patients", 4, "look at them")
    assert detail.endswith("one person with two ids? rows 0, 10; rows 1, 11; rows 2, 12; and 1 more")
    assert audit.build_sharing_row(near, 1)[3].endswith("rows 0, 10; rows 1, 11")
    assert audit.build_sharing_row(None, 1)[1:3] == (None, "not checked")


def test_a_look_counts_among_the_checks_to_look_at(results):
    spelled = {"name": "ids", "count": 1, "verdict": "look", "detail": "", "images": 2, "rows": [1, 2]}
    checks = results.data.summaries["audit"]["checks"]
    results.data.summaries["audit"]["checks"] = [spelled, *checks]
    assert audit.describe_audit(results)["to_look_at"] == 3
    results.data.summaries["audit"]["checks"] = checks
