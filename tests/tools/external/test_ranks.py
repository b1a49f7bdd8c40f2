"""Ranks are those of the numbers given: no strictly increasing map changes a rank metric."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from radpipe.tools.external.tables import convert_to_log_odds, read_outputs

RANDOM = np.random.default_rng(0)
SCORES = np.round(RANDOM.uniform(0.01, 0.99, 400), 2)  # with ties
TRUTH = RANDOM.uniform(size=400) < SCORES
MAPS = {
    "power": lambda p: p**12,
    "near one": lambda p: 1 - (1 - p) ** 6,
    "small": lambda p: p * 1e-9,
    "smallest": lambda p: p * 1e-300,
    "flat": lambda p: 1 / (1 + np.exp(-0.1 * np.log(p / (1 - p)))),
    "ranks": lambda p: np.searchsorted(np.unique(p), p) / len(p),
    "float16": lambda p: p.astype(np.float16).astype(np.float64),
}


@pytest.mark.parametrize("name", MAPS)
def test_log_odds_keep_the_order_of_the_probabilities(name):
    mapped = MAPS[name](SCORES)
    odds = convert_to_log_odds(mapped)
    np.testing.assert_array_equal(
        np.unique(odds, return_inverse=True)[1], np.unique(mapped, return_inverse=True)[1]
    )
    assert roc_auc_score(TRUTH, odds) == roc_auc_score(TRUTH, SCORES)
    assert average_precision_score(TRUTH, odds) == average_precision_score(TRUTH, SCORES)


@pytest.mark.parametrize("start", [1e-9, 1e-3, 0.3, 0.5, 0.999, 5e-324])
def test_neighbours_in_double_precision_stay_apart(start):
    values = [start]
    for _ in range(50):
        values.append(np.nextafter(values[-1], 1))
    odds = convert_to_log_odds(np.array([*values, 0.25, 0.75]))
    assert (np.diff(odds[: len(values)]) > 0).all()
    np.testing.assert_allclose(odds[-2:], [-np.log(3), np.log(3)], rtol=1e-15)


def test_zero_and_one_are_beyond_all_others():
    odds = convert_to_log_odds(np.array([[0.0, 1e-300], [0.5, 1.0]]))
    assert odds[0, 0] < odds[0, 1] < odds[1, 0] == 0 < odds[1, 1]
    assert np.isfinite(odds).all()


def test_zero_and_one_among_usual_numbers_are_those_of_one_in_ten_million():
    odds = convert_to_log_odds(np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(odds, [-16.118095, 0, 16.118095], rtol=1e-7)


def test_a_file_of_tiny_probabilities_is_not_rounded(tmp_path):
    path = tmp_path / "tiny.csv"
    path.write_text("id,Mass\na,1e-300\nb,2e-300\nc,3e-9\n")
    odds = read_outputs(path)["logit/Mass"].to_numpy()
    assert odds.dtype == np.float64
    np.testing.assert_allclose(odds, np.log([1e-300, 2e-300, 3e-9]), rtol=1e-8)


def test_numbers_of_a_file_are_read_to_the_last_bit(tmp_path):
    values = 10.0 ** RANDOM.uniform(-300, 0, 1000)
    path = tmp_path / "random.csv"
    path.write_text("id,Mass\n" + "".join(f"{row},{value!r}\n" for row, value in enumerate(values.tolist())))
    expected = convert_to_log_odds(values)
    np.testing.assert_array_equal(read_outputs(path)["logit/Mass"].to_numpy(), expected)
