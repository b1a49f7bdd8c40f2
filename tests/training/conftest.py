from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from places import PARAMS

from radpipe.config import parameters
from radpipe.config.data import ImageSpec
from radpipe.config.training import HeadSpec

SIZE = 32


@pytest.fixture
def spec():
    """Return a training of three epochs on small batches, with dropout and decay."""
    changes = {
        "model": "small_cnn",
        "kernel": 3,
        "padding": "same",
        "momentum": 0.9,
        "weights": "none",
        "head": HeadSpec(pooling="average", dense=(), dropout=0.3),
        "epochs": 3,
        "batch_size": 8,
        "learning_rate": 0.01,
        "decay": 0.5,
        "monitor": "auroc",
        "patience": 3,
        "deterministic": True,
    }
    return parameters.read(PARAMS).datasets["phantom_chest"].train.model_copy(update=changes)


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    """Return 36 images of 18 patients; a finding darkens a corner, some labels are unknown."""
    from radpipe.training.inputs import Inputs

    monkeypatch.chdir(tmp_path)  # the state of a training lies below the current folder
    random = np.random.default_rng(0)
    images = random.integers(100, 256, (36, SIZE, SIZE, 1), dtype=np.uint8)
    labels = random.integers(0, 2, (36, 2)).astype(np.float32)
    images[labels[:, 0] == 1, :16, :16] //= 2
    labels[::7, 1] = np.nan
    np.save("pixels.npy", images)
    numbers = np.arange(36)
    cases = pd.DataFrame(
        {
            "id": [f"image{number}" for number in numbers],
            "row": numbers + 100,
            "patient_id": [f"patient{number // 2}" for number in numbers],
            "split": np.repeat(["train", "val", "test"], [20, 8, 8]),
            "pixel_row": numbers,
        }
    )
    image = ImageSpec(
        size=SIZE,
        fit="pad",
        interpolation="area",
        grey="stored",
        windows=(),
        window_function="linear",
        percentiles=(1.0, 99.0),
        equalise=False,
        crop=None,
    )
    weights = np.array([[0.6, 0.7], [2.0, 3.0]])
    table = pd.DataFrame(labels, columns=["Mass", "Hernia"])
    return Inputs(Path("pixels.npy"), image, {"mean": [170.0], "std": [45.0]}, cases, table, weights)
