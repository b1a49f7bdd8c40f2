"""The outputs of a training: model, history, predictions and what was in force."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe import predictions
from radpipe.batches import Samples
from radpipe.outputs import whole, write_json, write_table
from radpipe.training import archive, resume, schedule, validation
from radpipe.training.run import Run
from radpipe.training.schedule import Row

FORMAT = 1
PREDICTED = ("val", "test")


def write(output: Path, run: Run, model: keras.Model, rows: list[Row], facts: dict[str, Any]) -> None:
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
        draft.mkdir()
        archive.save(model, draft / "model.keras")
        write_table(draft / "history.csv", pd.DataFrame(rows).astype({"epoch": int}))
        # By the model as it was saved: these are the predictions of that very file.
        saved = keras.saving.load_model(draft / "model.keras", compile=False)
        predictions.write(draft / "predictions.parquet", predict(run, saved))
        write_json(draft / "training.json", describe(run, rows) | facts)


def predict(run: Run, model: keras.Model) -> predictions.Predictions:
    """Predict the cases of the validation and test parts."""
    parts = [split for split in PREDICTED if len(run.inputs.part(split)[0])]
    cases, labels = zip(*(run.inputs.part(split) for split in parts), strict=True)
    logits = [validation.predict(model, validation.batches_of(run, split)) for split in parts]
    table = pd.concat(cases)[predictions.CASE_COLUMNS].reset_index(drop=True)
    return predictions.Predictions(table, run.inputs.targets, np.concatenate(labels), np.concatenate(logits))


def describe(run: Run, rows: list[Row]) -> dict[str, Any]:
    """Return what `predict` needs to use the model, and what report and MLflow say of the run."""
    return {
        "format": FORMAT,
        "loss": run.loss,
        "seed": run.seed,
        "targets": list(run.inputs.targets),
        "kind": run.inputs.kind,
        "image": run.inputs.image.model_dump(),
        "train": run.spec.model_dump(mode="json"),
        "mean": list(run.inputs.standard["mean"]),
        "std": list(run.inputs.standard["std"]),
        "best_epoch": schedule.best_row(rows, run.spec.monitor) + 1,
        "epochs_run": len(rows),
        "key": resume.key_of(run),
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
