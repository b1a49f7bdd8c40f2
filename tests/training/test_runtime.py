import keras
import numpy as np
import pytest

from radpipe.errors import DataError
from radpipe.training import runtime
from radpipe.training.models import registry

pytestmark = pytest.mark.keras


def dropped(seed, epoch):
    """Return what a dropout layer does in the first steps of an epoch."""
    layer = keras.layers.Dropout(0.5)
    model = keras.Sequential([keras.Input((40,)), layer])
    model(np.ones((1, 40), np.float32), training=True)  # as if an epoch had gone by
    runtime.seed_dropout(model, seed, epoch)
    return [np.asarray(model(np.ones((1, 40), np.float32), training=True)).tolist() for _ in range(2)]


def test_dropout_is_a_function_of_seed_and_epoch():
    assert dropped(0, 3) == dropped(0, 3)
    assert dropped(0, 3) != dropped(0, 4)
    assert dropped(0, 3) != dropped(1, 3)


def test_dropout_differs_from_step_to_step():
    first, second = dropped(0, 3)
    assert first != second


def test_a_session_gives_the_same_weights_and_names_for_the_same_seed(spec, inputs):
    built = []
    for seed in (1, 1, 2):
        with runtime.open_session(spec, seed):
            model = registry.build(spec, inputs.problem)
            built.append((model.get_config(), model.get_weights()))
    assert built[0][0] == built[1][0]
    assert all(np.array_equal(a, b) for a, b in zip(built[0][1], built[1][1], strict=True))
    assert not np.array_equal(built[0][1][0], built[2][1][0])


def test_a_session_sets_the_precision_and_puts_it_back(spec):
    with runtime.open_session(spec.model_copy(update={"precision": "mixed_bfloat16"}), 0):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("asked", ["auto", "on", "off"])
def test_what_is_in_force_is_what_keras_resolved(spec, inputs, asked):
    asking = spec.model_copy(update={"xla": asked})
    with runtime.open_session(asking, 0):
        model = registry.build(asking, inputs.problem)
        runtime.compile_model(model, asking, loss="mse")
        force = runtime.find_settings(model, asking)
    # TensorFlow has no XLA under op determinism; JAX is XLA.
    on = asked != "off" and keras.backend.backend() == "jax"
    assert force["xla"] == ("on" if on else "off")
    assert force["backend"] == keras.backend.backend()
    assert force["deterministic"]


class ResourceExhaustedError(Exception):
    """As TensorFlow calls it."""


@pytest.mark.parametrize(
    "error",
    [MemoryError(), ResourceExhaustedError("x"), RuntimeError("RESOURCE_EXHAUSTED: Out of memory")],
    ids=repr,
)
def test_a_lack_of_memory_names_what_was_asked_for(error):
    def lack():
        with runtime.name_lack_of_memory("train.batch_size 9"):
            raise error

    with pytest.raises(DataError, match=r"too little memory for train.batch_size 9; lower one of them"):
        lack()


def test_any_other_error_of_training_stays_what_it_is():
    def fail():
        with runtime.name_lack_of_memory("x"):
            raise ValueError("shape")

    with pytest.raises(ValueError, match="shape"):
        fail()
