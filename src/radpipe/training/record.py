"""The outputs of a training: model, history, predictions and what was in force."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe import predictions
from radpipe.outputs import whole, write_json, write_table
from radpipe.training import archive, resume, schedule, validation
from radpipe.training.batches.samples import Samples
from radpipe.training.models import ensemble
from radpipe.training.run import Training
from radpipe.training.schedule import EpochLog

InForce = dict[str, Any]
FORMAT = 1
PREDICTED = ("val", "test")


def write(output: Path, run: Training, model: keras.Model, rows: list[EpochLog], facts: InForce) -> None:
    """Write the folder of a run, whole or not at all.

    Parameters
    ----------
    output
        The folder.
    run
        What was trained.
    model
        With the best weights.
    rows
        The history.
    facts
        `in_force`, `effective` and `trainable_parameters` of training.json.
    """
    with whole(output) as draft:
        saved = save(draft, model)
        write_table(draft / "history.csv", pd.DataFrame(rows).astype({"epoch": int}))
        predictions.write_predictions(draft / "predictions.parquet", predict(run, saved))
        key = {"key": resume.key_of(run)}
        write_json(draft / "training.json", describe(run) | describe_round(run, rows) | key | facts)


def write_rounds(
    output: Path,
    runs: Sequence[Training],
    model: keras.Model,
    parts: Sequence[tuple[list[EpochLog], InForce]],
) -> None:
    """Write the folder of a cross-validation, whole or not at all.

    Parameters
    ----------
    output
        The folder.
    runs
        Its rounds.
    model
        Their networks, joined.
    parts
        Of each round its history, and its facts: see `write`.
    """
    histories = [pd.DataFrame(rows).astype({"epoch": int}) for rows, _ in parts]
    rounds = [
        {**describe_round(run, rows), "effective": facts["effective"]}
        for run, (rows, facts) in zip(runs, parts, strict=True)
    ]
    shared = {name: fact for name, fact in parts[0][1].items() if name != "effective"}
    with whole(output) as draft:
        saved = save(draft, model)
        for number, history in enumerate(histories):
            history.insert(0, "round", number)
        write_table(draft / "history.csv", pd.concat(histories))
        found = [predict(run, ensemble.member(saved, number)) for number, run in enumerate(runs)]
        predictions.write_predictions(draft / "predictions.parquet", join(found))
        key = {"key": resume.key_of_all(runs)}
        write_json(draft / "training.json", {**describe(runs[0]), **key, **shared, "rounds": rounds})


def save(draft: Path, model: keras.Model) -> keras.Model:
    """Make the folder, write the model, and return it as it was saved: predictions are of that very file."""
    draft.mkdir()
    archive.save(model, draft / "model.keras")
    return keras.saving.load_model(draft / "model.keras", compile=False)


def predict(run: Training, model: keras.Model) -> predictions.Predictions:
    """Predict the cases of the validation and test parts."""
    parts = [split for split in PREDICTED if len(run.inputs.of_split(split)[0])]
    cases, labels = zip(*(run.inputs.of_split(split) for split in parts), strict=True)
    logits = [validation.predict(model, validation.batches_of(run, split)) for split in parts]
    table = pd.concat(cases)[predictions.CASE_COLUMNS].reset_index(drop=True)
    return predictions.Predictions(table, run.inputs.targets, np.concatenate(labels), np.concatenate(logits))


def join(rounds: Sequence[predictions.Predictions]) -> predictions.Predictions:
    """Put the predictions of all rounds together: each part holds every case once, by row."""
    cases = pd.concat([found.cases.assign(round=number) for number, found in enumerate(rounds)])
    order = np.lexsort((cases["row"], cases["split"].map(PREDICTED.index)))
    labels, logits = (
        np.concatenate([getattr(found, name) for found in rounds])[order] for name in ("labels", "logits")
    )
    return predictions.Predictions(cases.iloc[order], rounds[0].targets, labels, logits)


def describe(run: Training) -> dict[str, Any]:
    """Return what `predict` needs to use the model, and what report and MLflow say of the run."""
    return {
        "format": FORMAT,
        "loss": run.loss,
        "seed": run.seed,
        "targets": list(run.inputs.targets),
        "kind": run.inputs.kind,
        "image": run.inputs.image.model_dump(),
        "train": run.spec.model_dump(mode="json"),
    }


def describe_round(run: Training, rows: list[EpochLog]) -> dict[str, Any]:
    """Return what is of one network alone, and in a cross-validation differs from round to round."""
    return {
        "mean": list(run.inputs.standard["mean"]),
        "std": list(run.inputs.standard["std"]),
        "best_epoch": schedule.best_row(rows, run.spec.monitor) + 1,
        "epochs_run": len(rows),
    }


def effective(samples: Samples, targets: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Count the positives and negatives of an epoch, repeats included: the odds that were trained on."""
    counts: dict[str, NDArray[np.int64]] = {
        name: (samples.labels == label).sum(axis=0) for name, label in (("positives", 1), ("negatives", 0))
    }
    return {
        target: {name: int(count[position]) for name, count in counts.items()}
        for position, target in enumerate(targets)
    }
