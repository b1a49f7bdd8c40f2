"""Near-duplicates: images of different splits that look alike, closest first, for a person to look at."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.audit import patient_pairs, perceptual_hash

MOST_BITS = 40  # differing bits counted up to; `audit.near_duplicate_bits` asks for no more
LISTED = 200  # pairs named; all are counted


def find_near_duplicates(
    cases: pd.DataFrame, labels: pd.DataFrame, pixels: NDArray[np.uint8]
) -> dict[str, Any]:
    """Find near-duplicates in two splits.

    Parameters
    ----------
    cases
        row, pixel_row, patient_id, assigned.
    labels
        (cases, findings) float32, NaN = unknown.
    pixels : (images, height, width, channels) uint8
        The packed images, memory-mapped.

    Returns
    -------
    dict
        bits: of a hash; flat: images without contrast, which were not compared; pairs: how many differ in
        0, 1, ... `MOST_BITS` bits; conflicting: of these, how many have contradicting labels; listed: the
        closest pairs, each with rows, parts, distance, labels (the findings present) and conflict; patients:
        the pairs of patients that share several, see `radpipe.data.audit.patient_pairs`.
    """
    hashes, flat = perceptual_hash.hash_images(pixels, cases["pixel_row"].to_numpy())
    places = np.flatnonzero(~flat)
    splits = pd.factorize(cases["assigned"], sort=True)[0][places]
    truth = labels.to_numpy(np.float32)
    counts = np.zeros((2, MOST_BITS + 1), np.int64)
    closest = np.empty((0, 3), np.int64)
    patients = pd.factorize(cases["patient_id"])[0]
    linked: list[NDArray[np.int64]] = []
    waiting = 0
    for found in perceptual_hash.find_similar_pairs(hashes[places], splits, MOST_BITS):
        if not len(found):
            continue
        pairs = np.column_stack([places[found[:, :2]], found[:, 2]])
        for line, counted in enumerate((pairs, pairs[find_contradictions(truth, pairs)])):
            counts[line] += np.bincount(counted[:, 2], minlength=MOST_BITS + 1)
        closest = keep_closest(np.concatenate([closest, pairs]))
        linked.append(pairs)
        waiting += len(pairs)
        if waiting > patient_pairs.BUFFERED:
            linked, waiting = [patient_pairs.reduce_pairs(linked, patients)], 0
    return {
        "bits": perceptual_hash.BITS,
        "flat": int(flat.sum()),
        "pairs": counts[0].tolist(),
        "conflicting": counts[1].tolist(),
        "listed": [describe_pair(cases, labels, pair) for pair in closest],
        "patients": patient_pairs.describe_patient_pairs(linked, patients, cases["row"], MOST_BITS),
    }


def keep_closest(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return at most `LISTED` pairs, closest first, then in the order of the tables.

    `pairs` (pairs, 3) int64: positions of both images, and the bits that differ; returned likewise.
    """
    order = np.lexsort((pairs[:, 1], pairs[:, 0], pairs[:, 2]))
    return pairs[order[:LISTED]]


def find_contradictions(labels: NDArray[np.float32], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each pair whether a finding is present in one image and absent in the other.

    `labels` (images, findings) float32, `pairs` (pairs, 3) int64; returned (pairs,) bool.
    """
    first = labels[pairs[:, 0]]
    second = labels[pairs[:, 1]]
    differ: NDArray[np.bool_] = (np.abs(first - second) > 0).any(axis=1)  # NaN differs from nothing
    return differ


def describe_pair(cases: pd.DataFrame, labels: pd.DataFrame, pair: NDArray[np.int64]) -> dict[str, Any]:
    """Describe one pair by row numbers, splits and findings.

    `pair` (3,) int64: positions of both images, and the bits that differ.
    """
    two = cases.iloc[pair[:2]]
    present = labels.iloc[pair[:2]] == 1
    return {
        "rows": [int(row) for row in two["row"]],
        "parts": [str(split) for split in two["assigned"]],
        "distance": int(pair[2]),
        "labels": [present.columns[row].to_list() for row in present.to_numpy()],
        "conflict": bool(find_contradictions(labels.to_numpy(np.float32), pair[None])[0]),
    }
