"""Signs show where and as strongly as they should."""

import numpy as np
import pytest

from radpipe.phantoms.chest.phantom import draw_image
from radpipe.phantoms.radiograph.signs import SIGNS, find_box

NOTHING = dict.fromkeys(SIGNS, 0.0)


def draw(view="PA", number=0, size=64, **strengths):
    return draw_image(0, 1, number, view, NOTHING | strengths, size)


def change(finding, strength, view="PA"):
    shown = draw(view, **{finding: strength}).pixels.astype(float)
    return np.abs(shown - draw(view).pixels).sum()


def test_picture_is_eight_bit_grey_with_dark_lungs_and_a_bright_heart():
    picture = draw().pixels
    assert (picture.dtype, picture.shape) == (np.uint8, (64, 64))
    heart, lung = picture[38:42, 32:38].mean(), picture[20:40, 14:18].mean()
    assert heart > lung + 40


@pytest.mark.parametrize("finding", SIGNS)
def test_stronger_evidence_changes_the_picture_more(finding):
    changes = [change(finding, strength) for strength in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert changes == sorted(changes)
    assert changes[-1] > 2 * changes[0]


@pytest.mark.parametrize(
    ("finding", "sign"), [("Infiltration", 1), ("Mass", 1), ("Edema", 1), ("Pneumothorax", -1)]
)
def test_haze_is_bright_and_free_air_is_dark(finding, sign):
    difference = draw(**{finding: 1.0}).pixels.astype(float) - draw().pixels
    assert sign * difference.sum() > 0


def test_effusion_is_easier_to_see_at_the_bedside():
    assert change("Effusion", 0.5, "AP") > 1.3 * change("Effusion", 0.5, "PA")


def test_cardiomegaly_widens_the_heart():
    widths = [find_box(draw(Cardiomegaly=strength).signs["Cardiomegaly"])[2] for strength in (0.0, 1.0)]
    assert widths[1] > 1.4 * widths[0]


def test_box_holds_what_is_above_two_fifths_of_the_maximum():
    sign = np.zeros((8, 10), np.float32)
    sign[2:5, 3:9] = 0.5
    sign[6, 0] = 0.19
    assert find_box(sign) == (3, 2, 6, 3)


def test_picture_depends_on_its_own_key_alone():
    np.testing.assert_array_equal(draw(number=4).pixels, draw(number=4).pixels)
    assert (draw(number=4).pixels != draw(number=5).pixels).any()


@pytest.mark.parametrize("size", [32, 100])
def test_pictures_of_any_size_look_alike(size):
    small = draw(size=size).pixels
    large = draw(size=2 * size).pixels.reshape(size, 2, size, 2).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.97
