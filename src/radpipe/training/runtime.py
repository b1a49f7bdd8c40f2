"""The only place that knows the backends: seeds, determinism, memory, precision, compilation."""

import importlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import keras
import numpy as np

from radpipe.config.training import TrainSpec
from radpipe.errors import DataError

# What TensorFlow, JAX and PyTorch say where memory is lacking, and how their errors are called.
NO_MEMORY = (
    "RESOURCE_EXHAUSTED",
    "out of memory",
    "Out of memory",
    "OOM when",
    "ResourceExhaustedError",
    "OutOfMemoryError",
)
XLA: dict[str, bool | str] = {"auto": "auto", "on": True, "off": False}


@contextmanager
def open_session(spec: TrainSpec, seed: int) -> Iterator[None]:
    """Set up a fresh, seeded Keras for one training.

    The seed is global, against the rule of the house: the networks of keras.applications take none, and
    all randomness after the initial weights is seeded by itself (batches, dropout).

    Parameters
    ----------
    spec
        precision, deterministic.
    seed
        Of the initial weights: with the same one both arms start from the same weights.
    """
    keras.utils.clear_session()  # names of layers are numbered from 1 again, and are saved with the model
    prepare_backend(deterministic=spec.deterministic)
    keras.utils.set_random_seed(seed)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(spec.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def prepare_backend(*, deterministic: bool) -> None:
    """Take GPU memory as it is needed, not all of it, and ask for repeatable operations."""
    if keras.backend.backend() == "tensorflow":
        config: Any = importlib.import_module("tensorflow").config
        for gpu in config.list_physical_devices("GPU"):
            with suppress(RuntimeError):  # already in use, by an earlier training of this process
                config.experimental.set_memory_growth(gpu, True)
        if deterministic:
            config.experimental.enable_op_determinism()
    if keras.backend.backend() == "jax":
        # Read when JAX first computes.
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        if deterministic and "xla_gpu_deterministic_ops" not in os.environ.get("XLA_FLAGS", ""):
            flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true"
            os.environ["XLA_FLAGS"] = flags.strip()


@contextmanager
def name_lack_of_memory(wanted: str) -> Iterator[None]:
    """Turn a backend's lack of memory into one line that names what was asked for.

    Raises
    ------
    DataError
        If there is too little memory, on the GPU or beside it.
    """
    try:
        yield
    except Exception as error:
        lacking = isinstance(error, MemoryError) or any(word in str(error) for word in NO_MEMORY)
        if not lacking and type(error).__name__ not in NO_MEMORY:
            raise
        raise DataError(f"too little memory for {wanted}; lower one of them and run again") from None


def compile_model(model: keras.Model, spec: TrainSpec, **options: Any) -> None:
    """Compile with Adam and the XLA setting of `spec`; see `find_settings` for the result."""
    with warnings.catch_warnings():
        # TensorFlow has no XLA under op determinism, which `find_settings` returns.
        warnings.filterwarnings("ignore", message="Model doesn't support `jit_compile=True`")
        model.compile(
            optimizer=keras.optimizers.Adam(spec.learning_rate), jit_compile=XLA[spec.xla], **options
        )


def find_settings(model: keras.Model, spec: TrainSpec) -> dict[str, Any]:
    """Return the settings actually in force when a compiled model trains.

    Returns
    -------
    dict
        backend, precision, xla (on, off), deterministic (bool), device (cpu, gpu, tpu).
    """
    return {
        "backend": keras.backend.backend(),
        "precision": keras.config.dtype_policy().name,
        "xla": "on" if model.jit_compile else "off",
        "deterministic": spec.deterministic,
        "device": find_device(),
    }


def find_device() -> str:
    """Return the kind of device that computes."""
    if keras.backend.backend() == "tensorflow":
        tensorflow: Any = importlib.import_module("tensorflow")
        return "gpu" if tensorflow.config.list_logical_devices("GPU") else "cpu"
    if keras.backend.backend() == "jax":
        return str(importlib.import_module("jax").default_backend())
    return "cpu"


def seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Set the random generator of every dropout layer to a function of seed and epoch.

    Keras does not save their state: this way there is nothing to save, and a resumed training draws
    what an uninterrupted one draws.
    """
    states = [each for each in model.variables if each.path.endswith("seed_generator_state")]
    for position, state in enumerate(states):
        drawn = np.random.SeedSequence([seed, epoch, position]).generate_state(1)[0]
        state.assign(np.array([drawn >> 1, 0], state.dtype))  # 31 bits fit the dtype of every backend
