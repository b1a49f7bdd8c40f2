"""Runs -> MLflow. Files are written first; a store that is down costs seconds, never a run.

Nothing here changes a result, and nothing that names a patient, a file of the data, a user or a host is sent.
Runs are keyed by the hash of parameters and data, so that logging again fills gaps and doubles nothing.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from radpipe.errors import DataError
from radpipe.tracking import contents

__all__ = ["live", "record_comparison", "record_folder", "record_run"]

Row = dict[str, float]
PATIENCE = 30  # seconds that a step waits for the store before it goes on without


@contextmanager
def live(
    dataset: str | None, loss: str, seed: int, key: str, params: dict[str, Any]
) -> Iterator[Callable[[Row], None] | None]:
    """Follow a training: yield what takes each line of its history.

    Another thread talks to the store, so that a slow one slows no epoch. What it could not say,
    `record_run` says after the evaluation.

    Parameters
    ----------
    dataset
        Name in params.yaml; None: nothing is tracked.
    loss, seed
        The run.
    key
        Hash of parameters and data.
    params
        The section `train`.
    """
    if dataset is None:
        yield None
        return
    lines: SimpleQueue[Row | str] = SimpleQueue()
    facts = contents.Facts(dataset, loss, seed, key, contents.flatten({"train": params}))
    follower = _start(dataset, lambda: _follow(facts, lines))
    status = "FAILED"
    try:
        yield lines.put
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        lines.put(status)
        _wait(follower, dataset)


def record_run(run: Path, evaluation: Path | None, dataset: str) -> None:
    """Log a finished run: parameters, epochs, metrics, model; only what is not there yet.

    Parameters
    ----------
    run
        results/{dataset}/runs/{loss}_s{seed}.
    evaluation
        results/{dataset}/evaluations/{loss}_s{seed}, if it was evaluated.
    dataset
        Name in params.yaml.
    """
    _wait(_start(dataset, lambda: _write_run(run, evaluation, dataset, contents.origin())), dataset)


def record_comparison(folder: Path, dataset: str) -> None:
    """Log the comparison in results/{dataset} as one run, with the page and its figures if they are there."""
    _wait(_start(dataset, lambda: _write_comparison(folder, dataset)), dataset)


def record_folder(folder: Path) -> None:
    """Log every run in results/{dataset}, and the comparison.

    Raises
    ------
    DataError
        If the folder holds no run, or the store cannot be reached.
    """
    runs = sorted(path.parent for path in folder.glob("runs/*/training.json"))
    if not runs:
        raise DataError(f"{folder}: no runs/*/training.json, expected a folder results/<dataset>")
    try:
        for run in runs:
            evaluation = folder / "evaluations" / run.name
            known = evaluation if (evaluation / "metrics.json").is_file() else None
            _write_run(run, known, folder.resolve().name, {})
        if (folder / "compare.json").is_file():
            _write_comparison(folder, folder.resolve().name)
    except Exception as error:
        if isinstance(error, DataError):
            raise
        raise DataError(_say(error)) from None
    print(f"{len(runs)} runs are in MLflow")


def _follow(facts: contents.Facts, lines: "SimpleQueue[Row | str]") -> None:
    from radpipe.tracking import store  # noqa: PLC0415 (MLflow takes a second to import)

    run = store.open_run(store.connect(), facts, {**facts.tags, **contents.origin()})
    store.reopen(run)
    known = store.known_steps(run)
    while isinstance(line := lines.get(), dict):
        if int(line["epoch"]) not in known:
            store.log_metrics(run, contents.epoch_metrics(line), step=int(line["epoch"]))
    store.close(run, line)


def _write_run(run: Path, evaluation: Path | None, dataset: str, origin: dict[str, str]) -> None:
    from radpipe.tracking import model, store  # noqa: PLC0415

    facts, history, files = contents.read_run(run, dataset)
    tags = {**facts.tags, **contents.data_tags(run.parents[1]), **origin}
    opened = store.open_run(store.connect(), facts, tags)
    known = store.known_steps(opened)
    for line in history:
        if int(line["epoch"]) not in known:
            store.log_metrics(opened, contents.epoch_metrics(line), step=int(line["epoch"]))
    if evaluation is not None:
        files.append(evaluation / "metrics.json")
        store.log_new(opened, contents.final_metrics(files[-1]))
    store.log_files(opened, files)
    model.log(opened, run)
    store.finish(opened)


def _write_comparison(folder: Path, dataset: str) -> None:
    from radpipe.tracking import store  # noqa: PLC0415

    facts, metrics, note = contents.read_comparison(folder, dataset)
    opened = store.open_run(store.connect(), facts, {**facts.tags, "mlflow.note.content": note})
    store.log_new(opened, metrics)
    store.log_files(
        opened, [path for path in (folder / "compare.json", folder / "report.html") if path.is_file()]
    )
    store.log_files(opened, sorted(folder.glob("figures/*.png")), "figures")
    store.finish(opened)


def _start(dataset: str, action: Callable[[], None]) -> threading.Thread:
    """Run an action beside the program; a failure is one line, whatever it is: tracking never fails a run."""

    def attempt() -> None:
        try:
            action()
        except Exception as error:
            _complain(dataset, _say(error))

    # A daemon: a store that hangs does not keep the program from ending.
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    return thread


def _wait(thread: threading.Thread, dataset: str) -> None:
    thread.join(PATIENCE)
    if thread.is_alive():
        _complain(dataset, f"MLflow is unreachable: no answer in {PATIENCE} s")


def _complain(dataset: str, message: str) -> None:
    print(f"{message}; run `radpipe track --folder results/{dataset}` later", file=sys.stderr)


def _say(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"MLflow is unreachable: {type(error).__name__}: {text[:200]}"
