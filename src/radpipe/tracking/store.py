"""The MLflow store: connect without a race, find a run or create it, log what is not there yet."""

import os

# Read when MLflow is imported, which comes next. What the user has set counts.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "3")  # [s]; two minutes is MLflow's own
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException

from radpipe.errors import DataError
from radpipe.tracking.address import LOCKED, SQLITE, find_address
from radpipe.tracking.contents import LoggedRun

COLUMNS = (
    "tags.`dataset`", "tags.`loss`", "tags.`seed`", "metrics.`test/auroc/macro`",
    "metrics.`test/recall/pooled`", "metrics.`test/specificity/pooled`",
)  # fmt: skip
# The page of the experiment: networks, not prompts; a table of main metrics at runs?viewStateShareKey=radpipe
PAGE = {
    "mlflow.experimentKind": "custom_model_development",
    "mlflow.sharedViewState.radpipe": json.dumps({"selectedColumns": COLUMNS}),
}
DELETED = "deleted"  # a stage of the life of an experiment
LOSS = "train/loss"  # logged with every epoch
# MLflow's limits of one batch.
MOST_METRICS = 1000
MOST_PARAMS = 100


@dataclass(frozen=True)
class Store:
    """A store that answers.

    Attributes
    ----------
    client
        Of MLflow; its fluent interface would send the names of user and program along.
    experiment
        Identifier of the experiment.
    lock
        Of a database in a file: eight processes at once would break or starve it.
    """

    client: MlflowClient
    experiment: str
    lock: AbstractContextManager[object]


@dataclass(frozen=True)
class OpenRun:
    """A run that can be written to, as it was found."""

    store: Store
    found: Run

    @property
    def id(self) -> str:
        """Identifier of the run."""
        return str(self.found.info.run_id)


def connect() -> Store:
    """Open the store, and get or create the experiment, one process at a time."""
    uri = find_address()
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or "radpipe"
    lock: AbstractContextManager[object] = nullcontext()
    files = None
    if uri.startswith(SQLITE):
        database = Path(uri.removeprefix(SQLITE))
        database.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{database}.lock", timeout=LOCKED)
        files = (database.parent / "mlartifacts").as_uri()
    try:
        with lock:
            client = MlflowClient(uri)
            return Store(client, _open_experiment(client, name, files), lock)
    except Timeout:
        raise DataError(f"the MLflow store {uri} is locked by another process for {LOCKED} s") from None


def _open_experiment(client: MlflowClient, name: str, files: str | None) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None and found.lifecycle_stage == DELETED:
        raise DataError(
            f"the MLflow experiment {name!r} was deleted; `mlflow experiments restore --experiment-id "
            f"{found.experiment_id}` brings it back, or set MLFLOW_EXPERIMENT_NAME to another name"
        )
    if found is not None:
        return str(found.experiment_id)
    try:
        return str(client.create_experiment(name, artifact_location=files, tags=PAGE))
    except MlflowException:  # on a server, where no lock helps, another process may have been faster
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)


def open_run(store: Store, logged_run: LoggedRun, tags: Mapping[str, str]) -> OpenRun:
    """Find the run by key and dataset, or create it; log the parameters and tags that it lacks."""
    wanted = f"tags.`radpipe.key` = '{logged_run.key}' AND tags.dataset = '{logged_run.dataset}'"
    with store.lock:
        known = store.client.search_runs([store.experiment], wanted, max_results=1)
        run = known[0] if known else _create_run(store, logged_run)
        given = run.data.params
        params = [Param(name, value) for name, value in logged_run.params.items() if name not in given]
        changed = [RunTag(name, value) for name, value in tags.items() if run.data.tags.get(name) != value]
        for batch in _cut_batches(params, MOST_PARAMS):
            store.client.log_batch(run.info.run_id, params=batch)
        store.client.log_batch(run.info.run_id, tags=changed)
    return OpenRun(store, run)


def _create_run(store: Store, logged_run: LoggedRun) -> Run:
    return store.client.create_run(store.experiment, run_name=logged_run.name, tags=logged_run.tags)


def find_known_steps(run: OpenRun) -> set[tuple[str, int]]:
    """Return the rounds, as the metrics' names end, and epochs that are logged already."""
    names = [name for name in run.found.data.metrics if name.startswith(LOSS)]
    with run.store.lock:
        return {
            (name.removeprefix(LOSS), each.step)
            for name in names
            for each in run.store.client.get_metric_history(run.id, name)
        }


def log_metrics(run: OpenRun, metrics: Mapping[str, float], step: int = 0) -> None:
    """Log numbers at one step."""
    now = int(time.time() * 1000)
    entries = [Metric(name, value, now, step) for name, value in metrics.items()]
    with run.store.lock:
        for batch in _cut_batches(entries, MOST_METRICS):
            run.store.client.log_batch(run.id, metrics=batch)


def log_new(run: OpenRun, metrics: Mapping[str, float]) -> None:
    """Log the numbers that are not there yet, or have changed."""
    known = run.found.data.metrics
    log_metrics(run, {name: value for name, value in metrics.items() if known.get(name) != value})


def log_files(run: OpenRun, files: Iterable[Path], folder: str | None = None) -> None:
    """Keep files with the run; one of the same name is replaced."""
    for file in files:
        run.store.client.log_artifact(run.id, str(file), folder)


def reopen(run: OpenRun) -> None:
    """Mark a run as running that was interrupted, or is trained once more."""
    if run.found.info.status != "RUNNING":
        with run.store.lock:
            run.store.client.update_run(run.id, "RUNNING")


def close(run: OpenRun, status: str) -> None:
    """Mark a run as ended with a status."""
    with run.store.lock:
        run.store.client.set_terminated(run.id, status)


def finish(run: OpenRun) -> None:
    """Mark a run as complete; one that was complete keeps its time."""
    if run.found.info.status != "FINISHED":
        close(run, "FINISHED")


def _cut_batches(values: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
