"""Cross-entropy from log odds: binary and categorical, plain, weighted and masked are one function."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from radpipe.config.parameters import Loss

Tensor = Any  # of the backend in use
LossFunction = Callable[[Tensor, Tensor], Tensor]


def compute_weighted_bce(
    labels: Tensor, logits: Tensor, weights: NDArray[np.floating[Any]], shares: Tensor = 1.0
) -> Tensor:
    """Return the mean over known labels of ``w1 y softplus(-z) + w0 (1 - y) softplus(z)``.

    Parameters
    ----------
    labels : (batch, targets) floating
        1, 0 or NaN = unknown: neither the loss nor its gradient depends on the logit there.
    logits : (batch, targets) floating
        Log odds z. Any precision: the arithmetic is float32, for float16 overflows at 65,504.
    weights : (2, targets) floating
        Row 0 weighs an absent finding, row 1 a present one.
    shares : (targets,) float32, or one for all
        What a known label counts for in the mean: 1, or 1 / K for each of the K classes of a grade.

    Returns
    -------
    () float32
        0 if no label is known.

    Notes
    -----
    Of a class, the log odds against the other classes of its grade make ``softplus(-z)`` its -log softmax:
    with weights of 0 for absent and `shares` of 1 / K this is the categorical cross-entropy, each grade
    weighted by its true class, and the mean over the known grades.
    """
    labels = ops.cast(labels, "float32")
    logits = ops.cast(logits, "float32")
    known = ops.logical_not(ops.isnan(labels))
    # NaN * 0 is NaN, in the gradient too: replace unknown labels before any arithmetic.
    targets = ops.where(known, labels, 0.0)
    absent, present = ops.unstack(ops.convert_to_tensor(weights, "float32"), axis=0)
    loss = present * targets * ops.softplus(-logits)
    loss += absent * (1.0 - targets) * ops.softplus(logits)
    mask = ops.cast(known, "float32")
    return ops.sum(loss * mask) / ops.maximum(ops.sum(mask * shares), 1.0)


def build_loss(
    name: Loss, weights: NDArray[np.floating[Any]], grades: Sequence[Sequence[int]] = ()
) -> LossFunction:
    """Return the loss of one arm, ``loss(labels, logits)``, for `compile`.

    Parameters
    ----------
    name
        `bce` is `wbce` with weights of one; of classes, only the present one has it.
    weights : (2, targets) floating
        See `compute_weighted_bce`.
    grades
        Positions of the classes of each grade; empty: every target is binary.
    """
    plain = np.ones_like(weights)
    shares = np.ones(weights.shape[1], np.float32)
    for at in grades:
        plain[0, list(at)] = 0
        shares[list(at)] = 1 / len(at)
    chosen = weights if name == "wbce" else plain

    def loss(labels: Tensor, logits: Tensor) -> Tensor:
        return compute_weighted_bce(labels, logits, chosen, shares)

    return loss
