"""The networks of a cross-validation as one model; each of them stays in it, whole."""

from collections.abc import Sequence

import keras
from keras import ops


def join(networks: Sequence[keras.Model]) -> keras.Model:
    """Build one model of several networks: the log odds of the mean of their probabilities.

    The mean of probabilities, not of log odds: those of classes that exclude each other still add up to 1.

    Parameters
    ----------
    networks
        Of one input shape, with logits of the same targets.

    Returns
    -------
    keras.Model
        Grey levels -> (batch, targets) float32 logits, as each of them.

    References
    ----------
    ``log(mean p / mean (1 - p))``, both means as sums of exponentials: see Blanchard, Higham and Higham, IMA
    Journal of Numerical Analysis 41, 2021. A probability of 0 or 1 in float32 keeps its log odds.
    """
    members = [
        keras.Model(network.input, network.output, name=_format_round(number))
        for number, network in enumerate(networks)
    ]
    pixels = keras.Input(networks[0].input_shape[1:], name="pixels")
    logits = ops.stack([member(pixels) for member in members])
    present = ops.logsumexp(ops.log_sigmoid(logits), axis=0)
    absent = ops.logsumexp(ops.log_sigmoid(-logits), axis=0)
    return keras.Model(pixels, present - absent, name="cross_validation")


def find_member(model: keras.Model, number: int) -> keras.Model:
    """Return the network of one round from a model of `join`, also from one that was saved and loaded."""
    return model.get_layer(_format_round(number))


def _format_round(number: int) -> str:
    return f"round_{number}"
