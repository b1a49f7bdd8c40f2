"""A perceptual hash finds altered copies, tells strangers apart, and misses no pair across parts."""

import cv2
import numpy as np
import pytest
from scipy.fft import dctn

from radpipe.data.audit import perceptual_hash


def draw(random, size=96):
    """Smooth shadows in the place of an anatomy."""
    coarse = random.uniform(40, 200, (12, 12)).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


def hash_of(*images):
    packed = np.stack([cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA) for image in images])
    return perceptual_hash.hash_images(packed[..., None], np.arange(len(images)))


def distance(first, second):
    hashes, _ = hash_of(first, second)
    return int(np.bitwise_count(hashes[0] ^ hashes[1]).sum())


def jpeg(image):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize(
    "alter",
    [
        jpeg,
        lambda image: cv2.resize(image, (64, 64)),
        lambda image: image[1:-1, 1:-1],  # 2 %
        lambda image: image + np.uint8(20),
        lambda image: (image * 0.8).astype(np.uint8),
    ],
    ids=["jpeg", "resized", "cropped", "brighter", "less contrast"],
)
def test_a_copy_is_alike_however_it_was_stored(alter):
    image = draw(np.random.default_rng(0))
    assert distance(image, alter(image)) <= 32


def test_strangers_and_negatives_are_not_alike():
    random = np.random.default_rng(0)
    image = draw(random)
    assert distance(image, draw(random)) > 80
    assert distance(image, 255 - image) > 200


def test_the_hash_is_the_sign_pattern_of_the_frequencies_1_to_16():
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (32, 32), np.uint8)
    frequencies = dctn(image.astype(np.float64))[1:17, 1:17].ravel()
    wanted = frequencies > np.median(frequencies)
    hashes, _ = perceptual_hash.hash_images(image[None, ..., None], np.array([0]))
    assert np.unpackbits(hashes.view(np.uint8)).astype(bool).tolist() == wanted.tolist()


def test_channels_are_averaged_and_rows_are_those_asked_for():
    random = np.random.default_rng(0)
    grey = np.stack([draw(random, 48) for _ in range(3)])
    channels = np.stack([grey - 10, grey, grey + 10], axis=-1)
    one, _ = perceptual_hash.hash_images(grey[..., None], np.array([2, 0]))
    several, _ = perceptual_hash.hash_images(channels, np.array([2, 0]))
    assert (one == several).all()
    assert (one[::-1] == perceptual_hash.hash_images(grey[..., None], np.array([0, 2]))[0]).all()


def test_an_image_without_contrast_is_told():
    _, flat = hash_of(np.full((48, 48), 7, np.uint8), draw(np.random.default_rng(0)))
    assert flat.tolist() == [True, False]


@pytest.mark.parametrize("within", [0, 8, 64])
def test_every_pair_across_parts_is_found_and_no_other(within, monkeypatch):
    monkeypatch.setattr(perceptual_hash, "TILE", (5, 7))  # ragged tiles
    random = np.random.default_rng(within)
    bits = random.random((40, 256)) < 0.5
    for copy, original in ((3, 30), (4, 31), (17, 2), (39, 0), (8, 9)):
        bits[copy] = bits[original]
        bits[copy, random.choice(256, copy, replace=False)] ^= True
    bits[20] = ~bits[21]
    parts = random.integers(0, 3, 40)
    hashes = np.packbits(bits, axis=1).view(np.uint64)
    found = np.concatenate([*perceptual_hash.find_similar_pairs(hashes, parts, within)])
    differing = (bits[:, None] != bits).sum(axis=2)
    wanted = [
        (a, b, differing[a, b])
        for a in range(40)
        for b in range(a + 1, 40)
        if parts[a] != parts[b] and differing[a, b] <= within
    ]
    assert sorted(map(tuple, found.tolist())) == sorted(wanted)
    assert within < 64 or wanted
