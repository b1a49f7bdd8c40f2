"""Features -> logits."""

from typing import Any

import numpy as np
from keras import layers, ops

from radpipe.config.training import HeadSpec
from radpipe.training.models.problem import Problem

NEVER = -1e9  # the score of a class that does not exist: exp of it is 0
POOLING = {
    "average": layers.GlobalAveragePooling2D,
    "max": layers.GlobalMaxPooling2D,
    "flatten": layers.Flatten,
}


def attach(features: Any, spec: HeadSpec, problem: Problem) -> Any:
    """Return the logits of a feature map.

    Parameters
    ----------
    features : (batch, height, width, channels)
        Symbolic tensor.
    spec
        Pooling, hidden layers, dropout.
    problem
        Number of logits, and which of them are the classes of one grade.

    Returns
    -------
    (batch, targets) float32
        Symbolic tensor, the log odds of each target; float32 under mixed precision too.
    """
    x = POOLING[spec.pooling](name="pool")(features)
    for number, units in enumerate(spec.dense, 1):
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
    x = layers.Dropout(spec.dropout, name="dropout")(x)
    scores = layers.Dense(problem.targets, dtype="float32", name="logits")(x)
    return compete(scores, problem.grades) if problem.grades else scores


def compete(scores: Any, grades: tuple[tuple[int, ...], ...]) -> Any:
    """Turn the scores of classes into the log odds of each against the others of its grade.

    The sigmoid of the result is the softmax over the grade: whatever reads the log odds of binary targets
    reads those of classes as well.

    Parameters
    ----------
    scores : (batch, targets) float32
        Symbolic tensor.
    grades
        Positions of the classes of each grade; each target is in one of them.
    """
    targets = scores.shape[1]
    rivals = np.full((targets, max(map(len, grades)) - 1), targets, np.int32)
    for at in grades:
        for position in at:
            rivals[position, : len(at) - 1] = [other for other in at if other != position]
    padded = ops.pad(scores, [[0, 0], [0, 1]], constant_values=NEVER)
    return scores - ops.logsumexp(ops.take(padded, rivals, axis=1), axis=-1)
