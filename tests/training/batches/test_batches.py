import contextlib

import keras
import numpy as np
import pandas as pd
import pytest

from radpipe.config.training import AugmentSpec, RareSpec
from radpipe.training.batches.pixels import open_pixels
from radpipe.training.batches.samples import Samples, repeat_rare, select
from radpipe.training.batches.sequence import Batches

pytestmark = pytest.mark.keras
COUNT = 10
RARE = RareSpec(findings=("Hernia",), copies=2, rotation=0.1, zoom=0.2)


@pytest.fixture
def pixels(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (COUNT, 8, 8, 1), dtype=np.uint8)
    np.save(tmp_path / "pixels.npy", images)
    return open_pixels(tmp_path / "pixels.npy")


@pytest.fixture
def samples():
    """Ten images whose label is their number."""
    return Samples(np.arange(COUNT), np.arange(COUNT, dtype=np.float32)[:, None], np.zeros(COUNT, bool))


def order(batches):
    return np.concatenate([labels[:, 0] for _, labels in batches]).astype(int).tolist()


def test_in_a_mirrored_image_left_labels_are_right_and_a_lone_side_is_unknown(pixels, spec):
    names = ["left_hip", "spine", "right_hip", "left_knee"]
    cases = pd.DataFrame({"split": "train", "pixel_row": range(COUNT)})
    labels = pd.DataFrame([[1.0, 1.0, 0.0, 1.0]] * COUNT, columns=names)
    augment = spec.augment.model_copy(update={"mirror": True})
    flipping = spec.model_copy(update={"augment": augment})
    batches = Batches(pixels, select(cases, labels, "train"), flipping, seed=0)
    packed = {image.tobytes() for image in np.load(pixels.path)}
    seen = {True: 0, False: 0}
    for images, shown in batches:
        for image, values in zip(images, shown, strict=True):
            upright = image.tobytes() in packed
            expected = [1, 1, 0, 1] if upright else [0, 1, 1, np.nan]
            np.testing.assert_array_equal(values, expected)
            seen[upright] += 1
    assert all(seen.values())
    assert np.array_equal(select(cases, labels, "train").labels, labels)


def test_a_share_of_the_batches_is_another_one_in_every_epoch(pixels, samples, spec):
    batches = Batches(pixels, samples, spec.model_copy(update={"steps_share": 0.6}), seed=3)
    assert (len(batches), batches.images) == (2, 8)  # 0.6 of 3 batches of 4
    shown = {}
    for epoch in (0, 1, 0):
        batches.start_epoch(epoch)
        assert shown.setdefault(epoch, order(batches)) == order(batches)
        assert shown[epoch] == np.random.default_rng([3, epoch]).permutation(COUNT)[:8].tolist()
    assert set(shown[0]) != set(shown[1])


def test_a_share_shows_at_least_one_batch_and_prediction_sees_all(pixels, samples, spec):
    little = spec.model_copy(update={"steps_share": 0.01})
    assert len(Batches(pixels, samples, little, seed=0)) == 1
    assert order(Batches(pixels, samples, little, seed=None)) == list(range(COUNT))


def test_select_keeps_the_order_of_the_table():
    cases = pd.DataFrame({"split": ["train", "val", "train"], "pixel_row": [7, 5, 2]})
    labels = pd.DataFrame({"Mass": [1.0, 0.0, np.nan]})
    chosen = select(cases, labels, "train")
    assert chosen.rows.tolist() == [7, 2]
    np.testing.assert_array_equal(chosen.labels, [[1.0], [np.nan]])


def test_images_with_a_rare_finding_are_repeated_behind_the_others(spec):
    labels = np.array([[1, 0], [0, 1], [np.nan, np.nan], [1, 1]], np.float32)
    samples = Samples(np.array([5, 6, 7, 8]), labels, np.zeros(4, bool))
    more = repeat_rare(samples, ("Mass", "Hernia"), spec.model_copy(update={"rare": RARE}))
    assert more.rows.tolist() == [5, 6, 7, 8, 6, 8, 6, 8]
    assert more.repeated.tolist() == [False] * 4 + [True] * 4
    assert more.labels[4:].tolist() == [[0, 1], [1, 1], [0, 1], [1, 1]]


