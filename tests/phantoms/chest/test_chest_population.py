"""The statistical promises of the chest phantom, before a pixel is drawn."""

from functools import cache

import numpy as np
import pytest

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.chest import population as chest_population
from radpipe.phantoms.chest.population import FINDINGS, NAMES, draw_population
from radpipe.phantoms.driver import choose_population
from radpipe.phantoms.registry import PHANTOMS
from radpipe.phantoms.shared.population import compute_auroc, find_positive_patients

EFFUSION = NAMES.index("Effusion")


@cache
def population(patients=360, seed=0):
    return choose_population(
        PHANTOMS["chest"], PhantomSpec(kind="chest", seed=seed, patients=patients, size=256)
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_auroc_of_truth_lies_between_75_and_97_percent_for_every_finding(seed):
    drawn = population(seed=seed)
    for i in range(len(NAMES)):
        assert 0.75 < compute_auroc(drawn.truth[:, i], drawn.labels[:, i]) < 0.97


@pytest.mark.parametrize("patients", [60, 360])
def test_every_finding_has_positive_and_negative_patients_on_both_lists(patients):
    drawn = population(patients)
    positive = find_positive_patients(drawn.labels, drawn.images["patient"])
    listed = drawn.images.groupby("patient")["test"].first().to_numpy()
    assert positive.sum(axis=0).min() >= 12
    for listing in (positive[listed], positive[~listed]):
        assert listing.sum(axis=0).min() >= 3
        assert (~listing).sum(axis=0).min() >= 3


def test_no_patient_stands_on_both_lists():
    assert (population(60).images.groupby("patient")["test"].nunique() == 1).all()


@pytest.fixture(scope="module")
def large():
    return draw_population(10_000, np.random.default_rng(0))


def test_prevalence_falls_from_25_to_3_percent(large):
    shares = [finding.share for finding in FINDINGS.values()]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (0.25, 0.03)
    np.testing.assert_allclose(large.labels.mean(axis=0), shares, rtol=0.06)


def test_labels_are_calibrated_to_truth(large):
    truth, labels = large.truth.ravel(), large.labels.ravel()
    for low in np.arange(0, 1, 0.1):
        within = (truth >= low) & (truth < low + 0.1)
        assert labels[within].mean() == pytest.approx(truth[within].mean(), abs=0.02)


def test_findings_occur_together(large):
    correlation = np.corrcoef(large.labels.T)
    assert correlation[np.triu_indices(len(NAMES), 1)].min() > 0.04


def test_shortcut_finding_is_more_frequent_and_clearer_at_the_bedside(large):
    truth, labels = large.truth[:, EFFUSION], large.labels[:, EFFUSION]
    bedside = (large.images["view"] == "AP").to_numpy()
    assert labels[bedside].mean() > 2 * labels[~bedside].mean()
    assert compute_auroc(truth[bedside], labels[bedside]) > compute_auroc(truth[~bedside], labels[~bedside])


def test_patients_have_1_to_20_pictures_and_3_on_average():
    counts = population().images["patient"].value_counts()
    assert (counts.min(), counts.max()) == (1, 20)
    assert counts.mean() == pytest.approx(3, abs=0.1)


def test_population_that_cannot_be_split_is_refused(monkeypatch):
    monkeypatch.setattr(chest_population, "LEAST_PATIENTS", 61)
    monkeypatch.setattr("radpipe.phantoms.driver.REDRAWS", 2)
    with pytest.raises(
        ConfigError, match="60 patients from seed 0 gave too few positive patients in 2 tries"
    ):
        choose_population(PHANTOMS["chest"], PhantomSpec(kind="chest", seed=0, patients=60, size=256))
