import dataclasses

import pytest

from radpipe.report.sections import outcomes, weights


def entry(bce, wbce):
    return {"bce": bce, "wbce": wbce, "difference": wbce - bce, "per_seed": [wbce - bce]}


@pytest.fixture
def scored(results):
    """Return results that hold a haemorrhage score."""
    score = {"name": "hemorrhage", "better": "lower", "over": 5, "of": 6, "value": 0.3, "parts": {"any": 0.2}}
    runs = tuple(dataclasses.replace(run, metrics={**run.metrics, "score": score}) for run in results.runs)
    scores = {"hemorrhage": entry(0.3, 0.5), "any": entry(0.2, 0.4)}
    return dataclasses.replace(results, runs=runs, comparison={**results.comparison, "score": scores})


def test_the_score_and_its_parts_are_shown_for_both_arms_and_their_difference(scored):
    table, *_ = outcomes.tabulate_comparisons(scored)
    caption = "Score of the data set (hemorrhage), over 5 of 6 targets; the lower the better"
    assert table.caption == f"{caption}; without intervals"
    assert [row.values for row in table.rows] == [
        ("hemorrhage", 0.3, 0.5, pytest.approx(0.2)), ("any", 0.2, 0.4, pytest.approx(0.2)),
    ]  # fmt: skip
    assert len(table.columns) == 4


def test_the_intervals_of_a_score_stand_beside_it(scored):
    scores = {
        name: each | {"interval": {"bce": [0.1, 0.4], "wbce": [0.3, 0.7], "difference": [0.1, 0.3]}}
        for name, each in scored.comparison["score"].items()
    }
    known = dataclasses.replace(scored, comparison={**scored.comparison, "score": scores})
    table, *_ = outcomes.tabulate_comparisons(known)
    assert table.caption.endswith("the lower the better")
    assert table.rows[0].values == ("hemorrhage", 0.3, 0.5, pytest.approx(0.2), [0.1, 0.3])


def test_without_a_score_there_is_no_table(results):
    assert outcomes.tabulate_scores(results) == []


def test_a_class_has_no_ratio_of_weights(results):
    found = results.data.summaries["weights"]
    name = next(iter(found["targets"]))
    graded = {name: {**found["targets"][name], "absent": 0.0}}
    other = dataclasses.replace(
        results.data, summaries={**results.data.summaries, "weights": {"targets": graded}}
    )
    assert weights.tabulate_weights(other).rows[0].values[-1] is None
