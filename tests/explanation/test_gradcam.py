import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from specs import CHEST

from radpipe.config.training import HeadSpec
from radpipe.errors import DataError
from radpipe.explanation import gradcam
from radpipe.training import archive
from radpipe.training.models import ensemble, registry
from radpipe.training.models.problem import Problem

pytestmark = pytest.mark.keras

SIZE = 64
IMAGES = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 1), np.uint8)


def network(name, pooling="average", dense=(), grades=()):
    """Build a network of the project for three targets, with weights that are the same every time."""
    keras.utils.set_random_seed(0)
    head = HeadSpec(pooling=pooling, dense=dense, dropout=0.2)
    spec = CHEST.train.model_copy(update={"model": name, "head": head})
    return registry.build(spec, Problem(SIZE, (120.0,), (50.0,), 3, grades))


def by_hand():
    """One feature for bright pixels, one for dark ones; their means, weighed 2 and -1, are the score."""
    pixels = keras.Input((4, 4, 1))
    features = layers.Conv2D(2, 1, activation="relu", name="features")(pixels)
    pooled = layers.GlobalAveragePooling2D(name="pool")(features)
    model = keras.Model(pixels, layers.Dense(1, name="logits")(pooled))
    kernel = np.array([[[[1.0, -1.0]]]])  # bright: grey - 100, dark: 100 - grey
    model.set_weights([kernel, np.array([-100.0, 100.0]), np.array([[2.0], [-1.0]]), np.zeros(1)])
    return model


def test_one_convolution_one_mean_and_one_layer_by_hand():
    image = np.full((1, 4, 4, 1), 100, np.uint8)
    image[0, 0, 3], image[0, 2, 1] = 180, 60
    found = gradcam.compute_maps(gradcam.cut_network(by_hand()), image, np.array([0]))
    expected = np.zeros((1, 4, 4))
    # The gradient of a mean over 16 places is 1/16; the dark place speaks against it and is cut off.
    expected[0, 0, 3] = 2 / 16 * 80
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_bright_corner_is_pointed_at_through_a_maximum_and_hidden_layers():
    pixels = keras.Input((8, 8, 1))
    x = layers.Conv2D(1, 3, padding="same", activation="relu", name="blur")(pixels)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dense(4, activation="relu")(layers.Flatten(name="pool")(x))
    model = keras.Model(pixels, layers.Dense(1, name="logits")(x))
    model.set_weights([np.full(variable.shape, 0.1) for variable in model.weights])
    image = np.zeros((1, 8, 8, 1), np.uint8)
    image[0, 5:, 5:] = 200
    found = gradcam.compute_maps(gradcam.cut_network(model), image, np.array([0]))[0]
    assert found.shape == (8, 8)
    assert np.unravel_index(found.argmax(), found.shape) == (6, 6)
    assert found[:3, :3].max() < found.max() / 10


