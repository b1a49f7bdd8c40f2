"""Grad-CAM: how much each place of the last feature map contributes to a target.

References
----------
Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, IEEE
International Conference on Computer Vision 2017, equations 1 and 2; also https://arxiv.org/abs/1610.02391.
"""

import importlib
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported, which comes next

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import layers, ops
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.explanation.cases import NetworkMaps
from radpipe.predictions import ROUND
from radpipe.training import runtime
from radpipe.training.batches.pixels import open_pixels, read_rows
from radpipe.training.models.backbones import find_backbone
from radpipe.training.models.ensemble import find_member

BATCH = 32  # images in memory at a time
# They follow the last convolution and do not change what is where in its features.
FOLLOWERS = (
    layers.MaxPooling2D,
    layers.AveragePooling2D,
    layers.BatchNormalization,
    layers.Dropout,
    layers.GlobalAveragePooling2D,
    layers.GlobalMaxPooling2D,
)


@dataclass(frozen=True)
class Halves:
    """A network cut at its last feature map.

    Attributes
    ----------
    layer
        Name of the layer that makes the features.
    front
        Grey levels (batch, size, size, channels) -> features (batch, height, width, features).
    back
        Features -> scores (batch, targets): logits; of classes, before they compete.
    """

    layer: str
    front: keras.Model
    back: keras.Model


def draw_maps(path: Path, pixels: Path, pairs: pd.DataFrame) -> NetworkMaps:
    """Draw the map of one target for each of some images.

    Parameters
    ----------
    path
        model.keras of this project.
    pixels
        pack/pixels.npy.
    pairs : DataFrame
        pixel_row: row of `pixels`; target: position among the outputs of the network; of a cross-validation
        also round: the network of `path` that has not seen the patient in training.

    Raises
    ------
    DataError
        If the model or the images cannot be read.
    """
    runtime.prepare_backend(deterministic=True)
    images = open_pixels(pixels)
    try:
        model = keras.saving.load_model(path, compile=False)
    except (ValueError, OSError) as error:
        raise DataError(f"{path}: not a model ({' '.join(str(error).split())[:200]})") from None
    rows, targets = (pairs[name].to_numpy(np.int64) for name in ("pixel_row", "target"))
    rounds = pairs[ROUND].to_numpy() if ROUND in pairs else np.zeros(len(pairs), np.int64)
    drawn: dict[int, NDArray[np.float32]] = {}
    for number in np.unique(rounds):
        halves = cut_network(find_member(model, int(number)) if ROUND in pairs else model)
        mine = np.flatnonzero(rounds == number)
        for at in range(0, len(mine), BATCH):
            batch = mine[at : at + BATCH]
            maps = compute_maps(halves, read_rows(images, rows[batch]), targets[batch])
            drawn |= zip(batch, maps, strict=True)
    return NetworkMaps(halves.layer, np.stack([drawn[place] for place in range(len(pairs))]))


def cut_network(model: keras.Model) -> Halves:
    """Cut a network of `radpipe.training.models.registry` at its last convolution's feature map.

    Poolings and normalisations after it are left to the second half. The first half of a network with a
    backbone is its input treatment and the backbone's own first half.

    Raises
    ------
    ValueError
        If it has no feature map.
    """
    backbone = find_backbone(model)
    inner = model if backbone is None else backbone
    layer = find_last_feature_layer(inner)
    scores = model.get_layer("logits").output
    if backbone is None:
        return Halves(layer.name, keras.Model(model.input, layer.output), keras.Model(layer.output, scores))
    before = model.layers[model.layers.index(backbone) - 1]
    prepared = keras.Model(model.input, before.output)
    head = keras.Model(model.get_layer("pool").input, scores)
    front = chain_models(prepared, keras.Model(backbone.input, layer.output))
    follows = layer is not backbone.layers[-1]
    back = chain_models(keras.Model(layer.output, backbone.output), head) if follows else head
    return Halves(layer.name, front, back)


def chain_models(first: keras.Model, second: keras.Model) -> keras.Model:
    """Apply one model after the other."""
    return keras.Model(first.input, second(first.output))


def find_last_feature_layer(model: keras.Model) -> Any:
    """Return the last layer with an output (batch, height, width, features), but for `FOLLOWERS`."""
    for layer in reversed(model.layers):
        if len(getattr(layer.output, "shape", ())) == 4 and not isinstance(layer, FOLLOWERS):
            return layer
    raise ValueError("it has no feature map of height and width")


def compute_maps(
    halves: Halves, images: NDArray[np.uint8], targets: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return ReLU(sum over the features of feature x mean gradient).

    Parameters
    ----------
    images : (batch, size, size, channels) uint8
    targets : (batch,) int64

    Returns
    -------
    (batch, height, width) float32
    """
    features = ops.convert_to_tensor(halves.front.predict_on_batch(images))
    slopes = differentiate(halves.back, features, np.eye(halves.back.output_shape[-1])[targets])
    weights = slopes.mean(axis=(1, 2), keepdims=True)
    values = ops.convert_to_numpy(features).astype(np.float32)
    drawn: NDArray[np.float32] = np.maximum((weights * values).sum(axis=-1), 0)
    return drawn


def differentiate(back: keras.Model, features: Any, chosen: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the gradient of each image's chosen score by its features.

    Parameters
    ----------
    back
        Features -> scores.
    features : (batch, height, width, features)
        Tensor of the backend.
    chosen : (batch, targets) float64
        1 for the target of each image, 0 elsewhere. Images do not mix, so the sum of their scores has the
        gradient of each.

    Returns
    -------
    (batch, height, width, features) float32
    """

    def sum_scores(values: Any) -> Any:
        return ops.sum(back(values, training=False) * ops.convert_to_tensor(chosen, "float32"))

    if keras.backend.backend() == "jax":
        slopes = importlib.import_module("jax").grad(sum_scores)(features)
    else:
        with importlib.import_module("tensorflow").GradientTape() as tape:
            tape.watch(features)
            summed = sum_scores(features)
        slopes = tape.gradient(summed, features)
    found: NDArray[np.float32] = ops.convert_to_numpy(slopes).astype(np.float32)
    return found
