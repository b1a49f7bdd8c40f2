"""The names of runs."""

import re
from typing import NamedTuple

from radpipe.errors import DataError


class RunName(NamedTuple):
    """One training of a data set: an arm with a seed."""

    arm: str
    seed: int


def format_run_name(arm: str, seed: int | str) -> str:
    """Return the name of a run's folder, `wbce_s0`; dvc.yaml, which cannot call this, spells it out."""
    return f"{arm}_s{seed}"


def format_mlflow_name(arm: str, seed: int) -> str:
    """Return the name of a run in MLflow, `wbce-s0`."""
    return f"{arm}-s{seed}"


def parse_run_name(name: str) -> RunName:
    """Return the arm and the seed in the name of a run's folder.

    Raises
    ------
    DataError
        If it is not the name of a run.
    """
    match = re.fullmatch(format_run_name(r"(\w+)", r"(\d+)"), name)
    if match is None:
        raise DataError(f"{name}: no run, expected a folder named <loss>_s<seed>, such as wbce_s0")
    return RunName(match[1], int(match[2]))
