"""One training: what it reads, and its name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec, Kind
from radpipe.config.parameters import Loss
from radpipe.config.runs import format_run_name
from radpipe.config.targets import group
from radpipe.config.training import TrainSpec
from radpipe.training.losses import LossFunction, build_loss
from radpipe.training.models.problem import Problem
from radpipe.training.schedule import EpochLog


@dataclass(frozen=True)
class Inputs:
    """The data of all runs of one data set, or of one round of each; the same for both arms.

    Attributes
    ----------
    pixels
        pack/pixels.npy: uint8 (images, size, size, channels).
    image
        How its images were made; `predict` makes new ones in the same way.
    standard
        `mean` and `std` of the training pixels, one per channel [grey levels].
    cases
        id, row, patient_id, split (train, val, test), pixel_row; one row per case. A column sha256, if
        there is one, distinguishes data that differ in nothing else.
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
        return Problem(
            size=self.image.size,
            mean=tuple(self.standard["mean"]),
            std=tuple(self.standard["std"]),
            targets=len(self.targets),
            grades=self.grades,
        )

    @property
    def grades(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the classes of each grade; none if every target is binary."""
        return tuple(map(tuple, group(self.targets).values())) if self.kind == "categorical" else ()

    def select_split(self, split: str) -> tuple[pd.DataFrame, NDArray[np.float32]]:
        """Return the cases of one split and their labels, (cases, targets) float32."""
        chosen = (self.cases["split"] == split).to_numpy()
        return self.cases[chosen], self.labels.to_numpy(np.float32)[chosen]


@dataclass(frozen=True)
class Training:
    """One arm and one seed of a data set, or one round of them.

    Attributes
    ----------
    inputs, spec
        The same for all runs of a data set.
    loss, seed
        What distinguishes them.
    on_epoch
        Called with each finished line of the history, None for nobody.
    round
        Of a cross-validation, and how many there are; None outside one.
    """

    inputs: Inputs
    spec: TrainSpec
    loss: Loss
    seed: int
    on_epoch: Callable[[EpochLog], None] | None
    round: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Its name in messages; begins with the folder of its outputs."""
        name = format_run_name(self.loss, self.seed)
        return f"{name} round {self.round[0]}" if self.round else name

    @property
    def epochs_after(self) -> int:
        """Largest number of epochs that follow in later rounds."""
        return (self.round[1] - self.round[0] - 1) * self.spec.epochs if self.round else 0

    @property
    def loss_function(self) -> LossFunction:
        """``loss(labels, logits)``."""
        return build_loss(self.loss, self.inputs.weights, self.inputs.grades)
