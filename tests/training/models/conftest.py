import pytest
from places import PARAMS

from radpipe.config import parameters
from radpipe.training.models.problem import Problem


@pytest.fixture
def spec():
    """Return the tutorial's head on a small network."""
    return (
        parameters.read(PARAMS)
        .datasets["phantom_chest"]
        .train.model_copy(update={"model": "small_cnn", "kernel": 3, "padding": "same", "weights": "none"})
    )


@pytest.fixture
def problem():
    """Return grey images of 32 px and three targets."""
    return Problem(size=32, mean=(120.0,), std=(50.0,), targets=3)