def test_a_rare_finding_that_was_dropped_repeats_nothing(spec):
    samples = Samples(np.arange(2), np.ones((2, 1), np.float32), np.zeros(2, bool))
    same = repeat_rare(samples, ("Mass",), spec.model_copy(update={"rare": RARE}))
    assert same.rows.tolist() == [0, 1]


def test_the_order_of_an_epoch_is_the_permutation_of_seed_and_epoch(pixels, samples, spec):
    batches = Batches(pixels, samples, spec, seed=3)
    batches.start_epoch(2)
    assert order(batches) == np.random.default_rng([3, 2]).permutation(COUNT).tolist()


def test_an_epoch_does_not_depend_on_the_epochs_before(pixels, samples, spec):
    once, again = (Batches(pixels, samples, spec, seed=3) for _ in range(2))
    for epoch in (0, 1, 5):
        once.start_epoch(epoch)
        list(once)
    again.start_epoch(5)
    assert order(once) == order(again)


def test_the_last_batch_holds_what_is_left(pixels, samples, spec):
    batches = Batches(pixels, samples, spec, seed=0)
    assert [len(labels) for _, labels in batches] == [4, 4, 2]
    assert len(batches) == 3


def test_without_a_seed_the_order_is_that_of_the_samples_and_images_are_raw(pixels, samples, spec):
    wild = spec.model_copy(
        update={"augment": AugmentSpec(brightness=1, contrast=0.5, crop=0.5, quarter_turns=True, mirror=True)}
    )
    batches = Batches(pixels, samples, wild, seed=None)
    assert order(batches) == list(range(COUNT))
    packed = np.load(pixels.path)
    np.testing.assert_array_equal(np.concatenate([images for images, _ in batches]), packed)


def test_only_repeats_are_rotated_and_zoomed(pixels, spec):
    samples = Samples(np.array([4, 4]), np.array([[0], [1]], np.float32), np.array([False, True]))
    batches = Batches(pixels, samples, spec.model_copy(update={"rare": RARE}), seed=0)
    images, labels = batches[0]
    packed = np.load(pixels.path)[4]
    changed = {
        int(label): not np.array_equal(image, packed) for image, (label,) in zip(images, labels, strict=True)
    }
    assert changed == {0: False, 1: True}


def test_augmentation_differs_between_epochs_and_is_the_same_for_the_same_epoch(pixels, samples, spec):
    augmented = spec.model_copy(
        update={"augment": AugmentSpec(brightness=0.2, contrast=0, crop=0, quarter_turns=False, mirror=False)}
    )

    def by_label(epoch):
        batches = Batches(pixels, samples, augmented, seed=1)
        batches.start_epoch(epoch)
        return {
            int(label): image
            for images, labels in batches
            for image, (label,) in zip(images, labels, strict=True)
        }

    first, same, other = by_label(0), by_label(0), by_label(1)
    assert all(np.array_equal(first[label], same[label]) for label in range(COUNT))
    assert not all(np.array_equal(first[label], other[label]) for label in range(COUNT))


@pytest.mark.parametrize("first", [0, 2])
def test_fit_shows_epoch_k_the_order_of_epoch_k_also_after_a_resume(pixels, samples, spec, first):
    seen = []

    def loss(labels, logits):
        with contextlib.suppress(TypeError):  # JAX asks for the shape of the loss first, without labels
            seen.extend(np.asarray(labels)[:, 0].astype(int).tolist())
        return keras.ops.sum(logits)

    batches = Batches(pixels, samples, spec, seed=7)
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss=loss, run_eagerly=True, jit_compile=False)
    start = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.start_epoch(epoch))
    model.fit(batches, initial_epoch=first, epochs=4, callbacks=[start], shuffle=False, verbose=0)
    expected = [np.random.default_rng([7, epoch]).permutation(COUNT) for epoch in range(first, 4)]
    # Keras looks at a batch or two before the first epoch, to learn their shape.
    assert seen[-len(expected) * COUNT :] == np.concatenate(expected).tolist()
