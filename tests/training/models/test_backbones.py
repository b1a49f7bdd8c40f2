import sys
from typing import get_args

import keras
import numpy as np
import pytest

from radpipe.config.training import HeadSpec, ModelName
from radpipe.errors import ConfigError
from radpipe.training.models import backbones, preprocessing, registry
from radpipe.training.models.problem import Problem

pytestmark = pytest.mark.keras
NAMES = [name for name in get_args(ModelName) if name != "small_cnn"]
GREY = np.array([0, 1, 60, 128, 254, 255], np.float32).reshape(1, 2, 3, 1)


@pytest.fixture
def spec(spec):
    """Return a small backbone from scratch."""
    return spec.model_copy(update={"model": "MobileNet"})


@pytest.fixture(scope="module")
def mobilenet():
    """Return a backbone with weights of its own."""
    return keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))


def same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def test_every_backbone_of_keras_applications_has_a_name_in_the_schema():
    known = {name for name in vars(keras.applications) if callable(getattr(keras.applications, name))}
    assert known == set(NAMES)
    assert set(registry.MODELS) == {"small_cnn", *NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_each_backbone_is_fed_what_its_weights_want(name):
    rgb = np.concatenate([GREY, GREY[:, ::-1], 255 - GREY], axis=-1)
    module = sys.modules[getattr(keras.applications, name).__module__]
    pixels = keras.Input((2, 3, 3))
    treat = keras.Model(pixels, preprocessing.preprocess(pixels, preprocessing.find_mode(name)))
    wanted = module.preprocess_input(rgb.copy())
    np.testing.assert_allclose(treat(rgb), wanted, rtol=1e-5, atol=1e-5)


def test_a_grey_image_becomes_three_equal_channels():
    pixels = keras.Input((2, 3, 1))
    rgb = keras.Model(pixels, preprocessing.convert_to_rgb(pixels))(GREY)
    np.testing.assert_array_equal(rgb, np.repeat(GREY, 3, axis=-1))


def test_two_channels_are_refused(spec):
    with pytest.raises(ConfigError, match="expected images of 1 or 3 channels for a backbone, found 2"):
        registry.build(spec, Problem(size=32, mean=(0.0, 0.0), std=(1.0, 1.0), targets=1))


def test_an_image_smaller_than_a_backbone_takes_is_refused(spec, problem):
    with pytest.raises(ConfigError, match=r"image.size: InceptionV3 cannot take 32 px: .*at least 75x75"):
        registry.build(spec.model_copy(update={"model": "InceptionV3"}), problem)


@pytest.mark.parametrize("suffix", ["weights.h5", "h5", "keras"])
def test_a_local_file_fills_the_backbone(spec, problem, mobilenet, tmp_path, suffix):
    path = tmp_path / f"mobilenet.{suffix}"
    (mobilenet.save_weights if suffix == "weights.h5" else mobilenet.save)(path)
    model = registry.build(spec.model_copy(update={"weights": str(path)}), problem)
    assert same_weights(backbones.find_backbone(model), mobilenet)


def test_the_backbone_of_a_model_that_radpipe_trained_can_be_reused(spec, problem, tmp_path):
    first = registry.build(spec, problem)
    first.save(tmp_path / "model.keras")
    other = Problem(size=32, mean=(0.0,), std=(1.0,), targets=5)
    model = registry.build(spec.model_copy(update={"weights": str(tmp_path / "model.keras")}), other)
    assert same_weights(backbones.find_backbone(model), backbones.find_backbone(first))


def test_an_absent_file_is_named(spec, problem, tmp_path):
    path = tmp_path / "none.h5"
    with pytest.raises(ConfigError, match=r"train.weights: .*none.h5 not found"):
        registry.build(spec.model_copy(update={"weights": str(path)}), problem)


@pytest.mark.parametrize("suffix", ["weights.h5", "keras"])
def test_weights_of_another_network_do_not_fit(spec, problem, tmp_path, suffix):
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    path = tmp_path / f"other.{suffix}"
    (other.save_weights if suffix == "weights.h5" else other.save)(path)
    with pytest.raises(ConfigError, match=r"train.weights: .* does not fit MobileNet without its top"):
        registry.build(spec.model_copy(update={"weights": str(path)}), problem)


def test_a_file_that_is_no_weights_at_all_does_not_fit(spec, problem, tmp_path):
    path = tmp_path / "text.h5"
    path.write_text("not HDF5")
    with pytest.raises(ConfigError, match="does not fit"):
        registry.build(spec.model_copy(update={"weights": str(path)}), problem)


def test_imagenet_weights_that_cannot_be_fetched_are_one_clear_line(spec, problem, monkeypatch):
    def offline(**_):
        raise Exception("URL fetch failure on https://example.org/x.h5: None")

    monkeypatch.setattr(keras.applications, "MobileNet", offline)
    with pytest.raises(ConfigError, match=r"imagenet weights of MobileNet .* give its path") as raised:
        registry.build(spec.model_copy(update={"weights": "imagenet"}), problem)
    assert "\n" not in str(raised.value)


def test_published_efficientnet_statistics_divide_by_the_standard_deviation():
    layer = keras.layers.Normalization()
    layer.build((None, 2, 2, 3))
    layer.set_weights([np.array([0.5, 0.5, 0.5]), np.array([0.229, 0.224, 0.225]), np.array(0)])
    backbones._correct_statistics(layer)
    white = layer(np.ones((1, 1, 1, 3), np.float32))
    np.testing.assert_allclose(white, [[[[0.5 / 0.229, 0.5 / 0.224, 0.5 / 0.225]]]], rtol=1e-5)


def test_only_the_last_layers_learn_and_batch_normalisation_never(spec, problem):
    model = registry.build(spec, problem)
    backbone = backbones.find_backbone(model)
    registry.set_learning(model, 5)
    assert [layer.name for layer in backbone.layers[-5:] if layer.trainable_variables] == ["conv_pw_13"]
    assert len(model.trainable_variables) == 1 + 2
    registry.set_learning(model, 0)
    assert len(model.trainable_variables) == 2
    registry.set_learning(model, "all")
    kinds = {type(layer).__name__ for layer in backbone.layers if layer.trainable_variables}
    assert kinds == {"Conv2D", "DepthwiseConv2D"}


def test_a_negative_number_leaves_out_the_last_layers(spec, problem):
    model = registry.build(spec, problem)
    layers = backbones.find_backbone(model).layers
    registry.set_learning(model, -3)
    learning = [layer.name for layer in layers if layer.trainable_variables]
    assert "conv_pw_13" not in learning  # followed by its normalisation and its activation
    assert {"conv1", "conv_dw_13"} <= set(learning)
    registry.set_learning(model, len(layers) + 1)
    assert layers[1].trainable


def test_vgg16_with_a_dense_head_learns_its_last_four_layers(spec, problem):
    head = HeadSpec(pooling="flatten", dense=(512,), dropout=0.5)
    model = registry.build(spec.model_copy(update={"model": "VGG16", "head": head}), problem)
    assert [layer.name for layer in model.layers[-4:]] == ["pool", "dense1", "dropout", "logits"]
    registry.set_learning(model, 0)
    assert [variable.path for variable in model.trainable_variables] == [
        "dense1/kernel", "dense1/bias", "logits/kernel", "logits/bias",
    ]  # fmt: skip
    registry.set_learning(model, 4)
    learning = [layer.name for layer in backbones.find_backbone(model).layers if layer.trainable_variables]
    assert learning == ["block5_conv1", "block5_conv2", "block5_conv3"]


def test_efficientnet_learns_all_but_its_last_layer(spec, problem):
    model = registry.build(spec.model_copy(update={"model": "EfficientNetB0"}), problem)
    registry.set_learning(model, -1)
    backbone = backbones.find_backbone(model)
    convolutions = [layer for layer in backbone.layers if isinstance(layer, keras.layers.Conv2D)]
    assert all(layer.trainable for layer in convolutions)
    assert [layer.name for layer in backbone.layers if not layer.trainable][-2:] == [
        "top_bn",
        "top_activation",
    ]


def test_a_frozen_backbone_keeps_its_statistics_while_the_head_learns(spec, problem):
    model = registry.build(spec, problem)
    registry.set_learning(model, 0)
    model.compile(optimizer="sgd", loss="mse", jit_compile=False)
    before = [weights.copy() for weights in backbones.find_backbone(model).get_weights()]
    head = model.get_layer("logits").get_weights()[1]
    model.train_on_batch(np.full((2, 32, 32, 1), 200, np.uint8), np.ones((2, 3), np.float32))
    after = backbones.find_backbone(model).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert not np.array_equal(model.get_layer("logits").get_weights()[1], head)
