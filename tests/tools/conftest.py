"""What a saved network needs, without the training of one."""

from types import SimpleNamespace

import pytest
from specs import CHEST

from radpipe.training.models.problem import Problem


@pytest.fixture
def spec():
    return CHEST.train


@pytest.fixture
def inputs(tmp_path, monkeypatch, image_spec):
    """Return how images of one channel are made, and a problem of two targets; work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    image = image_spec()
    return SimpleNamespace(image=image, problem=Problem(image.size, mean=(170.0,), std=(45.0,), targets=2))
