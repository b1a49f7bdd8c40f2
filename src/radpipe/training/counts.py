"""Accuracy, precision and recall over known labels, streamed through an epoch."""

from typing import Any

import keras
from keras import ops


class KnownRates(keras.metrics.Metric):  # type: ignore[misc]
    """Pooled over all targets, at probability 0.5, from logits; NaN for 0 / 0.

    Keras' own metrics count an unknown label as negative and 0 / 0 as 0.
    """

    def __init__(self, name: str = "rates") -> None:
        super().__init__(name=name)
        # Found or not (rows) x present or not (columns), of all known labels.
        self.counts = self.add_variable((2, 2), initializer="zeros", dtype="float32", name="counts")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count one batch: labels (batch, targets), NaN = unknown, and their logits."""
        found = ops.cast(y_pred >= 0, "float32")
        present, absent = ops.cast(y_true == 1, "float32"), ops.cast(y_true == 0, "float32")
        rows = [[mask * kind for kind in (absent, present)] for mask in (1 - found, found)]
        self.counts.assign_add(ops.stack([ops.stack([ops.sum(cell) for cell in row]) for row in rows]))

    def result(self) -> dict[str, Any]:
        """Return the three rates."""
        hits = self.counts[1, 1]
        return {
            "accuracy": (self.counts[0, 0] + hits) / ops.sum(self.counts),
            "precision": hits / ops.sum(self.counts[1]),
            "recall": hits / ops.sum(self.counts[:, 1]),
        }
