import pytest
from places import PARAMS

from radpipe.config import parameters


@pytest.fixture
def spec():
    """Return small batches, nothing augmented."""
    return parameters.read(PARAMS).datasets["phantom_chest"].train.model_copy(update={"batch_size": 4})