@pytest.mark.parametrize(
    ("name", "pooling", "dense", "layer", "shape"),
    [
        ("small_cnn", "average", (), "convolution4", (8, 8, 128)),
        ("VGG16", "flatten", (5,), "block5_conv3", (4, 4, 512)),
        ("MobileNetV2", "max", (), "out_relu", (2, 2, 1280)),
        ("MobileNetV3Small", "average", (4,), "activation", (2, 2, 576)),
    ],
)
def test_the_two_halves_of_a_network_are_the_network(tmp_path, name, pooling, dense, layer, shape):
    archive.save(network(name, pooling, dense), tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    halves = gradcam.cut_network(model)
    assert halves.layer.startswith(layer)  # Keras numbers the activations of a process
    features = halves.front.predict_on_batch(IMAGES)
    assert features.shape == (3, *shape)
    expected = model.predict_on_batch(IMAGES)
    np.testing.assert_allclose(halves.back.predict_on_batch(features), expected, rtol=1e-4, atol=1e-5)


def test_with_a_mean_and_one_layer_it_is_the_class_activation_map():
    # Zhou et al. 2016: the features weighed by the last layer; Grad-CAM divides by the number of places.
    model = network("MobileNetV2")
    halves = gradcam.cut_network(model)
    features = np.asarray(halves.front.predict_on_batch(IMAGES))
    kernel = np.asarray(model.get_layer("logits").kernel)
    targets = np.array([2, 0, 1])
    expected = np.maximum(np.einsum("bhwk,kb->bhw", features, kernel[:, targets]) / 4, 0)
    assert expected.max() > 0
    np.testing.assert_allclose(gradcam.compute_maps(halves, IMAGES, targets), expected, rtol=1e-3, atol=1e-6)


def test_the_gradient_is_the_slope_of_the_chosen_score():
    halves = gradcam.cut_network(network("small_cnn", "flatten", (6,)))
    features = np.random.default_rng(0).random((1, 8, 8, 128), np.float32)  # no two alike: no kinks
    chosen = np.array([[0.0, 1.0, 0.0]])
    found = gradcam.differentiate(halves.back, keras.ops.convert_to_tensor(features), chosen)
    direction = found / np.linalg.norm(found)  # along it the score rises most
    step = 1e-3
    up, down = (halves.back.predict_on_batch(features + s * direction)[0, 1] for s in (step, -step))
    assert (up - down) / (2 * step) == pytest.approx(np.linalg.norm(found), rel=1e-2)


def test_of_classes_the_score_before_they_compete_is_explained():
    model = network("small_cnn", grades=((0, 1, 2),))
    halves = gradcam.cut_network(model)
    scores = halves.back.predict_on_batch(halves.front.predict_on_batch(IMAGES))
    competing = model.predict_on_batch(IMAGES)
    others = np.log(np.exp(scores[:, 1]) + np.exp(scores[:, 2]))
    np.testing.assert_allclose(competing[:, 0], scores[:, 0] - others, rtol=1e-4, atol=1e-5)


def test_maps_do_not_depend_on_the_batch_and_are_the_same_again(tmp_path, monkeypatch):
    archive.save(network("small_cnn"), tmp_path / "model.keras")
    np.save(tmp_path / "pixels.npy", IMAGES)
    pairs = pd.DataFrame({"pixel_row": [2, 0, 0, 1], "target": [1, 0, 2, 1]})
    draw = (tmp_path / "model.keras", tmp_path / "pixels.npy", pairs)
    first, again = gradcam.draw_maps(*draw), gradcam.draw_maps(*draw)
    monkeypatch.setattr(gradcam, "BATCH", 3)
    apart = gradcam.draw_maps(*draw)
    assert first.maps.shape == (4, 8, 8)
    assert first.maps.tobytes() == again.maps.tobytes()
    np.testing.assert_allclose(apart.maps, first.maps, rtol=1e-4, atol=1e-6)
    assert not np.allclose(first.maps[1], first.maps[2])  # one image, two targets


def test_of_a_cross_validation_each_case_is_explained_by_the_network_of_its_round(tmp_path):
    first, second = network("small_cnn"), network("small_cnn", dense=(4,))
    for name, model in (("first", first), ("second", second), ("both", ensemble.join([first, second]))):
        archive.save(model, tmp_path / f"{name}.keras")
    np.save(tmp_path / "pixels.npy", IMAGES)
    pairs = pd.DataFrame({"pixel_row": [2, 0, 1], "target": [1, 0, 2]}, index=[7, 8, 9])
    alone = {
        name: gradcam.draw_maps(tmp_path / f"{name}.keras", tmp_path / "pixels.npy", pairs).maps
        for name in ("first", "second")
    }
    both = gradcam.draw_maps(
        tmp_path / "both.keras", tmp_path / "pixels.npy", pairs.assign(round=[1, 0, 1])
    ).maps
    expected = [alone["second"][0], alone["first"][1], alone["second"][2]]
    np.testing.assert_allclose(both, expected, rtol=1e-4, atol=1e-6)
    assert not np.allclose(alone["first"][1], alone["second"][1])


def test_a_file_that_is_no_model_is_refused(tmp_path):
    np.save(tmp_path / "pixels.npy", IMAGES)
    (tmp_path / "model.keras").write_text("nothing")
    with pytest.raises(DataError, match=r"model.keras: not a model"):
        gradcam.draw_maps(tmp_path / "model.keras", tmp_path / "pixels.npy", pd.DataFrame())
