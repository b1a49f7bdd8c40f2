"""One training and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass

from radpipe.config import Loss, TrainSpec
from radpipe.losses import LossFunction, arm
from radpipe.training.inputs import Inputs
from radpipe.training.schedule import Row


@dataclass(frozen=True)
class Run:
    """One arm and one seed of a data set.

    Attributes
    ----------
    inputs, spec
        The same for all runs of a data set.
    loss, seed
        What tells them apart.
    on_epoch
        Called with each finished line of the history, None for nobody.
    """

    inputs: Inputs
    spec: TrainSpec
    loss: Loss
    seed: int
    on_epoch: Callable[[Row], None] | None

    @property
    def name(self) -> str:
        """The folder of its outputs."""
        return f"{self.loss}_s{self.seed}"

    @property
    def loss_function(self) -> LossFunction:
        """``loss(labels, logits)``."""
        return arm(self.loss, self.inputs.weights, self.inputs.grades)
