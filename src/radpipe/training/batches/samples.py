"""What one epoch shows: which images, with which labels, and which of them are repeats."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config import targets
from radpipe.config.training import TrainSpec


@dataclass(frozen=True)
class Samples:
    """The images of one split.

    Attributes
    ----------
    rows : (samples,) int64
        Rows of the packed images.
    labels : (samples, targets) float32
        1, 0 or NaN = unknown.
    repeated : (samples,) bool
        Shown again because of a rare finding: to be rotated and zoomed.
    mirror
        Of each target, the one that it is in the mirror image; None where that is no target. Empty: all
        targets stay what they are.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.float32]
    repeated: NDArray[np.bool_]
    mirror: tuple[int | None, ...] = ()


def select(cases: pd.DataFrame, labels: pd.DataFrame, split: str) -> Samples:
    """Return the images of one split, in the order of the table.

    Parameters
    ----------
    cases
        split, pixel_row; one row per case.
    labels
        One row per case, in the same order; a column per target.
    split
        train, val or test.
    """
    chosen = (cases["split"] == split).to_numpy()
    rows = cases["pixel_row"].to_numpy(np.int64)[chosen]
    mirror = tuple(targets.mirror(labels.columns.to_list()))
    return Samples(rows, labels.to_numpy(np.float32)[chosen], np.zeros(len(rows), bool), mirror)


def change_sides(labels: NDArray[np.float32], mirror: tuple[int | None, ...]) -> NDArray[np.float32]:
    """Return the labels of a mirrored image: left is right, and unknown where the other side is no target.

    Parameters
    ----------
    labels : (targets,) float32
    mirror
        See Samples.
    """
    if not mirror:
        return labels
    swapped = [np.nan if other is None else labels[other] for other in mirror]
    return np.array(swapped, np.float32)


def repeat_rare(samples: Samples, names: tuple[str, ...], spec: TrainSpec) -> Samples:
    """Add the repeats of images that show one of the rare findings, behind all others.

    Parameters
    ----------
    samples
        The training set.
    names
        Names of the columns of the labels. A rare finding that is not among them was dropped as too rare.
    spec
        Its section `rare` names the findings and the number of copies.
    """
    columns = [position for position, name in enumerate(names) if name in spec.rare.findings]
    rare = (samples.labels[:, columns] == 1).any(axis=1)
    again = np.tile(np.flatnonzero(rare), spec.rare.copies)
    return Samples(
        np.concatenate([samples.rows, samples.rows[again]]),
        np.concatenate([samples.labels, samples.labels[again]]),
        np.concatenate([samples.repeated, np.ones(len(again), bool)]),
        samples.mirror,
    )
