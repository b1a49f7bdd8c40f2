import pytest
from specs import comparing

from radpipe.evaluation.comparison.verdict import compute_endpoint, decide

PLAN = comparing()
SLIGHTLY = ", but by less than the margin"
ALONE = {"training_variance": False, "patients": 1234, "without": {}}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.02, "better"),
        (0.02, 0.03, "better"),
        (0.001, 0.009, "better" + SLIGHTLY),
        (-0.02, -0.001, "worse"),
        (-0.01, -0.001, "worse" + SLIGHTLY),
        (-0.01, 0.01, "no difference larger than the margin"),
        (0, 0, "no difference larger than the margin"),
        (0, 0.02, "inconclusive"),
        (-0.02, 0.005, "inconclusive"),
        (-0.05, 0.05, "inconclusive"),
    ],
)
def test_the_interval_and_the_margin_decide(low, high, verdict):
    assert decide(low, high, 0.01) == verdict


def judged(ends, arms=("bce", "wbce"), **intervals):
    entry = {"bce": 0.8, "wbce": 0.802, "difference": 0.002, "interval": {"difference": ends}}
    return compute_endpoint({"auroc": entry}, arms, PLAN, ALONE | intervals)


def test_the_sentence_names_all_that_the_verdict_rests_on():
    found = judged([0.001, 0.003])
    assert found["verdict"] == "better" + SLIGHTLY
    assert found["sentence"] == (
        "The weighted loss is better than the plain loss, but by less than the margin. Macro AUROC, the "
        "endpoint named beforehand: 0.802 with the weighted loss, 0.800 with the plain loss, difference "
        "+0.002 (95% interval +0.001 to +0.003 from 1,234 patients, without the variance of training; "
        "margin 0.01)."
    )
    assert "with the variance of training" in judged([0, 0], training_variance=True)["sentence"]


def test_the_level_is_not_rounded_to_whole_percents():
    plan = PLAN.model_copy(update={"intervals": PLAN.intervals.model_copy(update={"level": 0.975})})
    entry = {"bce": 0.8, "wbce": 0.802, "difference": 0.002, "interval": {"difference": [0, 0.01]}}
    assert "(97.5% interval" in compute_endpoint({"auroc": entry}, ("bce", "wbce"), plan, ALONE)["sentence"]


@pytest.mark.parametrize(
    ("ends", "beginning"),
    [
        ([0.001, 0.03], "The weighted loss is better than the plain loss. Macro"),
        ([-0.03, -0.001], "The weighted loss is worse than the plain loss. Macro"),
        (
            [-0.003, 0.003],
            "Between the weighted loss and the plain loss there is no difference larger",
        ),
        (
            [-0.003, 0.03],
            "Inconclusive: the interval holds 0, and differences larger than the margin",
        ),
    ],
)
def test_each_verdict_has_its_words(ends, beginning):
    assert judged(ends)["sentence"].startswith(beginning)


def test_other_models_are_called_by_their_names():
    entry = {"old": 0.8, "new": 0.9, "difference": 0.1, "interval": {"difference": [0.05, 0.15]}}
    found = compute_endpoint({"auroc": entry}, ("old", "new"), PLAN, ALONE)
    assert found["sentence"].startswith("new is better than old. Macro AUROC")


def test_without_an_interval_or_a_value_there_is_no_verdict():
    found = judged(None)
    assert found["verdict"] is None
    assert found["sentence"].endswith("No verdict: its interval was not computed.")
    few = ALONE | {"without": {"macro": "no finding has an interval"}}
    entry = {"bce": 0.8, "wbce": 0.9, "difference": 0.1, "interval": {"difference": None}}
    found = compute_endpoint({"auroc": entry}, ("bce", "wbce"), PLAN, few)
    assert found["sentence"].endswith("No verdict: no finding has enough patients for an interval.")
    entry = {"bce": None, "wbce": 0.8, "difference": None, "interval": {"difference": None}}
    found = compute_endpoint({"auroc": entry}, ("bce", "wbce"), PLAN, ALONE)
    assert found["verdict"] is None
    assert found["sentence"] == "No verdict: the macro AUROC is undefined on one side or on both."


def test_one_arm_has_no_endpoint():
    assert compute_endpoint({}, ("bce",), PLAN, ALONE) is None
