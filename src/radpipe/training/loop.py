"""Train networks: the same weights and the same batches for both arms, resumable, repeatable."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported, which comes next

import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

from radpipe.config.parameters import Loss
from radpipe.config.training import TrainSpec
from radpipe.training import record, resume, runtime, schedule, validation
from radpipe.training.batches.pixels import open_pixels
from radpipe.training.batches.samples import repeat_rare, select
from radpipe.training.batches.sequence import Batches
from radpipe.training.callbacks import EpochEnd, EpochStart
from radpipe.training.counts import KnownRates
from radpipe.training.inputs import Inputs
from radpipe.training.models import ensemble, registry
from radpipe.training.run import Training
from radpipe.training.schedule import EpochLog, Phase

__all__ = ["Inputs", "cross_validate", "run_key", "train"]

InForce = dict[str, Any]  # what was in force, for training.json


def train(
    inputs: Inputs,
    spec: TrainSpec,
    loss: Loss,
    seed: int,
    output: Path,
    on_epoch: Callable[[EpochLog], None] | None = None,
) -> None:
    """Train one arm with one seed, and predict its validation and test parts with the best weights.

    A training that was killed goes on after its last finished epoch, and ends like any other. What it
    needs for that lies below the current folder, in `.radpipe/runs`, and is removed at the end.

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
        If a part is empty, early stopping watches an AUROC that no target has, or pixels are missing.
    """
    run = Training(inputs, spec, loss, seed, on_epoch)
    validation.check_parts(inputs, spec.monitor)
    with runtime.session(spec, seed):
        model, state, facts = learn(run)
        record.write(output, run, model, state.rows, facts)
    shutil.rmtree(resume.path_of(run).parent)


def cross_validate(
    rounds: Sequence[Inputs],
    spec: TrainSpec,
    loss: Loss,
    seed: int,
    output: Path,
    on_epoch: Callable[[EpochLog], None] | None = None,
) -> None:
    """Train one arm with one seed round after round, and predict every patient by the others' network.

    Killed, it goes on in the round and after the epoch where it was; the states of finished rounds are
    kept until the last one is finished.

    Parameters
    ----------
    rounds
        The same cases and targets; in each other parts, weights and standardisation.
    spec, loss, seed, output
        See `train`. Every round starts from the same seed. model.keras holds the networks of all rounds and
        answers by the mean of their probabilities; the predictions are each of one of them.
    on_epoch
        Called with each line of the history, `round` among its columns.

    Raises
    ------
    ConfigError, DataError
        See `train`; the parts of all rounds are looked at before the first.
    """
    runs = [
        Training(inputs, spec, loss, seed, on_epoch and _tell(on_epoch, number), (number, len(rounds)))
        for number, inputs in enumerate(rounds)
    ]
    for number, inputs in enumerate(rounds):
        validation.check_parts(inputs, spec.monitor, f" of round {number}")
    learned = []
    for run in runs:
        with runtime.session(spec, seed):
            _, state, facts = learn(run)
        learned.append((state.rows, state.best, facts))
    with runtime.session(spec, seed):
        networks = [registry.build(spec, inputs.problem) for inputs in rounds]
        for network, (_, weights, _) in zip(networks, learned, strict=True):
            network.set_weights(weights)
        parts = [(rows, facts) for rows, _, facts in learned]
        record.write_rounds(output, runs, ensemble.join(networks), parts)
    for run in runs:
        shutil.rmtree(resume.path_of(run).parent)


def _tell(on_epoch: Callable[[EpochLog], None], number: int) -> Callable[[EpochLog], None]:
    return lambda row: on_epoch({"round": number, **row})


def learn(run: Training) -> tuple[keras.Model, resume.State, InForce]:
    """Train a network, or what is left of it, within a session; return it with its best weights."""
    inputs, spec = run.inputs, run.spec
    samples = repeat_rare(select(inputs.cases, inputs.labels, "train"), inputs.targets, spec)
    batches = Batches(open_pixels(inputs.pixels), samples, spec, run.seed)
    state = resume.load(resume.path_of(run))
    model = registry.build(spec, inputs.problem)
    if state.rows:
        print(f"{run.name} goes on after epoch {len(state.rows)}", flush=True)
        model.set_weights(state.weights)
    for phase in schedule.plan(spec):
        facts = fit(run, phase, model, batches, state)
    model.set_weights(state.best)
    return model, state, {**facts, "effective": record.effective(samples, inputs.targets)}


def run_key(rounds: Sequence[Inputs], spec: TrainSpec, loss: Loss, seed: int) -> str:
    """Return the hash of all that decides the result of `train`, or of `cross_validate`: 64 hex digits."""
    return resume.key_of_all([Training(inputs, spec, loss, seed, None) for inputs in rounds])


def fit(run: Training, phase: Phase, model: keras.Model, batches: Batches, state: resume.State) -> InForce:
    """Train through one phase, or what is left of it; say what was in force.

    Returns
    -------
    dict
        `in_force` and `trainable_parameters` of training.json.
    """
    if phase.layers is not None:
        registry.set_learning(model, phase.layers)
    runtime.compile_model(model, run.spec, loss=run.loss_function, metrics=[KnownRates()])
    learning = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    facts = {"trainable_parameters": learning, "in_force": runtime.in_force(model, run.spec)}
    done = len(state.rows)
    if done >= phase.last or schedule.is_over(state.rows, run.spec):
        return facts
    if done > phase.first:
        resume.restore_optimizer(model, state)
    print(announce(run, phase, facts), flush=True)
    callbacks = [EpochStart(run, phase, batches), EpochEnd(run, phase, state, batches.images)]
    first = max(done, phase.first)
    # shuffle: Keras would shuffle the batches once more, with a generator of its own.
    model.fit(batches, initial_epoch=first, epochs=phase.last, callbacks=callbacks, shuffle=False, verbose=0)
    return facts


def announce(run: Training, phase: Phase, facts: InForce) -> str:
    """Say what is about to be trained, and under which settings: those in force, not those asked for."""
    force = facts["in_force"]
    repeatable = "deterministic" if force["deterministic"] else "not deterministic"
    return (
        f"{run.name} epochs {phase.first + 1} to {phase.last}: {facts['trainable_parameters']:,} parameters"
        f" learn; {force['backend']} on {force['device']}, {force['precision']}, xla {force['xla']}"
        f" (asked: {run.spec.xla}), {repeatable}"
    )
