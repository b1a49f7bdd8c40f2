"""The network of the chest tutorial: four blocks, trained from scratch."""

import keras
from keras import layers

from radpipe.config.training import TrainSpec
from radpipe.errors import ConfigError
from radpipe.training.models.head import attach
from radpipe.training.models.problem import Problem

FILTERS = (16, 32, 64, 128)


def build(spec: TrainSpec, problem: Problem) -> keras.Model:
    """Build convolution, ReLU, 2x2 maximum and batch normalisation, four times; then the head.

    Parameters
    ----------
    spec
        kernel, padding, momentum, head.
    problem
        Its mean and standard deviation become the first layer.

    Raises
    ------
    ConfigError
        If the image is too small for the kernel.
    """
    check_size(spec, problem.size)
    pixels = keras.Input(problem.shape, name="pixels")
    # float32: in half precision the standardised grey would be rounded before anything is learned.
    scale = [1 / std for std in problem.std]
    offset = [-mean / std for mean, std in zip(problem.mean, problem.std, strict=True)]
    x = layers.Rescaling(scale, offset, name="standardise", dtype="float32")(pixels)
    for number, filters in enumerate(FILTERS, 1):
        convolve = layers.Conv2D(
            filters, spec.kernel, padding=spec.padding, activation="relu", name=f"convolution{number}"
        )
        x = layers.MaxPooling2D(2, name=f"maximum{number}")(convolve(x))
        x = layers.BatchNormalization(momentum=spec.momentum, name=f"normalise{number}")(x)
    return keras.Model(pixels, attach(x, spec.head, problem), name="small_cnn")


def check_size(spec: TrainSpec, size: int) -> None:
    """Refuse a kernel that leaves nothing of the image, before Keras does in its own words."""
    side = size
    for number, _ in enumerate(FILTERS, 1):
        side = (side if spec.padding == "same" else side - spec.kernel + 1) // 2
        if side < 1:
            raise ConfigError(
                f"train.kernel: {spec.kernel} with padding {spec.padding} leaves nothing of {size} px in"
                f" block {number}, expected a smaller kernel, padding same or a larger image.size"
            )
