"""The statistical promises of the lumbar phantom, before a pixel is drawn."""

from functools import cache

import numpy as np
import pytest

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.driver import choose_population
from radpipe.phantoms.lumbar.population import (
    LEAST_SEVERE,
    draw_population,
    find_severe,
)
from radpipe.phantoms.registry import PHANTOMS


@cache
def population(studies=200, seed=0):
    return choose_population(
        PHANTOMS["lumbar"], PhantomSpec(kind="lumbar", seed=seed, patients=studies, size=96)
    )


@pytest.fixture(scope="module")
def large():
    return draw_population(4000, np.random.default_rng(0))


def test_severities_are_as_frequent_as_published(large):
    # 37,754, 7,960 and 3,089 of 48,803 grades.
    shares = np.bincount(large.labels.ravel()) / large.labels.size
    np.testing.assert_allclose(shares, [0.774, 0.163, 0.063], atol=0.01)


def test_as_many_grades_are_missing_as_published_and_in_as_few_studies(large):
    # 572 of 49,375 grades, in 185 of 1,975 studies.
    assert (~large.graded).mean() == pytest.approx(0.0116, abs=0.003)
    assert (~large.graded).any(axis=(1, 2)).mean() == pytest.approx(0.094, abs=0.015)


def test_the_level_above_the_last_is_narrowed_most(large):
    shares = (large.labels > 0).mean(axis=(0, 1))
    assert shares.argmax() == 3
    assert shares.argmin() == 0


@pytest.mark.parametrize(("studies", "seed"), [(60, 0), (200, 0), (200, 1)])
def test_every_grade_is_severe_in_enough_studies_for_a_split(studies, seed):
    assert find_severe(population(studies, seed)).sum(axis=0).min() >= LEAST_SEVERE


def test_grades_are_calibrated_to_truth(large):
    for step in (1, 2):
        truth, found = large.truth[..., step - 1].ravel(), (large.labels >= step).ravel()
        order = np.argsort(truth)
        for tenth in np.array_split(order, 10):
            assert found[tenth].mean() == pytest.approx(truth[tenth].mean(), abs=0.01)


def test_truth_never_calls_severe_likelier_than_moderate_or_worse(large):
    assert (large.truth[..., 0] >= large.truth[..., 1]).all()


def test_both_sides_and_neighbouring_levels_are_narrow_together(large):
    sides = np.corrcoef(large.strengths[:, 1, 3], large.strengths[:, 2, 3])[0, 1]
    levels = np.corrcoef(large.strengths[:, 1, 2], large.strengths[:, 1, 3])[0, 1]
    assert sides > levels > 0.1


def test_oddities_take_no_study_with_a_severe_grade():
    drawn = population()
    odd = np.concatenate(list(drawn.oddities.values()))
    assert len(set(odd.tolist())) == len(odd) >= 4
    assert drawn.labels[odd].max() < 2


def test_population_that_cannot_be_split_is_refused(monkeypatch):
    monkeypatch.setattr("radpipe.phantoms.lumbar.population.LEAST_SEVERE", 61)
    monkeypatch.setattr("radpipe.phantoms.driver.REDRAWS", 2)
    with pytest.raises(ConfigError, match="60 patients from seed 0 gave too few severe grades in 2 tries"):
        choose_population(PHANTOMS["lumbar"], PhantomSpec(kind="lumbar", seed=0, patients=60, size=96))
