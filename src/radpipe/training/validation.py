"""The validation part, seen once per epoch: everything is computed from the same logits."""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.evaluation.metrics import compute_macro_auroc
from radpipe.training.batches.pixels import open_pixels
from radpipe.training.batches.samples import select
from radpipe.training.batches.sequence import Batches
from radpipe.training.counts import KnownRates
from radpipe.training.inputs import Inputs
from radpipe.training.run import Training
from radpipe.training.schedule import EpochLog


def batches_of(run: Training, split: str) -> Batches:
    """Return the batches of one part in the order of the cases, as they are."""
    samples = select(run.inputs.cases, run.inputs.labels, split)
    return Batches(open_pixels(run.inputs.pixels), samples, run.spec, seed=None)


def predict(model: keras.Model, batches: Batches) -> NDArray[np.float32]:
    """Return the logits of all samples, (samples, targets) float32."""
    logits: NDArray[np.float32] = model.predict(batches, verbose=0)
    return logits


def score(run: Training, labels: NDArray[np.float32], logits: NDArray[np.float32]) -> EpochLog:
    """Return the columns val_... of the history.

    Parameters
    ----------
    run
        Its loss is computed.
    labels, logits : (cases, targets) float32
        Of the validation part.
    """
    rates = KnownRates()
    rates.update_state(ops.convert_to_tensor(labels), ops.convert_to_tensor(logits))
    return {
        "val_loss": float(run.loss_function(labels, logits)),
        "val_auroc": compute_macro_auroc(labels, logits) if np.isfinite(logits).all() else float("nan"),
        **{f"val_{name}": float(value) for name, value in rates.result().items()},
    }


def check_parts(inputs: Inputs, monitor: str, which: str = "") -> None:
    """Refuse, before anything is trained, parts that cannot be trained or validated on.

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
        If the training or validation part is empty, or if early stopping watches an AUROC that no target
        has.
    """
    for split in ("train", "val"):
        if not len(inputs.of_split(split)[0]):
            raise DataError(
                f"split: no image in the part {split}{which}, expected some; check the section split"
            )
    labels = inputs.of_split("val")[1]
    if monitor == "auroc" and np.isnan(compute_macro_auroc(labels, np.zeros_like(labels))):
        raise DataError(
            "train.monitor: auroc, but no target has both a positive and a negative in the validation"
            f" part{which}; enlarge it (split.val, or fewer split.folds) or set train.monitor to loss"
        )
