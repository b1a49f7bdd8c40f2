"""What happens around each epoch."""

import time
from typing import Any

import keras
from keras import ops

from radpipe.errors import ConfigError
from radpipe.training import resume, runtime, schedule, validation
from radpipe.training.batches.sequence import Batches
from radpipe.training.run import Training
from radpipe.training.schedule import EpochLog, Phase

TRAINED = ("loss", "accuracy", "precision", "recall")


class EpochStart(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets all that differs from epoch to epoch, as a function of the epoch's number.

    Parameters
    ----------
    run
        Its seed and decay.
    phase
        Its learning rate.
    batches
        The training part.
    """

    def __init__(self, run: Training, phase: Phase, batches: Batches) -> None:
        super().__init__()
        self._run, self._phase, self._batches = run, phase, batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Shuffle, set the learning rate and the dropout; Keras has read no batch yet."""
        self._batches.start_epoch(epoch)
        self.model.optimizer.learning_rate = schedule.rate_of(self._phase, epoch, self._run.spec.decay)
        runtime.seed_dropout(self.model, self._run.seed, epoch)


class EpochEnd(keras.callbacks.Callback):  # type: ignore[misc]
    """Validates, keeps the best weights, saves the state, tells, and stops.

    Parameters
    ----------
    run
        What is trained.
    phase
        Its learning rate enters the history.
    state
        Kept up to date.
    images
        In an epoch, with repeats.
    """

    def __init__(self, run: Training, phase: Phase, state: resume.State, images: int) -> None:
        super().__init__()
        self._run, self._phase, self._state, self._images = run, phase, state, images
        self._labels = run.inputs.of_split("val")[1]
        self._cases = validation.batches_of(run, "val")
        self._path = resume.path_of(run)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the clock."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Finish the epoch."""
        speed = self._images / (time.perf_counter() - self._began)
        row = self._row(epoch, logs or {})
        if not schedule.is_finite(row):
            raise ConfigError(
                f"train: the loss became {row['loss']} (validation {row['val_loss']}) in epoch {epoch + 1},"
                f" at learning rate {row['learning_rate']:.3g}; lower it, or set train.precision to float32"
            )
        self._keep(row)
        epochs = self._run.spec.epochs - epoch - 1 + self._run.epochs_after
        left = epochs * (time.perf_counter() - self._began)
        print(line(self._run, row, speed, left), flush=True)
        if self._run.on_epoch:
            self._run.on_epoch(row)
        self.model.stop_training = schedule.is_over(self._state.rows, self._run.spec)

    def _row(self, epoch: int, logs: dict[str, Any]) -> EpochLog:
        rate = schedule.rate_of(self._phase, epoch, self._run.spec.decay)
        trained = {name: float(logs[name]) for name in TRAINED}
        logits = validation.predict(self.model, self._cases)
        scores = validation.score(self._run, self._labels, logits)
        return {"epoch": epoch + 1, "learning_rate": rate, **trained, **scores}

    def _keep(self, row: EpochLog) -> None:
        state = self._state
        state.rows.append(row)
        state.weights = self.model.get_weights()
        if schedule.best_row(state.rows, self._run.spec.monitor) == len(state.rows) - 1:
            state.best = state.weights
        state.optimizer = [ops.convert_to_numpy(variable) for variable in self.model.optimizer.variables]
        resume.save(self._path, state)


def line(run: Training, row: EpochLog, speed: float, left: float) -> str:
    """Say in one line how an epoch went.

    Parameters
    ----------
    run, row
        What was trained and its history.
    speed : float
        [images/s]
    left : float
        Until the last epoch of the last round, if training does not stop before [s].
    """
    return (
        f"{run.name} epoch {row['epoch']:>2}/{run.spec.epochs}: loss {row['loss']:.4f},"
        f" val AUROC {row['val_auroc']:.4f}, val accuracy {row['val_accuracy']:.4f},"
        f" {speed:,.0f} images/s, {left // 60:.0f} min {left % 60:02.0f} s left"
    )
