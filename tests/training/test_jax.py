"""The same tests of losses, models and training steps under the other backend, in its own process."""

import importlib.util
import os
import subprocess
import sys

import keras
import pytest
from places import REPOSITORY

pytestmark = [pytest.mark.keras, pytest.mark.slow]
TESTS = [
    "tests/training/test_losses.py",
    "tests/training/models/test_small_cnn.py",
    "tests/explanation/test_gradcam.py::test_one_convolution_one_mean_and_one_layer_by_hand",
    "tests/explanation/test_gradcam.py::test_the_gradient_is_the_slope_of_the_chosen_score",
    "tests/training/test_validation_set.py",
    "tests/training/test_runtime.py",
    "tests/training/test_archive.py::test_plain_keras_loads_the_file_and_computes_the_same",
]


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed: pip install jax")
@pytest.mark.skipif(keras.backend.backend() == "jax", reason="these tests run under JAX already")
def test_losses_models_and_a_training_step_pass_under_jax():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    run = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:]
