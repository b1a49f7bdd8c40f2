"""The statistical promises of the pneumonia phantom, and its pictures."""

import numpy as np
import pytest

from radpipe.config.data import PhantomSpec
from radpipe.errors import ConfigError
from radpipe.phantoms.driver import choose_population
from radpipe.phantoms.pneumonia.drawing import draw_radiograph
from radpipe.phantoms.pneumonia.population import CLASSES, draw_population
from radpipe.phantoms.registry import PHANTOMS
from radpipe.phantoms.shared.population import compute_auroc

OPACITY = CLASSES.index("Lung Opacity")


@pytest.fixture(scope="module")
def large():
    return draw_population(10_000, np.random.default_rng(0))


def test_shares_of_the_classes_are_near_the_published_ones(large):
    # 8,851, 11,821 and 6,012 of 26,684 images.
    np.testing.assert_allclose(np.bincount(large.labels) / len(large.labels), [0.33, 0.44, 0.225], atol=0.02)


def test_labels_are_calibrated_to_truth(large):
    for column in range(3):
        truth, label = large.truth[:, column], large.labels == column
        for low in np.arange(0, 1, 0.2):
            within = (truth >= low) & (truth < low + 0.2)
            assert label[within].mean() == pytest.approx(truth[within].mean(), abs=0.03)


def test_opacities_are_more_frequent_at_the_bedside(large):
    bedside = (large.images["view"] == "AP").to_numpy()
    opacity = large.labels == OPACITY
    assert opacity[bedside].mean() > 1.5 * opacity[~bedside].mean()


@pytest.mark.parametrize("patients", [60, 500])
def test_every_class_has_12_patients_with_and_without_it_and_a_sensible_auroc(patients):
    drawn = choose_population(
        PHANTOMS["pneumonia"], PhantomSpec(kind="pneumonia", seed=1, patients=patients, size=64)
    )
    for column in range(3):
        label = (drawn.labels == column).astype(np.int64)
        positive = drawn.images["patient"][label == 1].nunique()
        assert min(positive, patients - positive) >= 12
        assert 0.75 < compute_auroc(drawn.truth[:, column], label) < 0.97


def test_population_that_cannot_be_split_is_refused(monkeypatch):
    monkeypatch.setattr("radpipe.phantoms.pneumonia.population.LEAST_PATIENTS", 61)
    monkeypatch.setattr("radpipe.phantoms.driver.REDRAWS", 2)
    with pytest.raises(ConfigError, match="60 patients from seed 0 gave too few patients of one class"):
        choose_population(PHANTOMS["pneumonia"], PhantomSpec(kind="pneumonia", seed=0, patients=60, size=64))


def draw(number=0, **strengths):
    return draw_radiograph(0, 1, number, "PA", {"Opacity": 0.0} | strengths, 64)


def test_stronger_evidence_of_an_opacity_brightens_its_boxes_more():
    empty = draw()
    x, y, width, height = empty.boxes[0]
    part = np.s_[y : y + height, x : x + width]
    levels = [draw(Opacity=strength).pixels[part].mean() for strength in (0, 0.3, 0.6, 0.9)]
    assert levels == sorted(levels)
    assert levels[-1] > levels[0] + 30


@pytest.mark.parametrize("sign", ["Effusion", "Cardiomegaly", "Mass"])
def test_another_sign_changes_the_picture_and_moves_no_box(sign):
    shown, empty = draw(**{sign: 0.9}), draw()
    assert (shown.pixels != empty.pixels).mean() > 0.02
    if sign != "Cardiomegaly":  # a larger heart leaves less lung
        assert shown.boxes == empty.boxes


def test_boxes_are_mostly_one_or_two_one_in_each_lung():
    boxes = [draw(number).boxes for number in range(60)]
    counts = np.bincount([len(found) for found in boxes], minlength=5)
    assert counts[1] + counts[2] >= 54
    for first, second in (found for found in boxes if len(found) == 2):
        assert (first[0] + first[2] / 2 < 32) != (second[0] + second[2] / 2 < 32)
