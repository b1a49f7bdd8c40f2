"""The section on how a network is trained."""

from typing import Annotated, Literal

from pydantic import Field

from radpipe.config.base import Number, Section, Share, Unique

# The backbones of keras.applications, held against it by a test: importing Keras here would cost 8 s.
ModelName = Literal[
    "small_cnn",
    "ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtSmall", "ConvNeXtTiny", "ConvNeXtXLarge",
    "DenseNet121", "DenseNet169", "DenseNet201",
    "EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3", "EfficientNetB4",
    "EfficientNetB5", "EfficientNetB6", "EfficientNetB7",
    "EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3",
    "EfficientNetV2L", "EfficientNetV2M", "EfficientNetV2S",
    "InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Large",
    "MobileNetV3Small", "NASNetLarge", "NASNetMobile",
    "ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2",
    "VGG16", "VGG19", "Xception",
]  # fmt: skip


class HeadSpec(Section):
    """What is between the features and the logits."""

    pooling: Literal["average", "max", "flatten"]
    dense: tuple[Annotated[int, Field(ge=1, le=8192)], ...] = Field(description="Units of each hidden layer")
    dropout: Number = Field(ge=0, lt=1)


class FineTuneSpec(Section):
    """A frozen backbone first, then its last layers at a lower rate; `small_cnn` ignores it."""

    frozen_epochs: int = Field(ge=0, description="Epochs in which the head alone learns")
    layers: int | Literal["all"] = Field(
        description="Last layers of the backbone that learn afterwards; -1: all but the last one, and so on"
    )
    learning_rate: Number = Field(gt=0, le=1, description="Rate after the frozen epochs")


class RareSpec(Section):
    """Rare findings shown more often, each time rotated and zoomed at random."""

    findings: Annotated[tuple[str, ...], Unique]
    copies: int = Field(ge=0, le=100, description="Times a training image with one of them is repeated")
    rotation: Number = Field(ge=0, le=1, description="Largest angle, as a share of a full turn")
    zoom: Number = Field(ge=0, lt=1, description="Largest change of scale, as a share")


class AugmentSpec(Section):
    """Random changes of every training image; 0 and false leave it as it is."""

    brightness: Number = Field(ge=0, le=1, description="Largest shift, as a share of the grey range")
    contrast: Number = Field(ge=0, lt=1, description="Largest change of the factor around the mean")
    crop: Number = Field(ge=0, lt=0.9, description="Largest share of each side cut off, then resized")
    quarter_turns: bool
    mirror: bool = Field(description="Left-right flip; targets left_... and right_... change places")


class TrainSpec(Section):
    """One training run."""

    model: ModelName
    kernel: int = Field(ge=1, le=15, description="Side of the convolutions of `small_cnn` [px]")
    padding: Literal["same", "valid"] = Field(description="Of the convolutions of `small_cnn`")
    momentum: Share = Field(description="Of the moving averages of batch normalisation in `small_cnn`")
    weights: str = Field(min_length=1, description="none, imagenet, or a local .h5 / .keras file")
    head: HeadSpec
    fine_tune: FineTuneSpec
    epochs: int = Field(ge=1, le=10_000)
    batch_size: int = Field(ge=1, le=4096)
    steps_share: Number = Field(
        gt=0, le=1, description="Share of the batches shown in an epoch, drawn anew each time"
    )
    learning_rate: Number = Field(gt=0, le=1)
    decay: Number = Field(gt=0, le=1, description="Factor of the learning rate from epoch to epoch")
    monitor: Literal["auroc", "loss"] = Field(
        description="What early stopping watches on the validation part"
    )
    patience: int = Field(ge=1, description="Epochs without a gain after which training stops")
    rare: RareSpec
    augment: AugmentSpec
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"]
    xla: Literal["auto", "on", "off"]
    deterministic: bool = Field(description="Bitwise repeatable operations, where the backend has them")
