"""Runs -> MLflow. Files are written first; a store that is down costs seconds, never a run.

Nothing here changes a result, and nothing that names a patient, a file of the data, a user or a host is sent.
Runs are keyed by the hash of parameters and data, so that logging again fills gaps and duplicates nothing.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from radpipe.errors import mask_secrets
from radpipe.tracking import contents
from radpipe.tracking.address import find_time_limit
from radpipe.tracking.contents import EpochLog

__all__ = ["record_comparison", "record_folder", "record_run", "record_training"]


@contextmanager
def record_training(
    dataset: str | None, loss: str, seed: int, key: str, params: dict[str, Any]
) -> Iterator[Callable[[EpochLog], None] | None]:
    """Log a training while it runs: yield what takes each line of its history.

    Another thread writes to the store, so that a slow one slows no epoch. What it could not log,
    `record_run` logs after the evaluation.

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
    lines: SimpleQueue[EpochLog | str] = SimpleQueue()

    def follow() -> None:
        from radpipe.tracking import writing  # noqa: PLC0415 (MLflow takes a second to import)

        writing.follow(contents.describe_training(dataset, loss, seed, key, params), lines)

    follower = _start(dataset, follow)
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

    def write() -> None:
        from radpipe.tracking import writing  # noqa: PLC0415

        writing.write_run(run, evaluation, dataset, contents.find_origin())

    _wait(_start(dataset, write), dataset)


def record_comparison(folder: Path, dataset: str) -> None:
    """Log the comparison in results/{dataset} as one run, with the page and its figures if they are there."""

    def write() -> None:
        from radpipe.tracking import writing  # noqa: PLC0415

        writing.write_comparison(folder, dataset)

    _wait(_start(dataset, write), dataset)


def record_folder(folder: Path) -> None:
    """Log every run in results/{dataset}, and the comparison.

    Raises
    ------
    DataError
        If the folder contains no run, or the store cannot be reached.
    """
    from radpipe.tracking import writing  # noqa: PLC0415

    number = writing.write_folder(folder)
    print(f"{number} runs of {folder.resolve().name} are in MLflow")


def _start(dataset: str, action: Callable[[], None]) -> threading.Thread:
    """Run an action in a thread; any failure is printed in one line: tracking never fails a run."""

    def attempt() -> None:
        try:
            action()
        except Exception as error:
            _print_failure(dataset, contents.format_error(error))

    # A daemon: a store that hangs does not keep the program from ending.
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    return thread


def _wait(thread: threading.Thread, dataset: str) -> None:
    limit = find_time_limit()
    thread.join(limit)
    if thread.is_alive():
        _print_failure(dataset, f"MLflow does not answer within {limit} s")


def _print_failure(dataset: str, message: str) -> None:
    print(f"{mask_secrets(message)}; run `radpipe track --folder results/{dataset}` later", file=sys.stderr)
