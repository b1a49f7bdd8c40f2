"""Predictions for tests: given, or drawn with one signal."""

import numpy as np
import pandas as pd

from radpipe.predictions import Predictions


def make(labels, logits, splits=None, patients=None):
    labels, logits = np.array(labels, np.float32), np.array(logits, np.float32)
    names = tuple("abcdef"[: labels.shape[1]])
    count = len(labels)
    cases = pd.DataFrame(
        {
            "id": [f"i{k}" for k in range(count)],
            "row": range(count),
            "patient_id": patients or [f"p{k}" for k in range(count)],
            "split": splits or ["val"] * (count // 2) + ["test"] * (count - count // 2),
        }
    )
    return Predictions(cases, names, labels, logits)


def draw(shift, seed=0, count=600):
    """Three findings with one signal; the shift is what a weighted loss does to the logits."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((count, 3)) < [0.3, 0.1, 0.05]).astype(np.float32)
    return make(labels, 2 * labels + rng.normal(size=labels.shape) - 3 + shift)
