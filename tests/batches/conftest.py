from pathlib import Path

import pytest

from radpipe import config

ROOT = Path(__file__).parents[2]


@pytest.fixture
def spec():
    """Return small batches, nothing augmented."""
    return (
        config.read(ROOT / "params.yaml").datasets["phantom_chest"].train.model_copy(update={"batch_size": 4})
    )
