"""Features -> logits."""

from typing import Any

from keras import layers

from radpipe.config.train import HeadSpec

POOLING = {
    "average": layers.GlobalAveragePooling2D,
    "max": layers.GlobalMaxPooling2D,
    "flatten": layers.Flatten,
}


def attach(features: Any, spec: HeadSpec, targets: int) -> Any:
    """Return the logits of a feature map.

    Parameters
    ----------
    features : (batch, height, width, channels)
        Symbolic tensor.
    spec
        Pooling, hidden layers, dropout.
    targets : int
        Number of logits.

    Returns
    -------
    (batch, targets) float32
        Symbolic tensor; float32 under mixed precision too.
    """
    x = POOLING[spec.pooling](name="pool")(features)
    for number, units in enumerate(spec.dense, 1):
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
    x = layers.Dropout(spec.dropout, name="dropout")(x)
    return layers.Dense(targets, dtype="float32", name="logits")(x)
