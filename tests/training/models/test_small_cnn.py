import keras
import numpy as np
import pytest

from radpipe.config.training import HeadSpec
from radpipe.errors import ConfigError
from radpipe.training.models import registry
from radpipe.training.models.problem import Problem

pytestmark = pytest.mark.keras


def learning(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


@pytest.mark.parametrize(
    ("kernel", "convolutions"),
    [
        (3, (9 * 1 + 1) * 16 + (9 * 16 + 1) * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128),
        (7, (49 * 1 + 1) * 16 + (49 * 16 + 1) * 32 + (49 * 32 + 1) * 64 + (49 * 64 + 1) * 128),
    ],
)
def test_four_blocks_of_16_to_128_filters(spec, problem, kernel, convolutions):
    model = registry.build(spec.model_copy(update={"kernel": kernel}), problem)
    normalisations = 2 * (16 + 32 + 64 + 128)
    assert learning(model) == convolutions + normalisations + (128 + 1) * 3


def test_each_block_pools_before_it_normalises(spec, problem):
    names = [type(layer).__name__ for layer in registry.build(spec, problem).layers]
    assert names[:2] == ["InputLayer", "Rescaling"]
    assert names[2:14] == ["Conv2D", "MaxPooling2D", "BatchNormalization"] * 4
    assert names[14:] == ["GlobalAveragePooling2D", "Dropout", "Dense"]


def test_the_first_layer_standardises_raw_grey_levels(spec):
    problem = Problem(size=32, mean=(120.0, 10.0), std=(50.0, 5.0), targets=1)
    layer = registry.build(spec, problem).get_layer("standardise")
    grey = np.array([[[[170, 10]]]], np.uint8)
    np.testing.assert_allclose(layer(grey), [[[[1.0, 0.0]]]], atol=1e-6)


def test_outputs_are_logits_in_the_number_of_targets(spec, problem):
    layer = registry.build(spec, problem).layers[-1]
    assert layer.activation is keras.activations.linear
    assert layer.units == 3


def test_logits_are_single_precision_under_mixed_precision(spec, problem):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = registry.build(spec, problem)
    finally:
        keras.config.set_dtype_policy(before)
    assert model.get_layer("convolution1").compute_dtype == "float16"
    assert model.get_layer("standardise").compute_dtype == "float32"
    assert model.output.dtype == "float32"


def test_the_head_takes_pooling_hidden_layers_and_dropout(spec, problem):
    head = HeadSpec(pooling="flatten", dense=(20, 10), dropout=0.5)
    names = [layer.name for layer in registry.build(spec.model_copy(update={"head": head}), problem).layers]
    assert names[-5:] == ["pool", "dense1", "dense2", "dropout", "logits"]


def test_a_kernel_too_large_for_the_image_is_refused(spec, problem):
    # 32 -> 26 -> 13 -> 7 -> 3: the third block has no room for 7 x 7
    with pytest.raises(ConfigError, match=r"train.kernel: 7 with padding valid leaves nothing .* block 3"):
        registry.build(spec.model_copy(update={"kernel": 7, "padding": "valid"}), problem)


def test_48_px_and_7x7_fit_with_padding_same(spec, problem):
    wide = Problem(size=48, mean=(0.0,), std=(1.0,), targets=2)
    assert registry.build(spec.model_copy(update={"kernel": 7}), wide).output.shape == (None, 2)
