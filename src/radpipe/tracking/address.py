"""Where the store is, and how long it is worth waiting for; read before MLflow is imported."""

import os
from pathlib import Path

SQLITE = "sqlite:///"
LOCKED = 15  # [s] that a step waits for other processes, of which each has its turn, or for one that hangs


def find_address() -> str:
    """Return the address of the store: MLFLOW_TRACKING_URI, else a database in the repository.

    In a temporary copy by `dvc exp run --temp` it is the database of the repository itself, also when the
    given address is relative: what is in the copy is deleted with it.
    """
    root = Path(os.environ.get("DVC_ROOT") or Path.cwd())
    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"{SQLITE}mlflow.db"
    return f"{SQLITE}{root / uri.removeprefix(SQLITE)}" if uri.startswith(SQLITE) else uri


def find_time_limit() -> int:
    """Return how long a step waits for the store before it continues without [s].

    A server that is down must not delay a training. A database in a file exists: how long one that another
    process holds is waited for, is `LOCKED`; what takes longer is MLflow itself on a machine that is busy.
    """
    return 120 if find_address().startswith(SQLITE) else 10
