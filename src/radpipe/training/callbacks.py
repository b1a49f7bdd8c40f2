"""What happens around each epoch."""

import time
from typing import Any

import keras
from keras import ops

from radpipe.errors import ConfigError
from radpipe.training import resume, runtime, schedule, validation
from radpipe.training.batches.sequence import Batches
from radpipe.training.inputs import Training
from radpipe.training.schedule import EpochLog, Phase

TRAINED = ("loss", "accuracy", "precision", "recall")


class EpochStart(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets all that differs from epoch to epoch, as a function of the epoch's number.

    Parameters
    ----------
    training
        Its seed and decay.
    phase
        Its learning rate.
    batches
        The training set.
    """

    def __init__(self, training: Training, phase: Phase, batches: Batches) -> None:
        super().__init__()
        self._training = training
        self._phase = phase
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Shuffle, set the learning rate and the dropout; Keras has read no batch yet."""
        self._batches.start_epoch(epoch)
        rate = schedule.compute_rate(self._phase, epoch, self._training.spec.decay)
        self.model.optimizer.learning_rate = rate
        runtime.seed_dropout(self.model, self._training.seed, epoch)


class EpochEnd(keras.callbacks.Callback):  # type: ignore[misc]
    """Validates, keeps the best weights, saves the state, logs, and stops.

    Parameters
    ----------
    training
        What is trained.
    phase
        Its learning rate enters the history.
    state
        Kept up to date.
    images
        In an epoch, with repeats.
    """

    def __init__(self, training: Training, phase: Phase, state: resume.State, images: int) -> None:
        super().__init__()
        self._training = training
        self._phase = phase
        self._state = state
        self._images = images
        self._labels = training.inputs.select_split("val")[1]
        self._cases = validation.build_batches(training, "val")
        self._path = resume.build_state_path(training)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the clock."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Finish the epoch."""
        training = self._training
        speed = self._images / (time.perf_counter() - self._began)
        log = self._compute_log(epoch, logs or {})
        if not schedule.is_finite(log):
            raise ConfigError(
                f"train: the loss became {log['loss']} (validation {log['val_loss']}) in epoch {epoch + 1},"
                f" at learning rate {log['learning_rate']:.3g}; lower it, or set train.precision to float32"
            )
        self._keep(log)
        epochs = training.spec.epochs - epoch - 1 + training.epochs_after
        left = epochs * (time.perf_counter() - self._began)
        print(format_epoch(training, log, speed, left), flush=True)
        if training.on_epoch:
            training.on_epoch(log)
        self.model.stop_training = schedule.is_over(self._state.history, training.spec)

    def _compute_log(self, epoch: int, logs: dict[str, Any]) -> EpochLog:
        rate = schedule.compute_rate(self._phase, epoch, self._training.spec.decay)
        trained = {name: float(logs[name]) for name in TRAINED}
        logits = validation.predict(self.model, self._cases)
        scores = validation.score(self._training, self._labels, logits)
        return {"epoch": epoch + 1, "learning_rate": rate, **trained, **scores}

    def _keep(self, log: EpochLog) -> None:
        state = self._state
        state.history.append(log)
        state.weights = self.model.get_weights()
        best = schedule.find_best_epoch(state.history, self._training.spec.monitor)
        if best == len(state.history) - 1:
            state.best = state.weights
        state.optimizer = [ops.convert_to_numpy(variable) for variable in self.model.optimizer.variables]
        resume.save(self._path, state)


def format_epoch(training: Training, log: EpochLog, speed: float, left: float) -> str:
    """Return one line on how an epoch went.

    Parameters
    ----------
    training, log
        What is trained, and the epoch's line of its history.
    speed : float
        [images/s]
    left : float
        Until the last epoch of the last round, if training does not stop before [s].
    """
    return (
        f"{training.name} epoch {log['epoch']:>2}/{training.spec.epochs}: loss {log['loss']:.4f},"
        f" val AUROC {log['val_auroc']:.4f}, val accuracy {log['val_accuracy']:.4f},"
        f" {speed:,.0f} images/s, {left // 60:.0f} min {left % 60:02.0f} s left"
    )
