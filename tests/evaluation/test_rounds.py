import numpy as np
import pytest
from runs_drawn import make
from specs import comparing, evaluating

from radpipe.evaluation.comparison.result import compare
from radpipe.evaluation.rounds import compute_auroc_by_round
from radpipe.evaluation.single_run import evaluate


def joined():
    """Three networks, the second scores everything 10 higher; finding a is absent in round 2."""
    logits = [[1, 3], [2, 4], [3, 2], [4, 1], [11, 10], [12, 11], [13, 12], [14, 13], [0, 0], [1, 1]]
    labels = [[0, 0], [1, 1], [0, 0], [1, 1], [0, 1], [1, 0], [1, 0], [0, 0], [0, 0], [0, 1]]
    predictions = make(labels, logits, ["test"] * 10)
    return predictions, predictions.cases.assign(round=[0] * 4 + [1] * 4 + [2] * 2)


def test_the_mean_over_rounds_ranks_within_each_round():
    predictions, cases = joined()
    found = compute_auroc_by_round(
        type(predictions)(cases, predictions.targets, predictions.labels, predictions.logits)
    )
    # Finding a: 2, 4 against 1, 3 wins 3 of 4 pairs; 12, 13 against 11, 14 wins 2 of 4.
    assert found["findings"]["a"] == {"values": [0.75, 0.5, None], "mean": 0.625, "over": 2}
    # Finding b: 4, 1 against 3, 2 wins 2 of 4; 10 against 11, 12, 13 none of 3; 1 against 0 the one.
    assert found["findings"]["b"] == {"values": [0.5, 0.0, 1.0], "mean": 0.5, "over": 3}
    assert found["macro"] == {"mean": 0.5625, "over": 2}
    assert found["count"] == 3


def test_predictions_of_one_split_have_no_rounds():
    predictions, _ = joined()
    assert compute_auroc_by_round(predictions) is None
    assert "rounds" not in evaluate(predictions, evaluating())


def test_the_comparison_holds_it_per_finding_and_macro():
    predictions, cases = joined()
    val = cases.assign(split="val", round=(cases["round"] + 1) % 3)
    both = type(predictions)(
        cases.iloc[[*range(10)] * 2].assign(
            split=["val"] * 10 + ["test"] * 10, round=[*val["round"], *cases["round"]]
        ),
        predictions.targets,
        np.tile(predictions.labels, (2, 1)),
        np.tile(predictions.logits, (2, 1)),
    )
    other = type(both)(both.cases, both.targets, both.labels, -both.logits)
    found = compare({("bce", 0): both, ("wbce", 0): other}, evaluating(), comparing())
    entry = found["macro"]["auroc_by_round"]
    assert (entry["bce"], entry["wbce"]) == (0.5625, 0.4375)
    assert entry["difference"] == pytest.approx(-0.125)
    assert found["findings"]["b"]["auroc_by_round"]["wbce"] == 0.5
