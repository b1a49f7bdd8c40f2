"""What a training reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec, Kind
from radpipe.config.targets import group
from radpipe.training.models.problem import Problem


@dataclass(frozen=True)
class Inputs:
    """The data of all runs of one data set, or of one round of each; the same for both arms.

    Attributes
    ----------
    pixels
        pack/pixels.npy: uint8 (images, size, size, channels).
    image
        How its images were made; `predict` makes new ones alike.
    standard
        `mean` and `std` of the training pixels, one per channel [grey levels].
    cases
        id, row, patient_id, split (train, val, test), pixel_row; one row per case. A column sha256, if
        there is one, tells data apart that differ in nothing else.
    labels
        One row per case, in the same order, and a float32 column per target: 1, 0, NaN = unknown.
    weights : (2, targets) floating
        Of `wbce`; row 0 for absent, row 1 for present.
    kind
        Whether the classes of a grade exclude each other.
    """

    pixels: Path
    image: ImageSpec
    standard: Mapping[str, Sequence[float]]
    cases: pd.DataFrame
    labels: pd.DataFrame
    weights: NDArray[np.floating]
    kind: Kind = "binary"

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets, in the order of the model's outputs."""
        return tuple(self.labels.columns)

    @property
    def problem(self) -> Problem:
        """What the network is built for."""
        mean, std = tuple(self.standard["mean"]), tuple(self.standard["std"])
        return Problem(self.image.size, mean, std, len(self.targets), self.grades)

    @property
    def grades(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the classes of each grade; none if every target is binary."""
        return tuple(map(tuple, group(self.targets).values())) if self.kind == "categorical" else ()

    def of_split(self, split: str) -> tuple[pd.DataFrame, NDArray[np.float32]]:
        """Return the cases of one part and their labels, (cases, targets) float32."""
        chosen = (self.cases["split"] == split).to_numpy()
        return self.cases[chosen], self.labels.to_numpy(np.float32)[chosen]
