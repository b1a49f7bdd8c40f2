"""Keras Applications with the project's head; what they learned elsewhere may be given."""

import warnings
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from radpipe.config.training import TrainSpec
from radpipe.errors import ConfigError
from radpipe.training.models.head import attach
from radpipe.training.models.preprocessing import convert_to_rgb, find_mode, preprocess
from radpipe.training.models.problem import Problem


def build(spec: TrainSpec, problem: Problem) -> keras.Model:
    """Build input treatment, backbone and head.

    Parameters
    ----------
    spec
        model, weights, head.
    problem
        Its mean and standard deviation are unused: pretrained weights want the statistics of ImageNet.

    Raises
    ------
    ConfigError
        If the images are too small for this backbone, or its weights are absent or do not fit.
    """
    pixels = keras.Input(problem.shape, name="pixels")
    rgb = convert_to_rgb(pixels)
    backbone = load_backbone(spec, problem.size)
    features = backbone(preprocess(rgb, find_mode(spec.model)))
    return keras.Model(pixels, attach(features, spec.head, problem), name=spec.model.lower())


def load_backbone(spec: TrainSpec, size: int) -> keras.Model:
    """Return the backbone without its top, with the weights that `spec` names."""
    make = getattr(keras.applications, spec.model)
    weights = "imagenet" if spec.weights == "imagenet" else None
    try:
        # No `name`: EfficientNetV2 decides by it how to treat its input.
        backbone = make(include_top=False, weights=weights, input_shape=(size, size, 3))
    except ValueError as error:
        raise ConfigError(f"image.size: {spec.model} cannot take {size} px: {shorten_error(error)}") from None
    except Exception as error:  # Keras raises a bare Exception when a download fails
        if weights is None:
            raise
        raise ConfigError(
            f"train.weights: the imagenet weights of {spec.model} are not in the cache of Keras and could not"
            f" be fetched ({shorten_error(error)}); download the file without top elsewhere and give its path"
        ) from None
    if spec.weights not in ("none", "imagenet"):
        fill(backbone, Path(spec.weights), spec.model)
    return backbone


def fill(backbone: keras.Model, path: Path, name: str) -> None:
    """Load a local file: the .h5 that Keras publishes without top, or a .keras, of radpipe or others.

    Raises
    ------
    ConfigError
        If the file is absent or contains another network.
    """
    if not path.is_file():
        raise ConfigError(f"train.weights: {path} not found, expected none, imagenet or a .h5 / .keras file")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="Skipping")  # Keras would keep the fresh weights
            _load(backbone, path)
    except (ValueError, OSError, KeyError, TypeError, UserWarning) as error:
        raise ConfigError(
            f"train.weights: {path} does not fit {name} without its top: {shorten_error(error)}"
        ) from None
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.weights:
            _correct_statistics(layer)


def _load(backbone: keras.Model, path: Path) -> None:
    if path.suffix == ".keras":
        source = keras.saving.load_model(path, compile=False)
        backbone.set_weights((find_backbone(source) or source).get_weights())
    else:
        backbone.load_weights(path)


def _correct_statistics(layer: keras.layers.Normalization) -> None:
    """Correct the input statistics in the published weights of EfficientNetB0 to B7.

    They contain ImageNet's standard deviation in place of the variance. Keras makes up for it with one
    more layer, but only if it is asked for `imagenet` by name.
    """
    mean, variance, *count = layer.get_weights()
    if np.allclose(variance, (0.229, 0.224, 0.225), atol=1e-3):
        layer.set_weights([mean, np.square(variance), *count])
    layer.finalize_state()  # the layer computes with copies, which set_weights leaves behind


def find_backbone(model: keras.Model) -> keras.Model | None:
    """Return the backbone inside a model of `build`, None if there is none."""
    return next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)


def set_learning(model: keras.Model, layers: int | Literal["all"]) -> None:
    """Make the head and the last layers of the backbone trainable, and freeze the rest.

    Batch normalisation of the backbone stays frozen, in inference mode, throughout: its statistics
    belong to the pretrained weights.

    Parameters
    ----------
    model
        From `build`.
    layers
        How many of the last layers of the backbone; 0: none; -n: all but the last n.

    References
    ----------
    https://keras.io/guides/transfer_learning, "Important notes about BatchNormalization layer".
    """
    backbone = find_backbone(model)
    every: list[Any] = backbone.layers if backbone else []
    chosen = slice(None)
    if layers != "all":
        chosen = slice(layers) if layers < 0 else slice(max(0, len(every) - layers), None)
    for layer in every:
        layer.trainable = False
    for layer in every[chosen]:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)


def shorten_error(error: Exception) -> str:
    """Return the message of an error of Keras without its line breaks, shortened."""
    return " ".join(str(error).split())[:200]
