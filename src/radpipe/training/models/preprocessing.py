"""Raw grey levels -> the input that each family of keras.applications was made for.

With weights or without: a network trained from scratch is fed the same way, so that its weights can be
given to the next one.
"""

from typing import Any

from keras import layers, ops

from radpipe.errors import ConfigError

# Red, green and blue of ImageNet [grey levels]; the standard deviations in the same order.
MEAN = (123.675, 116.28, 103.53)
STD = (58.395, 57.12, 57.375)
# Blue, green and red, as the VGG and ResNet weights were trained in Caffe.
CAFFE_MEAN = (103.939, 116.779, 123.68)

MODES = {
    "ConvNeXt": "inside",
    "DenseNet": "torch",
    "EfficientNet": "inside",
    "Inception": "tf",
    "MobileNetV3": "inside",
    "MobileNet": "tf",
    "NASNet": "tf",
    "ResNet": "caffe",
    "VGG": "caffe",
    "Xception": "tf",
}


def find_mode(name: str) -> str:
    """Return how a backbone wants its input.

    Returns
    -------
    str
        `inside` (0..255, the network rescales), `tf` (-1..1), `torch` (standardised by ImageNet's mean and
        standard deviation) or `caffe` (blue-green-red minus the mean).

    References
    ----------
    `preprocess_input` of each module of keras.applications; a test compares.
    """
    if name.startswith("ResNet") and name.endswith("V2"):
        return "tf"
    return next(mode for family, mode in MODES.items() if name.startswith(family))


def convert_to_rgb(pixels: Any) -> Any:
    """Return a grey image as red, green and blue; three channels stay as they are.

    Raises
    ------
    ConfigError
        For any other number of channels.
    """
    channels = pixels.shape[-1]
    if channels == 3:
        return pixels
    if channels == 1:
        return layers.Concatenate(name="rgb")([pixels, pixels, pixels])
    raise ConfigError(f"train.model: expected images of 1 or 3 channels for a backbone, found {channels}")


def preprocess(pixels: Any, mode: str) -> Any:
    """Apply one mode with layers that any Keras can load.

    Parameters
    ----------
    pixels : (batch, height, width, 3)
        Symbolic tensor, 0..255.
    mode
        See `find_mode`.
    """
    if mode == "inside":
        return pixels
    if mode == "caffe":
        pixels = ops.flip(pixels, axis=-1)
    scale, offset = {
        "tf": (1 / 127.5, -1.0),
        "torch": ([1 / std for std in STD], [-mean / std for mean, std in zip(MEAN, STD, strict=True)]),
        "caffe": (1.0, [-mean for mean in CAFFE_MEAN]),
    }[mode]
    # float32: half precision would round the grey levels.
    return layers.Rescaling(scale, offset, name="preprocess", dtype="float32")(pixels)
