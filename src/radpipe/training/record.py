"""The outputs of a training: model, history, predictions and what was in force."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe import predictions
from radpipe.outputs import receipts
from radpipe.outputs.writing import write_json, write_table, write_whole
from radpipe.training import archive, resume, schedule, validation
from radpipe.training.batches.samples import Samples
from radpipe.training.inputs import Training
from radpipe.training.models import ensemble
from radpipe.training.schedule import EpochLog

InForce = dict[str, Any]  # what was in force, for training.json
FORMAT = 1
PREDICTED = ("val", "test")


def write(
    output: Path, training: Training, model: keras.Model, history: list[EpochLog], in_force: InForce
) -> None:
    """Write the folder of a run, whole or not at all.

    Parameters
    ----------
    output
        The folder.
    training
        What was trained.
    model
        With the best weights.
    history
        One line per epoch.
    in_force
        `in_force`, `count_effective` and `trainable_parameters` of training.json.
    """
    with write_whole(output, partial(receipts.is_run_file, output), receipt=False) as draft:
        saved = save(draft, model)
        write_table(draft / "history.csv", pd.DataFrame(history).astype({"epoch": int}))
        predictions.write_predictions(draft / "predictions.parquet", predict(training, saved))
        description = describe(training) | describe_round(training, history)
        facts = {"key": resume.compute_key(training), "model": hash_model(draft / "model.keras")}
        write_json(draft / "training.json", description | facts | in_force)


def write_rounds(
    output: Path,
    trainings: Sequence[Training],
    model: keras.Model,
    finished: Sequence[tuple[list[EpochLog], InForce]],
) -> None:
    """Write the folder of a cross-validation, whole or not at all.

    Parameters
    ----------
    output
        The folder.
    trainings
        Its rounds.
    model
        Their networks, joined.
    finished
        Of each round its history, and what was in force: see `write`.
    """
    histories = [pd.DataFrame(history).astype({"epoch": int}) for history, _ in finished]
    rounds = [
        {**describe_round(training, history), "effective": in_force["effective"]}
        for training, (history, in_force) in zip(trainings, finished, strict=True)
    ]
    shared = {name: value for name, value in finished[0][1].items() if name != "effective"}
    with write_whole(output, partial(receipts.is_run_file, output), receipt=False) as draft:
        saved = save(draft, model)
        for number, history in enumerate(histories):
            history.insert(0, "round", number)
        write_table(draft / "history.csv", pd.concat(histories))
        found = [
            predict(training, ensemble.find_member(saved, number))
            for number, training in enumerate(trainings)
        ]
        predictions.write_predictions(draft / "predictions.parquet", join(found))
        key = {"key": resume.combine_keys(trainings), "model": hash_model(draft / "model.keras")}
        write_json(draft / "training.json", {**describe(trainings[0]), **key, **shared, "rounds": rounds})


def hash_model(path: Path) -> str:
    """Return the SHA-256 of a model: by it `predict` knows which one a training.json describes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def save(draft: Path, model: keras.Model) -> keras.Model:
    """Make the folder, write the model, and return it as it was saved: predictions are of that very file."""
    draft.mkdir()
    archive.save(model, draft / "model.keras")
    return keras.saving.load_model(draft / "model.keras", compile=False)


def predict(training: Training, model: keras.Model) -> predictions.Predictions:
    """Predict the cases of the validation and test sets."""
    inputs = training.inputs
    splits = [split for split in PREDICTED if len(inputs.select_split(split)[0])]
    cases, labels = zip(*(inputs.select_split(split) for split in splits), strict=True)
    logits = [validation.predict(model, validation.build_batches(training, split)) for split in splits]
    table = pd.concat(cases)[predictions.CASE_COLUMNS].reset_index(drop=True)
    return predictions.Predictions(table, inputs.targets, np.concatenate(labels), np.concatenate(logits))


def join(rounds: Sequence[predictions.Predictions]) -> predictions.Predictions:
    """Join the predictions of all rounds: each split contains every case once, by row."""
    cases = pd.concat([found.cases.assign(round=number) for number, found in enumerate(rounds)])
    order = np.lexsort((cases["row"], cases["split"].map(PREDICTED.index)))
    labels, logits = (
        np.concatenate([getattr(found, name) for found in rounds])[order] for name in ("labels", "logits")
    )
    return predictions.Predictions(cases.iloc[order], rounds[0].targets, labels, logits)


def describe(training: Training) -> dict[str, Any]:
    """Return what `predict` needs to use the model, and what report and MLflow show of the run."""
    return {
        "format": FORMAT,
        "loss": training.loss,
        "seed": training.seed,
        "targets": list(training.inputs.targets),
        "kind": training.inputs.kind,
        "image": training.inputs.image.model_dump(),
        "train": training.spec.model_dump(mode="json"),
    }


def describe_round(training: Training, history: list[EpochLog]) -> dict[str, Any]:
    """Return what belongs to one network, and in a cross-validation differs from round to round."""
    return {
        "mean": list(training.inputs.standard["mean"]),
        "std": list(training.inputs.standard["std"]),
        "best_epoch": schedule.find_best_epoch(history, training.spec.monitor) + 1,
        "epochs_run": len(history),
    }


def count_effective(samples: Samples, targets: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Count the positives and negatives of an epoch, repeats included: the odds that were trained on."""
    counts: dict[str, NDArray[np.int64]] = {
        name: (samples.labels == label).sum(axis=0) for name, label in (("positives", 1), ("negatives", 0))
    }
    return {
        target: {name: int(count[position]) for name, count in counts.items()}
        for position, target in enumerate(targets)
    }
