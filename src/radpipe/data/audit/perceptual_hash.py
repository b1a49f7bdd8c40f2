"""Packed images -> perceptual hashes: images that look alike differ in few bits, however they were stored.

The hash is the sign pattern of a discrete cosine transform, as in Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions", 2010, but with 256 bits in place of 64: radiographs of one body part are all
alike in their coarsest frequencies, and 64 bits cannot tell them apart. How many bits may differ was measured
on real images by `benchmarks/audit.py --recall FOLDER`: the share of altered copies that is found, and the
pairs of different patients that are called alike by mistake.

============================  =====  =====  =====  =====  =====
113 images of 1024 px             8     16     24     32     40
============================  =====  =====  =====  =====  =====
JPEG of quality 20            100 %  100 %  100 %  100 %  100 %
half the size                 100 %  100 %  100 %  100 %  100 %
20 grey levels brighter       100 %  100 %  100 %  100 %  100 %
20 grey levels darker          75 %   97 %  100 %  100 %  100 %
contrast x 1.2                 69 %   96 %  100 %  100 %  100 %
gamma 1.3                      29 %   92 %  100 %  100 %  100 %
noise of 5 grey levels        100 %  100 %  100 %  100 %  100 %
cropped by 1 %                 26 %   84 %   99 %  100 %  100 %
cropped by 2 %                  0 %   12 %   61 %   93 %   98 %
rotated by 1 degree             1 %   14 %   57 %   96 %  100 %
cropped by 4 %                  0 %    0 %    0 %   10 %   36 %
histogram equalised             6 %   33 %   62 %   77 %   88 %
============================  =====  =====  =====  =====  =====

False pairs among 1,000 chest radiographs of 64 px: none of 491,169 pairs of different patients up to 60 bits,
3 up to 64, 41 up to 72, 277 up to 80: a third for every 4 bits less. All 112,120 images of that set have some
3.5e9 pairs across three splits, so that a handful of false ones is expected up to 32 bits, dozens up to 40.
Of 237 slices of head CT, the closest two of different patients differ in 44 bits. Mirrored copies and those
cropped by more are not found.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn

BITS = 256
SIDE = 32  # px that an image is averaged to
LOWEST, HIGHEST = 1, 17  # frequencies used in both directions; 0, the common brightness and shape, is not
FLATTEST = 2.0  # standard deviation [grey levels] below which there is nothing to recognise
CHUNK = 256  # images read at a time
TILE = (64, 4096)  # hashes compared at a time: fits the cache of a core
SIEVE = 2  # words of 64 bits compared first: few pairs are alike in half of the bits and not in all

Hashes = NDArray[np.uint64]


def hash_images(
    pixels: NDArray[np.uint8], rows: NDArray[np.integer[Any]]
) -> tuple[Hashes, NDArray[np.bool_]]:
    """Hash some images; the channels of one are averaged.

    Parameters
    ----------
    pixels : (images, height, width, channels) uint8
        Memory-mapped; read in chunks.
    rows : (n,) int
        Images wanted.

    Returns
    -------
    hashes : (n, 4) uint64
        256 bits each, half of them set.
    flat : (n,) bool
        Images without contrast, such as a slice of air: their hash says nothing.
    """
    bits = np.zeros((len(rows), BITS // 8), np.uint8)
    flat = np.zeros(len(rows), bool)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        small = np.stack([shrink(pixels[row]) for row in chunk])
        frequencies = dctn(small, axes=(1, 2), norm="ortho")[:, LOWEST:HIGHEST, LOWEST:HIGHEST]
        flattened = frequencies.reshape(len(chunk), BITS)
        set_bits = flattened > np.median(flattened, axis=1, keepdims=True)
        bits[start : start + CHUNK] = np.packbits(set_bits, axis=1)
        flat[start : start + CHUNK] = small.std(axis=(1, 2)) < FLATTEST
    return bits.view(np.uint64), flat


def shrink(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Average (height, width, channels) uint8 to (32, 32) float32 grey levels."""
    grey = image.mean(axis=2, dtype=np.float32) if image.shape[2] > 1 else image[..., 0].astype(np.float32)
    return np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)


def find_similar_pairs(
    hashes: Hashes, splits: NDArray[np.integer[Any]], within: int
) -> Iterator[NDArray[np.int64]]:
    """Compare every image with every image of another split.

    Parameters
    ----------
    hashes : (images, 4) uint64
    splits : (images,) int
        Number of the split of each.
    within : int
        Differing bits up to which two images are alike, at most 255.

    Yields
    ------
    (pairs, 3) int64
        Positions of two images, the lower first, and the number of differing bits.
    """
    order = np.argsort(splits, kind="stable")
    words = np.ascontiguousarray(hashes[order].T)
    ends = np.searchsorted(splits[order], np.unique(splits), side="right")
    for begin, end in zip((0, *ends[:-1]), ends, strict=True):
        for top in range(begin, end, TILE[0]):
            rows = slice(top, min(top + TILE[0], end))
            for left in range(end, len(splits), TILE[1]):
                columns = slice(left, left + TILE[1])
                places = np.argwhere(
                    count_differing_bits(words[:SIEVE, rows], words[:SIEVE, columns]) <= within
                )
                pairs = locate_pairs(words, order, places + np.array([top, left]))
                yield pairs[pairs[:, 2] <= within]


def count_differing_bits(rows: Hashes, columns: Hashes) -> NDArray[np.uint8]:
    """Count the differing bits of hashes of fewer than 256 bits: (words, n) and (words, m) to (n, m).

    Hashes are uint64 words; returned (n, m) uint8.
    """
    total: NDArray[np.uint8] = np.bitwise_count(rows[0][:, None] ^ columns[0])
    for word in range(1, len(rows)):
        total += np.bitwise_count(rows[word][:, None] ^ columns[word])
    return total


def locate_pairs(words: Hashes, order: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of the pairs at two places of `order`, and count all their differing bits.

    `words` (words, images) uint64, `order` (images,) int64, `places` (pairs, 2) int64; returned (pairs, 3)
    int64.
    """
    counts = np.bitwise_count(words[:, places[:, 0]] ^ words[:, places[:, 1]]).sum(axis=0, dtype=np.int64)
    pairs: NDArray[np.int64] = np.column_stack([np.sort(order[places], axis=1), counts])
    return pairs
