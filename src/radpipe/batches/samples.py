"""What one epoch shows: which images, with which labels, and which of them are repeats."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config import TrainSpec


@dataclass(frozen=True)
class Samples:
    """The images of one part.

    Attributes
    ----------
    rows : (samples,) int64
        Rows of the packed images.
    labels : (samples, targets) float32
        1, 0 or NaN = unknown.
    repeated : (samples,) bool
        Shown again because of a rare finding: to be rotated and zoomed.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.float32]
    repeated: NDArray[np.bool_]


def select(cases: pd.DataFrame, labels: pd.DataFrame, split: str) -> Samples:
    """Return the images of one part, in the order of the table.

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
    return Samples(rows, labels.to_numpy(np.float32)[chosen], np.zeros(len(rows), bool))


def repeat_rare(samples: Samples, targets: tuple[str, ...], spec: TrainSpec) -> Samples:
    """Add the repeats of images that hold one of the rare findings, behind all others.

    Parameters
    ----------
    samples
        The training part.
    targets
        Names of the columns of the labels. A rare finding that is not among them was dropped as too rare.
    spec
        Its section `rare` says which findings and how many copies.
    """
    columns = [position for position, name in enumerate(targets) if name in spec.rare.findings]
    holds = (samples.labels[:, columns] == 1).any(axis=1)
    again = np.tile(np.flatnonzero(holds), spec.rare.copies)
    return Samples(
        np.concatenate([samples.rows, samples.rows[again]]),
        np.concatenate([samples.labels, samples.labels[again]]),
        np.concatenate([samples.repeated, np.ones(len(again), bool)]),
    )
