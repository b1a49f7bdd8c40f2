"""Pairs of patients that share several near-duplicates: one person with two ids, or many images copied.

A pair of patients counts only with two pairs of near-duplicates that have no image in common: one image that
was copied, or that resembles many, makes one pair or several, but all with itself. By chance two such pairs
hardly ever fall on the same two patients: of the 3.5e9 pairs of images of ChestX-ray14 dozens resemble each
other by mistake (`radpipe.data.audit.perceptual_hash`), and these images have 4.7e8 pairs of patients.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BUFFERED = 2**20  # pairs of images collected before those that decide nothing are left out
LISTED = 200  # pairs of patients named; all are counted
# Columns: two images, the lower position first, and their differing bits.
Pairs = NDArray[np.int64]


def reduce_pairs(pairs: list[Pairs], patients: NDArray[np.intp]) -> Pairs:
    """Leave out the pairs of images that cannot change what `describe_patient_pairs` returns.

    Parameters
    ----------
    pairs : list of (pairs, 3) int64
        Positions of two images of different patients, and their differing bits.
    patients : (images,) intp
        Number of the patient of each image.
    """
    links, deciding = find_deciding(pairs, patients)
    kept: Pairs = links[np.unique(deciding[deciding >= 0]), 2:]
    return kept


def find_deciding(
    pairs: list[Pairs], patients: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the pairs of images on which it depends how alike two patients are.

    Two pairs have no image in common if and only if both patients have two images among theirs: else all
    pairs would share the only image of one.

    Returns
    -------
    links : (pairs, 5) int64
        Two patients, the lower first, an image of each, and their differing bits; closest first.
    deciding : (pairs of patients, 3) int64
        Positions in `links` of the closest pair of images, and of the closest one with another image of the
        first, and of the second patient; -1 where there is none.
    """
    links = _order_links(np.concatenate([np.empty((0, 3), np.int64), *pairs]), patients)
    new = np.diff(links[:, :2], axis=0, prepend=-1).any(axis=1)
    group = np.cumsum(new) - 1
    closest = np.flatnonzero(new)
    deciding = np.full((len(closest), 3), -1, np.int64)
    deciding[:, 0] = closest
    for place, image in enumerate((2, 3), start=1):
        others = np.flatnonzero(links[:, image] != links[closest[group], image])
        groups, first = np.unique(group[others], return_index=True)
        deciding[groups, place] = others[first]
    return links, deciding


def describe_patient_pairs(
    pairs: list[Pairs], patients: NDArray[np.intp], rows: pd.Series, most_bits: int
) -> dict[str, Any]:
    """Count the pairs of patients that share two near-duplicates without a common image.

    Parameters
    ----------
    pairs, patients
        As for `reduce_pairs`.
    rows : (images,) int
        Row number of each image.
    most_bits
        Differing bits counted up to.

    Returns
    -------
    dict
        pairs: how many do so within 0, 1, ... `most_bits` differing bits and not within fewer; listed: the
        closest, each with rows and distance.
    """
    links, deciding = find_deciding(pairs, patients)
    deciding = deciding[(deciding >= 0).all(axis=1)]
    distances = links[deciding[:, 1:], 4].max(axis=1)
    numbers = rows.to_numpy()
    return {
        "pairs": np.bincount(distances, minlength=most_bits + 1).tolist(),
        "listed": [
            {
                "rows": np.unique(numbers[links[deciding[place], 2:4]]).tolist(),
                "distance": int(distances[place]),
            }
            for place in np.argsort(distances, kind="stable")[:LISTED]
        ],
    }


def _order_links(pairs: Pairs, patients: NDArray[np.intp]) -> NDArray[np.int64]:
    """Put the lower patient first in each pair, and the pairs in order of patients, then closest first."""
    two = patients[pairs[:, :2]]
    order = np.argsort(two, axis=1)
    images = np.take_along_axis(pairs[:, :2], order, axis=1)
    links = np.column_stack([np.take_along_axis(two, order, axis=1), images, pairs[:, 2]])
    ordered: NDArray[np.int64] = links[np.lexsort(links[:, [3, 2, 4, 1, 0]].T)]
    return ordered
