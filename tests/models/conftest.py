from pathlib import Path

import pytest

from radpipe import config
from radpipe.models import Problem

ROOT = Path(__file__).parents[2]


@pytest.fixture
def spec():
    """Return the tutorial's head on a small network."""
    return (
        config.read(ROOT / "params.yaml")
        .datasets["phantom_chest"]
        .train.model_copy(update={"model": "small_cnn", "kernel": 3, "padding": "same", "weights": "none"})
    )


@pytest.fixture
def problem():
    """Return grey images of 32 px and three targets."""
    return Problem(size=32, mean=(120.0,), std=(50.0,), targets=3)
