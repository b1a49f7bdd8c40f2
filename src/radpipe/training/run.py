"""One training and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass

from radpipe.config.parameters import Loss
from radpipe.config.runs import format_run_name
from radpipe.config.training import TrainSpec
from radpipe.training.inputs import Inputs
from radpipe.training.losses import LossFunction, arm
from radpipe.training.schedule import EpochLog


@dataclass(frozen=True)
class Training:
    """One arm and one seed of a data set, or one round of them.

    Attributes
    ----------
    inputs, spec
        The same for all runs of a data set.
    loss, seed
        What tells them apart.
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
        """What it is called while it goes on; begins with the folder of its outputs."""
        return format_run_name(self.loss, self.seed) + (f" round {self.round[0]}" if self.round else "")

    @property
    def epochs_after(self) -> int:
        """At most as many epochs follow in later rounds."""
        return (self.round[1] - self.round[0] - 1) * self.spec.epochs if self.round else 0

    @property
    def loss_function(self) -> LossFunction:
        """``loss(labels, logits)``."""
        return arm(self.loss, self.inputs.weights, self.inputs.grades)
