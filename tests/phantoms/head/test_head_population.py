"""The statistical promises of the head phantom, before a pixel is drawn."""

from functools import cache

import numpy as np
import pytest

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.driver import choose_population
from radpipe.phantoms.head import population as head_population
from radpipe.phantoms.head.population import (
    HIGHEST,
    LOWEST,
    NAMES,
    SUBTYPES,
    TARGETS,
    draw_population,
    unite,
)
from radpipe.phantoms.registry import PHANTOMS
from radpipe.phantoms.shared.population import compute_auroc, find_positive_patients


@cache
def population(patients=60, seed=0):
    return choose_population(
        PHANTOMS["head"], PhantomSpec(kind="head", seed=seed, patients=patients, size=128)
    )


@pytest.fixture(scope="module")
def large():
    return draw_population(3000, np.random.default_rng(0))


@pytest.mark.parametrize("seed", [0, 1])
def test_auroc_of_truth_lies_between_75_and_97_percent_for_every_target(seed):
    drawn = population(100, seed)
    for i in range(len(TARGETS)):
        assert 0.75 < compute_auroc(drawn.truth[:, i], drawn.labels[:, i]) < 0.97


@pytest.mark.parametrize("patients", [60, 100])
def test_every_target_has_12_patients_with_it_and_10_without(patients):
    drawn = population(patients)
    positive = find_positive_patients(drawn.labels, drawn.images["patient"])
    assert positive.shape == (patients, 6)
    assert positive.sum(axis=0).min() >= 12
    assert (~positive).sum(axis=0).min() >= 10


def test_shares_fall_from_15_percent_subdural_to_3_percent_epidural_and_any_is_near_30(large):
    shares = dict(zip(TARGETS, large.labels.mean(axis=0), strict=True))
    assert shares["any"] == pytest.approx(0.29, abs=0.02)
    for name in NAMES:
        assert shares[name] == pytest.approx(SUBTYPES[name].share, rel=0.06)
    assert max(NAMES, key=shares.get) == "subdural"
    assert min(NAMES, key=shares.get) == "epidural"


def test_any_is_the_union_of_labels_and_one_minus_the_product_of_truth(large):
    np.testing.assert_array_equal(large.labels[:, 5], large.labels[:, :5].any(axis=1))
    absent = np.prod(1 - large.truth[:, :5], axis=1)
    np.testing.assert_allclose(large.truth[:, 5], 1 - absent)
    np.testing.assert_array_equal(unite(np.array([[0, 1, 0], [0, 0, 0]])), [[0, 1, 0, 1], [0, 0, 0, 0]])


def test_labels_are_calibrated_to_truth(large):
    truth, labels = large.truth.ravel(), large.labels.ravel()
    for low in np.arange(0, 1, 0.1):
        within = (truth >= low) & (truth < low + 0.1)
        assert labels[within].mean() == pytest.approx(truth[within].mean(), abs=0.03)


def test_patients_have_one_or_two_studies_of_10_to_16_slices_from_base_to_vertex(large):
    studies = large.images.groupby("study")
    sizes = studies.size()
    assert (sizes.min(), sizes.max()) == (10, 16)
    assert set(large.images.groupby("patient")["study"].nunique()) == {1, 2}
    assert studies["height"].min().eq(LOWEST).all()
    np.testing.assert_allclose(studies["height"].max(), HIGHEST)


def test_a_bleeding_is_one_run_of_neighbouring_slices_widest_within(large):
    study = large.images["study"].to_numpy()
    for i in range(len(NAMES)):
        shown = large.strengths[:, i] > 0
        starts = shown & ~np.append(False, shown[:-1] & (study[1:] == study[:-1]))
        assert np.bincount(study[starts]).max() == 1
        assert 3 < np.bincount(study[shown])[np.unique(study[shown])].mean() < 8


def test_subtypes_occur_together(large):
    correlation = np.corrcoef(large.labels[:, :5].T)
    assert correlation[np.triu_indices(5, 1)].min() > 0.04


def test_population_that_cannot_be_split_is_refused(monkeypatch):
    monkeypatch.setattr(head_population, "LEAST_POSITIVE", 61)
    monkeypatch.setattr("radpipe.phantoms.driver.REDRAWS", 2)
    with pytest.raises(ConfigError, match="60 patients from seed 0 gave too few patients .* in 2 tries"):
        choose_population(PHANTOMS["head"], PhantomSpec(kind="head", seed=0, patients=60, size=128))
