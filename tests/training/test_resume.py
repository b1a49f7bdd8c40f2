import dataclasses

import numpy as np
import pytest

from radpipe.training import resume
from radpipe.training.loop import compute_run_key

pytestmark = pytest.mark.keras


def state():
    return resume.State(
        history=[{"epoch": 1, "val_auroc": 0.1 + 0.2, "val_precision": float("nan")}],
        weights=[np.arange(3, dtype=np.float32), np.array(7)],
        best=[np.ones((2, 2), np.float32)],
        optimizer=[np.array(5, np.int64)],
    )


def test_a_state_survives_the_way_to_the_file_and_back(tmp_path):
    resume.save(tmp_path / "state.npz", state())
    loaded = resume.load(tmp_path / "state.npz")
    assert repr(loaded) == repr(state())


@pytest.mark.parametrize("content", [None, b"", b"PK damaged"])
def test_without_a_readable_state_training_starts_afresh(tmp_path, content):
    if content is not None:
        (tmp_path / "state.npz").write_bytes(content)
    assert resume.load(tmp_path / "state.npz") == resume.State()


def test_the_key_is_the_same_for_the_same_run(inputs, spec):
    assert compute_run_key([inputs], spec, "bce", 0) == compute_run_key([inputs], spec, "bce", 0)


def changed(inputs):
    """Yield inputs that differ in one thing each."""
    weights = inputs.weights.copy()
    weights[0, 0] += 1e-9
    yield dataclasses.replace(inputs, weights=weights)
    labels = inputs.labels.copy()
    labels.iloc[3, 0] = 1 - labels.iloc[3, 0]
    yield dataclasses.replace(inputs, labels=labels)
    yield dataclasses.replace(inputs, labels=inputs.labels.rename(columns={"Mass": "Nodule"}))
    yield dataclasses.replace(inputs, cases=inputs.cases.assign(split="train"))
    yield dataclasses.replace(inputs, cases=inputs.cases.assign(sha256="0"))
    yield dataclasses.replace(inputs, standard={"mean": [170.0], "std": [46.0]})
    yield dataclasses.replace(inputs, image=inputs.image.model_copy(update={"fit": "stretch"}))


def test_any_other_parameter_or_data_gives_another_key(inputs, spec):
    keys = [compute_run_key([each], spec, "bce", 0) for each in (inputs, *changed(inputs))]
    keys += [compute_run_key([inputs], spec, "wbce", 0), compute_run_key([inputs], spec, "bce", 1)]
    keys.append(compute_run_key([inputs], spec.model_copy(update={"epochs": 4}), "bce", 0))
    keys += [compute_run_key(each, spec, "bce", 0) for each in ([inputs] * 2, [inputs] * 3)]
    assert len(set(keys)) == len(keys)
