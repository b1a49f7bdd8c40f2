"""Evidence and the truth that labels are drawn from."""

import numpy as np
import pytest

from radpipe.phantoms.shared.evidence import compute_strengths, draw_correlated, draw_grouped, find_truth


def test_truth_at_the_wanted_mean_keeps_the_log_odds_between_two_pictures():
    # Odds that differ by the factor 9 around a mean of one half: 3/1 and 1/3.
    np.testing.assert_allclose(find_truth(np.log([9.0, 1.0]), 0.5), [0.75, 0.25])


def test_truth_has_the_wanted_mean_of_each_column():
    log_odds = np.random.default_rng(0).normal(0, 3, (50, 2, 3))
    shares = np.array([0.1, 0.5, 0.9])
    found = find_truth(log_odds, shares, axes=(0, 1))
    np.testing.assert_allclose(found.mean(axis=(0, 1)), shares, rtol=1e-9)
    np.testing.assert_allclose(found[..., 0], find_truth(log_odds[..., 0], 0.1), rtol=1e-9)


def test_related_columns_share_their_part_of_the_variance():
    drawn = draw_correlated(20_000, 3, 0.4, np.random.default_rng(0))
    np.testing.assert_allclose(np.cov(drawn.T), 0.4 + 0.6 * np.eye(3), atol=0.03)


def test_rows_of_a_group_are_alike_by_its_share():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(10_000), 2)
    drawn = draw_grouped(group, 0.7, lambda rows: rng.standard_normal((rows, 1)))[:, 0]
    assert drawn.var() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(drawn[0::2], drawn[1::2])[0, 1] == pytest.approx(0.7, abs=0.02)


def test_the_wanted_share_of_strengths_lies_above_one_half():
    strengths = compute_strengths(
        np.random.default_rng(0).standard_normal((20_000, 2)), np.array([0.05, 0.3])
    )
    assert ((strengths > 0) & (strengths < 1)).all()
    np.testing.assert_allclose((strengths > 0.5).mean(axis=0), [0.05, 0.3], rtol=0.15)
