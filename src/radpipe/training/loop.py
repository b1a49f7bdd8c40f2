"""Train networks: the same weights and the same batches for both arms, resumable, repeatable."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported, which comes next

import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from radpipe.config.parameters import Loss
from radpipe.config.training import TrainSpec
from radpipe.outputs.locks import hold
from radpipe.training import record, resume, runtime, schedule, validation
from radpipe.training.batches.pixels import open_pixels, refuse_other_size
from radpipe.training.batches.samples import repeat_rare, select
from radpipe.training.batches.sequence import Batches
from radpipe.training.callbacks import EpochEnd, EpochStart
from radpipe.training.inputs import Inputs, Training
from radpipe.training.models import ensemble, registry
from radpipe.training.record import InForce
from radpipe.training.schedule import EpochLog, Phase
from radpipe.training.validation import KnownRates

__all__ = ["Inputs", "compute_run_key", "cross_validate", "train"]


def train(
    inputs: Inputs,
    spec: TrainSpec,
    loss: Loss,
    seed: int,
    output: Path,
    on_epoch: Callable[[EpochLog], None] | None = None,
) -> None:
    """Train one arm with one seed, and predict its validation and test sets with the best weights.

    An interrupted training resumes after its last finished epoch, with the same result as any other. What
    it needs for that lies below the current folder, in `.radpipe/runs`, and is removed at the end.

    Parameters
    ----------
    inputs
        Images, labels, weights.
    spec
        The section `train`.
    loss
        The arm.
    seed
        Of initial weights, order, augmentation and dropout: the same for both arms.
    output
        Folder of model.keras, history.csv, predictions.parquet and training.json; whole or not at all.
    on_epoch
        Called with each line of the history when the epoch is finished.

    Raises
    ------
    ConfigError
        If the network cannot be built as wanted, or if the loss is no longer a number.
    DataError
        If a split is empty, early stopping watches an AUROC that no target has, or pixels are missing.
    """
    training = Training(inputs, spec, loss, seed, on_epoch)
    validation.check_splits(inputs, spec.monitor)
    folder = resume.build_state_path(training).parent
    with hold(folder, training.name), runtime.open_session(spec, seed):
        model, state, in_force = learn(training)
        record.write(output, training, model, state.history, in_force)
    shutil.rmtree(folder)


def cross_validate(
    rounds: Sequence[Inputs],
    spec: TrainSpec,
    loss: Loss,
    seed: int,
    output: Path,
    on_epoch: Callable[[EpochLog], None] | None = None,
) -> None:
    """Train one arm with one seed round after round, and predict every patient by the others' network.

    Interrupted, it resumes in the same round after the last finished epoch; the states of finished rounds
    are kept until the last one is finished.

    Parameters
    ----------
    rounds
        The same cases and targets; each with its own splits, weights and standardisation.
    spec, loss, seed, output
        See `train`. Every round starts from the same seed. model.keras contains the networks of all rounds
        and answers by the mean of their probabilities; the predictions are each of one of them.
    on_epoch
        Called with each line of the history, `round` among its columns.

    Raises
    ------
    ConfigError, DataError
        See `train`; the splits of all rounds are checked before the first.
    """
    trainings = [
        Training(inputs, spec, loss, seed, on_epoch and _add_round(on_epoch, number), (number, len(rounds)))
        for number, inputs in enumerate(rounds)
    ]
    for number, inputs in enumerate(rounds):
        validation.check_splits(inputs, spec.monitor, f" of round {number}")
    learned = []
    for training in trainings:
        folder = resume.build_state_path(training).parent
        with hold(folder, training.name), runtime.open_session(spec, seed):
            _, state, in_force = learn(training)
        learned.append((state.history, state.best, in_force))
    with runtime.open_session(spec, seed):
        networks = [registry.build(spec, inputs.problem) for inputs in rounds]
        for network, (_, weights, _) in zip(networks, learned, strict=True):
            network.set_weights(weights)
        finished = [(history, in_force) for history, _, in_force in learned]
        record.write_rounds(output, trainings, ensemble.join(networks), finished)
    for training in trainings:
        shutil.rmtree(resume.build_state_path(training).parent)


def _add_round(on_epoch: Callable[[EpochLog], None], number: int) -> Callable[[EpochLog], None]:
    return lambda log: on_epoch({"round": number, **log})


def learn(training: Training) -> tuple[keras.Model, resume.State, InForce]:
    """Train a network, or what is left of it, within a session; return it with its best weights."""
    inputs = training.inputs
    spec = training.spec
    samples = repeat_rare(select(inputs.cases, inputs.labels, "train"), inputs.targets, spec)
    pixels = refuse_other_size(open_pixels(inputs.pixels), inputs.image)
    batches = Batches(pixels, samples, spec, training.seed)
    state = resume.load(resume.build_state_path(training))
    model = registry.build(spec, inputs.problem)
    if state.history:
        print(f"{training.name} goes on after epoch {len(state.history)}", flush=True)
        model.set_weights(state.weights)
    wanted = f"train.batch_size {spec.batch_size} of images of image.size {inputs.image.size} px"
    with runtime.name_lack_of_memory(wanted):
        for phase in schedule.plan(spec):
            in_force = fit(training, phase, model, batches, state)
    model.set_weights(state.best)
    return model, state, {**in_force, "effective": record.count_effective(samples, inputs.targets)}


def compute_run_key(rounds: Sequence[Inputs], spec: TrainSpec, loss: Loss, seed: int) -> str:
    """Return the hash of all that decides the result of `train`, or of `cross_validate`: 64 hex digits."""
    return resume.combine_keys([Training(inputs, spec, loss, seed, None) for inputs in rounds])


def fit(
    training: Training, phase: Phase, model: keras.Model, batches: Batches, state: resume.State
) -> InForce:
    """Train through one phase, or what is left of it; return what was in force.

    Returns
    -------
    dict
        `in_force` and `trainable_parameters` of training.json.
    """
    spec = training.spec
    if phase.layers is not None:
        registry.set_learning(model, phase.layers)
    runtime.compile_model(model, spec, loss=training.loss_function, metrics=[KnownRates()])
    learning = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    in_force = {"trainable_parameters": learning, "in_force": runtime.find_settings(model, spec)}
    done = len(state.history)
    if done >= phase.last or schedule.is_over(state.history, spec):
        return in_force
    if done > phase.first:
        resume.restore_optimizer(model, state)
    print(format_phase(training, phase, in_force), flush=True)
    callbacks = [EpochStart(training, phase, batches), EpochEnd(training, phase, state, batches.images)]
    first = max(done, phase.first)
    # shuffle: Keras would shuffle the batches once more, with a generator of its own.
    model.fit(batches, initial_epoch=first, epochs=phase.last, callbacks=callbacks, shuffle=False, verbose=0)
    return in_force


def format_phase(training: Training, phase: Phase, in_force: InForce) -> str:
    """Return one line on what is about to be trained, with the settings in force, not those asked for."""
    settings = in_force["in_force"]
    repeatable = "deterministic" if settings["deterministic"] else "not deterministic"
    return (
        f"{training.name} epochs {phase.first + 1} to {phase.last}:"
        f" {in_force['trainable_parameters']:,} parameters learn;"
        f" {settings['backend']} on {settings['device']}, {settings['precision']}, xla {settings['xla']}"
        f" (asked: {training.spec.xla}), {repeatable}"
    )
