"""The networks: name -> build(spec, problem) -> keras.Model from grey levels 0..255 to logits.

A model carries its own input treatment, made of layers that any Keras can load: `model.keras` and
images are all that is needed to use it.
"""

from collections.abc import Callable
from typing import get_args

import keras

from radpipe.config.training import ModelName, TrainSpec
from radpipe.training.models import backbones, small_cnn
from radpipe.training.models.backbones import set_learning
from radpipe.training.models.problem import Problem

__all__ = ["MODELS", "Problem", "build", "set_learning"]

Builder = Callable[[TrainSpec, Problem], keras.Model]
MODELS: dict[str, Builder] = dict.fromkeys(get_args(ModelName), backbones.build)
MODELS["small_cnn"] = small_cnn.build


def build(spec: TrainSpec, problem: Problem) -> keras.Model:
    """Build the network that `spec` names, with fresh weights from the random state of the session.

    Parameters
    ----------
    spec
        model, kernel, padding, momentum, weights, head.
    problem
        Shape and statistics of the input, number of targets.

    Returns
    -------
    keras.Model
        (batch, size, size, channels), 0..255 -> (batch, targets) float32 logits.

    Raises
    ------
    ConfigError
        If the network cannot take such images or weights.
    """
    return MODELS[spec.model](spec, problem)
