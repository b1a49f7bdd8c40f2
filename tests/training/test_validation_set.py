import numpy as np
import pytest

from radpipe.training.validation import KnownRates

pytestmark = pytest.mark.keras
NAN = np.nan


def rates(*batches):
    metric = KnownRates()
    for labels, logits in batches:
        metric.update_state(np.array(labels, np.float32), np.array(logits, np.float32))
    return {name: float(value) for name, value in metric.result().items()}


def test_rates_pool_all_known_labels_of_all_batches():
    # hits: 2, misses: 1, false alarms: 1, rejections: 1, unknown: 1
    found = rates(([[1, 0], [1, NAN]], [[3, 2], [-1, 9]]), ([[1, 0]], [[0, -2]]))
    assert found == pytest.approx({"accuracy": 3 / 5, "precision": 2 / 3, "recall": 2 / 3})


def test_precision_is_unknown_when_nothing_is_found():
    found = rates(([[1, 0]], [[-1, -1]]))
    assert np.isnan(found["precision"])
    assert found["recall"] == 0
