"""What an interrupted training resumes from, as if nothing had happened.

The state lies outside the tracked outputs, under a key that is a hash of everything that decides the
result: a changed parameter, label or image starts afresh.
"""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.outputs.writing import write_whole
from radpipe.training.batches.pixels import open_pixels
from radpipe.training.inputs import Training
from radpipe.training.schedule import EpochLog

FOLDER = Path(".radpipe/runs")
GROUPS = ("weights", "best", "optimizer")
Arrays = list[NDArray[np.generic]]


@dataclass
class State:
    """A training after its last finished epoch. Dropout and early stopping need nothing: see there.

    Attributes
    ----------
    history
        One line per finished epoch.
    weights, best
        Of the last and of the best epoch.
    optimizer
        Its variables.
    """

    history: list[EpochLog] = field(default_factory=list)
    weights: Arrays = field(default_factory=list)
    best: Arrays = field(default_factory=list)
    optimizer: Arrays = field(default_factory=list)


def build_state_path(training: Training) -> Path:
    """Return the file of the state, below the current folder."""
    return FOLDER / compute_key(training) / "state.npz"


def compute_key(training: Training) -> str:
    """Return the hash of all that decides the result of a training: 64 hexadecimal digits.

    The file of the pixels enters by its shape only, for it may be large: that its content is the same
    follows from the cases (with sha256 of each image), the image section and the standardisation.
    """
    inputs = training.inputs
    decisive = {
        "train": training.spec.model_dump(),
        "image": inputs.image.model_dump(),
        "standard": {name: list(inputs.standard[name]) for name in ("mean", "std")},
        "weights": np.asarray(inputs.weights, np.float64).tolist(),
        "run": [training.loss, training.seed, inputs.kind, *inputs.targets],
        "keras": [keras.__version__, keras.backend.backend()],
        "pixels": open_pixels(inputs.pixels).shape,
    }
    digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode())
    digest.update(pd.util.hash_pandas_object(inputs.cases).to_numpy().tobytes())
    digest.update(inputs.labels.to_numpy(np.float32).tobytes())
    return digest.hexdigest()


def combine_keys(trainings: Sequence[Training]) -> str:
    """Return the key of one training, or of a cross-validation: a hash of the keys of its rounds."""
    keys = [compute_key(training) for training in trainings]
    return keys[0] if len(keys) == 1 else hashlib.sha256("\n".join(keys).encode()).hexdigest()


def save(path: Path, state: State) -> None:
    """Write a state; a process that is interrupted meanwhile leaves the previous one."""
    arrays = {
        f"{group}{position}": array
        for group in GROUPS
        for position, array in enumerate(getattr(state, group))
    }
    with write_whole(path) as draft:
        np.savez(draft, rows=np.array(json.dumps(state.history)), **arrays)


def load(path: Path) -> State:
    """Read a state; a fresh one if there is none, or if the file is damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            history = json.loads(str(stored["rows"]))
            return State(history, *(_read_group(stored, group) for group in GROUPS))
    except (FileNotFoundError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return State()


def _read_group(stored: np.lib.npyio.NpzFile, group: str) -> Arrays:
    count = sum(name.startswith(group) for name in stored.files)
    return [stored[f"{group}{position}"] for position in range(count)]


def restore_optimizer(model: keras.Model, state: State) -> None:
    """Restore the optimizer of the last finished epoch in a compiled model."""
    model.optimizer.build(model.trainable_variables)
    for variable, value in zip(model.optimizer.variables, state.optimizer, strict=True):
        variable.assign(value)
