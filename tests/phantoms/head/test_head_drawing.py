"""Slices have the values of a head CT, and each bleeding lies where it should."""

import numpy as np
import pytest

from radpipe.phantoms.head.anatomy import Head, compute_presence, draw_anatomy, draw_pose
from radpipe.phantoms.head.drawing import Place, draw_slice
from radpipe.phantoms.head.lesions import LESIONS
from radpipe.phantoms.head.tissue import draw_head, draw_subarachnoid_space, draw_ventricles

SIZE = 96


def head(height=0.55, patient=1):
    anatomy = draw_anatomy(np.random.default_rng([0, patient, 1]))
    return Head(anatomy, draw_pose(np.random.default_rng([0, patient, 2])), height, SIZE)


def draw(height=0.55, number=5, size=SIZE, **strengths):
    return draw_slice(0, Place(1, 1, number, height), strengths, size).astype(float)


def shown(name, strength=0.8, patient=1, height=0.55):
    """Return the head and where the bleeding lies within it."""
    slice_ = head(height, patient)
    return slice_, (LESIONS[name](slice_, strength) > 0.5) & (slice_.depth > 0)


def test_air_bone_brain_and_fluid_have_their_hounsfield_units():
    slice_, pixels = head(), draw_head(head())
    assert pixels[:4].max() == -1000
    ring = (slice_.depth < -0.015) & (slice_.depth > -0.04)
    assert np.median(pixels[ring]) > 700
    inside = slice_.depth > 0.1
    assert np.percentile(pixels[inside & (slice_.folds > 1)], 50) == pytest.approx(34, abs=6)
    assert np.median(pixels[draw_ventricles(slice_) > 0.99]) == pytest.approx(6, abs=2)


@pytest.mark.parametrize("name", LESIONS)
def test_fresh_blood_has_50_to_80_hounsfield_units(name):
    slice_ = head()
    core = (LESIONS[name](slice_, 0.9) > 0.9) & (slice_.depth > 0.02)
    assert 50 <= np.median(draw(**{name: 0.9})[core]) <= 80


@pytest.mark.parametrize("name", LESIONS)
def test_stronger_evidence_changes_the_slice_more(name):
    clear = draw()
    changes = [np.abs(draw(**{name: strength}) - clear).sum() for strength in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert changes == sorted(changes)
    assert changes[-1] > 3 * changes[0] > 0


@pytest.mark.parametrize("patient", [1, 2, 3, 4])
def test_epidural_blood_is_a_short_lens_and_subdural_blood_a_long_crescent_at_the_skull(patient):
    found = {name: shown(name, 0.9, patient) for name in ("epidural", "subdural")}
    for slice_, region in found.values():
        assert slice_.depth[region].min() < 0.03
    lengths = {name: (region & (slice_.depth < 0.04)).sum() for name, (slice_, region) in found.items()}
    thicknesses = {name: slice_.depth[region].max() for name, (slice_, region) in found.items()}
    assert lengths["subdural"] > 1.5 * lengths["epidural"]
    assert thicknesses["epidural"] > 1.5 * thicknesses["subdural"]


@pytest.mark.parametrize("name", ["subdural", "intraparenchymal"])
def test_one_sided_blood_does_not_cross_the_midline(name):
    slice_, region = shown(name)
    x = slice_.grid[0][region]
    assert (x > 0).all() or (x < 0).all()


def test_clot_lies_in_the_brain_away_from_the_skull():
    slice_, region = shown("intraparenchymal", 0.5)
    assert slice_.depth[region].min() > 0.05


def test_ventricular_blood_stays_in_the_ventricles_and_sinks_to_the_back():
    slice_, region = shown("intraventricular", 0.3)
    assert (draw_ventricles(slice_)[region] > 0.5).all()
    assert slice_.grid[1][region].mean() > slice_.grid[1][draw_ventricles(slice_) > 0.5].mean() + 0.1


def test_subarachnoid_blood_is_thin_and_follows_sulci_and_surface():
    slice_, region = shown("subarachnoid", 0.9)
    assert (slice_.depth[region & (draw_subarachnoid_space(slice_) < 0.3)] < 0.05).all()
    assert region.sum() < 0.2 * (slice_.depth > 0).sum()


def test_ventricles_show_in_the_middle_slices_and_cisterns_below():
    areas = [float((draw_ventricles(head(height)) > 0.5).sum()) for height in (0.2, 0.55, 0.9)]
    assert areas[1] > 3 * areas[0]
    assert areas[2] == 0


def test_structure_is_present_between_its_heights_alone():
    assert [compute_presence(height, 0.4, 0.6) for height in (0.3, 0.4, 0.5, 0.6, 0.7)] == [0, 0.5, 1, 0.5, 0]


def test_slice_depends_on_its_own_key_alone():
    np.testing.assert_array_equal(draw(number=4), draw(number=4))
    assert (draw(number=4) != draw(number=5)).any()


@pytest.mark.parametrize("size", [32, 128])
def test_slices_of_any_size_look_alike(size):
    small = draw(size=size, epidural=0.8)
    large = draw(size=2 * size, epidural=0.8).reshape(size, 2, size, 2).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.97
