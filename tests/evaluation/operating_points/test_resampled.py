import numpy as np
import pytest
from specs import evaluating

from radpipe.evaluation import metrics
from radpipe.evaluation.estimates import Resampled
from radpipe.evaluation.operating_points import resampled
from radpipe.evaluation.operating_points.resampled import choose_in_resamples, count_flagged
from radpipe.evaluation.thresholds import RULES, choose_threshold

NAMES = tuple(RULES)
SPEC = evaluating(recall=0.75, specificity=0.85, cost_ratio=4)


def cohort(seed, cases=120, patients=40, resamples=60):
    """Draw tied probabilities, unknown labels, patients with several images, and resamples of them."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(cases) < 0.25).astype(float)
    scores = np.round(metrics.sigmoid(rng.normal(size=cases) + labels - 1), 2)
    labels[rng.random(cases) < 0.1] = np.nan
    codes = rng.integers(0, patients, cases)
    drawn = rng.multinomial(patients, np.full(patients, 1 / patients), resamples)
    multiplicities = np.concatenate([np.ones((1, patients)), drawn]).astype(np.uint16)
    return labels, scores, Resampled(codes, multiplicities)


def repeat(values, part, row):
    return np.repeat(values, part.multiplicities[row][part.codes])


@pytest.mark.parametrize("seed", range(3))
def test_each_resample_chooses_as_if_its_cases_were_written_out(seed):
    labels, scores, part = cohort(seed)
    found = choose_in_resamples(labels, scores, part, SPEC, NAMES)
    for row in range(len(part.multiplicities)):
        drawn = repeat(labels, part, row), repeat(scores, part, row)
        assert found[:, row].tolist() == [choose_threshold(*drawn, SPEC, rule) for rule in NAMES]


def test_counts_of_each_resample_are_those_of_its_cases_written_out():
    labels, scores, part = cohort(3)
    thresholds = np.random.default_rng(0).choice(scores, (2, len(part.multiplicities)))
    found = count_flagged(labels, scores, part, thresholds)
    for row in range(len(part.multiplicities)):
        drawn = repeat(labels, part, row)[:, None], repeat(scores, part, row)[:, None]
        for k in range(2):
            expected = metrics.count_outcomes(*drawn, thresholds[k, row]).iloc[0]
            assert {name: found[name][k, row] for name in found} == expected.to_dict()


def test_small_blocks_change_nothing(monkeypatch):
    labels, scores, part = cohort(4)
    whole = choose_in_resamples(labels, scores, part, SPEC, NAMES)
    counts = count_flagged(labels, scores, part, whole)
    monkeypatch.setattr(resampled, "BLOCK", 150)
    assert np.array_equal(choose_in_resamples(labels, scores, part, SPEC, NAMES), whole)
    again = count_flagged(labels, scores, part, whole)
    assert all(np.array_equal(again[name], counts[name]) for name in counts)


def test_a_resample_without_a_class_has_no_threshold_and_no_flags():
    labels, scores = np.array([1.0, 0.0, 0.0]), np.array([0.9, 0.5, 0.1])
    part = Resampled(np.array([0, 1, 2]), np.array([[1, 1, 1], [0, 2, 1], [3, 0, 0]], np.uint16))
    found = choose_in_resamples(labels, scores, part, SPEC, NAMES)
    assert np.isnan(found).tolist() == [[False, True, True]] * 4
    counts = count_flagged(labels, scores, part, found)
    assert counts["tp"][0].tolist()[0] == 1
    assert np.isnan(counts["tp"][:, 1:]).all()
