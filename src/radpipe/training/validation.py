"""The validation set, predicted once per epoch: everything is computed from the same logits."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.evaluation.metrics import compute_macro_auroc
from radpipe.training.batches.pixels import open_pixels
from radpipe.training.batches.samples import select
from radpipe.training.batches.sequence import Batches
from radpipe.training.inputs import Inputs, Training
from radpipe.training.schedule import EpochLog


class KnownRates(keras.metrics.Metric):  # type: ignore[misc]
    """Accuracy, precision and recall over known labels, streamed through an epoch.

    Pooled over all targets, at probability 0.5, from logits; NaN for 0 / 0.

    Keras' own metrics count an unknown label as negative and 0 / 0 as 0.
    """

    def __init__(self, name: str = "rates") -> None:
        super().__init__(name=name)
        # Found or not (rows) x present or not (columns), of all known labels.
        self.counts = self.add_variable((2, 2), initializer="zeros", dtype="float32", name="counts")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count one batch: labels (batch, targets), NaN = unknown, and their logits."""
        found = ops.cast(y_pred >= 0, "float32")
        present = ops.cast(y_true == 1, "float32")
        absent = ops.cast(y_true == 0, "float32")
        rows = [[mask * kind for kind in (absent, present)] for mask in (1 - found, found)]
        self.counts.assign_add(ops.stack([ops.stack([ops.sum(cell) for cell in row]) for row in rows]))

    def result(self) -> dict[str, Any]:
        """Return the three rates."""
        hits = self.counts[1, 1]
        return {
            "accuracy": (self.counts[0, 0] + hits) / ops.sum(self.counts),
            "precision": hits / ops.sum(self.counts[1]),
            "recall": hits / ops.sum(self.counts[:, 1]),
        }


def build_batches(training: Training, split: str) -> Batches:
    """Return the batches of one split in the order of the cases, as they are."""
    inputs = training.inputs
    samples = select(inputs.cases, inputs.labels, split)
    return Batches(open_pixels(inputs.pixels), samples, training.spec, seed=None)


def predict(model: keras.Model, batches: Batches) -> NDArray[np.float32]:
    """Return the logits of all samples, (samples, targets) float32."""
    logits: NDArray[np.float32] = model.predict(batches, verbose=0)
    return logits


def score(training: Training, labels: NDArray[np.float32], logits: NDArray[np.float32]) -> EpochLog:
    """Return the columns val_... of the history.

    Parameters
    ----------
    training
        Its loss is computed.
    labels, logits : (cases, targets) float32
        Of the validation set.
    """
    rates = KnownRates()
    rates.update_state(ops.convert_to_tensor(labels), ops.convert_to_tensor(logits))
    return {
        "val_loss": float(training.loss_function(labels, logits)),
        "val_auroc": compute_macro_auroc(labels, logits) if np.isfinite(logits).all() else float("nan"),
        **{f"val_{name}": float(value) for name, value in rates.result().items()},
    }


def check_splits(inputs: Inputs, monitor: str, which: str = "") -> None:
    """Refuse, before anything is trained, splits that cannot be trained or validated on.

    Parameters
    ----------
    inputs
        Their cases and labels.
    monitor
        What early stopping watches.
    which
        Names the round in the message.

    Raises
    ------
    DataError
        If the training or validation set is empty, or if early stopping watches an AUROC that no target
        has.
    """
    for split in ("train", "val"):
        if not len(inputs.select_split(split)[0]):
            raise DataError(
                f"split: no image in the part {split}{which}, expected some; check the section split"
            )
    labels = inputs.select_split("val")[1]
    if monitor == "auroc" and np.isnan(compute_macro_auroc(labels, np.zeros_like(labels))):
        raise DataError(
            "train.monitor: auroc, but no target has both a positive and a negative in the validation"
            f" part{which}; enlarge it (split.val, or fewer split.folds) or set train.monitor to loss"
        )
