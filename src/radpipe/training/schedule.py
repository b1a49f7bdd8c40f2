"""What happens in which epoch, and when training ends: functions of the parameters and the history."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from radpipe.config.training import TrainSpec

EpochLog = dict[str, float]  # one line of history.csv


@dataclass(frozen=True)
class Phase:
    """Epochs in which the same layers learn.

    Attributes
    ----------
    first, last : int
        Epochs ``first <= epoch < last``, counted from 0.
    rate : float
        Learning rate of the first of them.
    layers
        How many of the last layers of the backbone learn, see set_learning; None: the whole network, from
        scratch.
    """

    first: int
    last: int
    rate: float
    layers: int | Literal["all"] | None


def plan(spec: TrainSpec) -> list[Phase]:
    """Return the phases of a training.

    Without pretrained weights there is nothing to keep: one phase, and `fine_tune` is unused.
    """
    if spec.model == "small_cnn" or spec.weights == "none":
        return [Phase(0, spec.epochs, spec.learning_rate, None)]
    frozen = min(spec.fine_tune.frozen_epochs, spec.epochs)
    phases = [
        Phase(0, frozen, spec.learning_rate, 0),
        Phase(frozen, spec.epochs, spec.fine_tune.learning_rate, spec.fine_tune.layers),
    ]
    return [phase for phase in phases if phase.first < phase.last]


def compute_rate(phase: Phase, epoch: int, decay: float) -> float:
    """Return the learning rate of an epoch: the phase's own, times `decay` for each epoch since."""
    return phase.rate * decay ** (epoch - phase.first)


def find_best_epoch(history: Sequence[EpochLog], monitor: Literal["auroc", "loss"]) -> int:
    """Return the position of the best epoch in the history; of equal ones the first.

    Parameters
    ----------
    history
        At least one line, each with val_auroc and val_loss.
    monitor
        The largest AUROC or the smallest loss.
    """
    values = [log["val_auroc"] if monitor == "auroc" else -log["val_loss"] for log in history]
    return max(range(len(values)), key=values.__getitem__)


def is_over(history: Sequence[EpochLog], spec: TrainSpec) -> bool:
    """Return whether all epochs are done, or `patience` epochs have brought no gain.

    Epochs with a frozen backbone do not count: training does not end before the backbone has had its
    turn. A function of the history alone, so that a resumed training stops where any other does.
    """
    if len(history) >= spec.epochs:
        return True
    start = plan(spec)[-1].first
    if len(history) <= start:
        return False
    since = max(find_best_epoch(history, spec.monitor) + 1, start)
    return len(history) - since >= spec.patience


def is_finite(log: EpochLog) -> bool:
    """Return whether both losses of an epoch are finite."""
    return math.isfinite(log["loss"]) and math.isfinite(log["val_loss"])
