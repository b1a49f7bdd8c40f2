import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from radpipe.evaluation.intervals.ranking import compute_auroc_draws, compute_ranking_draws
from radpipe.evaluation.intervals.resampling import draw_multiplicities

PATIENTS = 60


@pytest.fixture(params=["no ties", "ties"])
def drawn(request):
    """Labels with unknown ones, scores, patients and 40 resamples, the first with everybody once."""
    rng = np.random.default_rng(2)
    codes = rng.integers(0, PATIENTS, 300)
    labels = (rng.random(300) < 0.2).astype(float)
    scores = rng.normal(size=300) + labels
    labels[rng.random(300) < 0.1] = np.nan
    multiplicities = draw_multiplicities(PATIENTS, 40, 0)
    multiplicities[0] = 1
    return labels, np.round(scores, 0 if request.param == "ties" else 9), codes, multiplicities


def weigh(drawn):
    """Yield truth, scores and weights as scikit-learn wants them, resample by resample."""
    labels, scores, codes, multiplicities = drawn
    known = ~np.isnan(labels)
    for drawn_often in multiplicities:
        yield labels[known], scores[known], drawn_often[codes][known]


def read_recalls(labels, scores, codes, multiplicities, rate):
    return compute_ranking_draws(labels, scores, codes, multiplicities, [rate])["recalls"][0]


def test_each_resample_has_the_auroc_of_scikit_learn(drawn):
    expected = [roc_auc_score(y, s, sample_weight=w) for y, s, w in weigh(drawn)]
    np.testing.assert_allclose(compute_auroc_draws(*drawn), expected, rtol=0, atol=1e-12)


def test_each_resample_has_the_average_precision_of_scikit_learn(drawn):
    expected = [average_precision_score(y, s, sample_weight=w) for y, s, w in weigh(drawn)]
    np.testing.assert_allclose(
        compute_ranking_draws(*drawn)["average_precision"], expected, rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("rate", [0, 0.137, 0.5, 1])
def test_each_resample_is_read_on_the_curve_of_scikit_learn(drawn, rate):
    curves = [roc_curve(y, s, sample_weight=w, drop_intermediate=False) for y, s, w in weigh(drawn)]
    expected = [np.interp(rate, fpr, tpr) for fpr, tpr, _ in curves]
    np.testing.assert_allclose(read_recalls(*drawn, rate), expected, rtol=0, atol=1e-9)


def test_the_curve_is_read_between_its_points():
    everybody = np.ones((1, 4), np.uint16)
    labels, scores = np.array([1.0, 0, 1, 0]), np.array([4.0, 3, 2, 1])
    # points (0, 0) (0, .5) (.5, .5) (.5, 1) (1, 1)
    found = compute_ranking_draws(labels, scores, np.arange(4), everybody, [0, 0.25, 0.5, 0.75, 1])
    assert found["recalls"][:, 0].tolist() == [0.5, 0.5, 1, 1, 1]
    tied = read_recalls(np.array([1.0, 0.0]), np.zeros(2), np.arange(2), everybody[:, :2], 0.3)
    assert tied == pytest.approx([0.3])


def test_each_resample_can_be_read_at_its_own_rate(drawn):
    rates = np.linspace(0, 1, 40)
    expected = [read_recalls(*drawn, rate)[k] for k, rate in enumerate(rates)]
    np.testing.assert_array_equal(read_recalls(*drawn, rates), expected)


def test_a_rate_on_a_rise_is_read_at_its_upper_end_however_it_is_written():
    labels, scores = np.array([1.0] + [0] * 10 + [1]), np.arange(12.0)[::-1]
    scores[-1] = 9.5  # between the first and the second negative
    everybody = np.ones((1, 12), np.uint16)
    # one false positive of ten, where the curve rises from 1/2 to 1
    for rate in (0.1, 1 - 0.9):
        assert read_recalls(labels, scores, np.arange(12), everybody, rate) == [1]


def test_a_resample_without_a_class_has_no_value():
    labels, scores, codes = np.array([1.0, 0]), np.array([1.0, 0]), np.arange(2)
    multiplicities = np.array([[1, 1], [2, 0], [0, 2]], np.uint16)
    draws = compute_ranking_draws(labels, scores, codes, multiplicities, [0.5])
    for found in (draws["auroc"], draws["average_precision"], draws["recalls"][0]):
        assert found == pytest.approx([1, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize("label", [0, 1, np.nan])
def test_a_finding_with_one_class_has_no_value(label):
    draws = compute_auroc_draws(np.full(3, label), np.arange(3.0), np.arange(3), np.ones((2, 3), np.uint16))
    assert np.isnan(draws).all()


def test_no_rate_gives_no_recall():
    labels, scores, codes = np.array([1.0, 0]), np.array([1.0, 0]), np.arange(2)
    assert np.isnan(read_recalls(labels, scores, codes, np.ones((1, 2), np.uint16), np.nan)).all()
