"""Rows of all runs -> for each finding and metric the arms' means and their paired difference."""

from typing import Any

import numpy as np
import pandas as pd

from radpipe.comparison.runs import PLAIN, WEIGHTED


def make_entries(table: pd.Series) -> dict[str, dict[str, dict[str, Any]]]:
    """Gather finding -> metric -> entry; the table is indexed by finding, metric, loss, seed."""
    return {str(name): _entries(table.loc[name]) for name in table.index.unique("finding")}


def _entries(table: pd.Series) -> dict[str, dict[str, Any]]:
    return {str(metric): _entry(table.loc[metric]) for metric in table.index.unique("metric")}


def _entry(values: pd.Series) -> dict[str, Any]:
    """Mean per arm over the seeds, and the paired difference seed by seed, of one metric."""
    arms = values.reset_index().pivot_table(index="seed", columns="loss", values="value", dropna=False)
    entry: dict[str, Any] = {str(loss): _null(arms[loss].mean(skipna=False)) for loss in arms}
    if not {PLAIN, WEIGHTED} <= set(arms):
        return {**entry, "difference": None, "per_seed": []}
    difference = arms[WEIGHTED] - arms[PLAIN]
    per_seed = [_null(value) for value in difference]
    return {**entry, "difference": _null(difference.mean(skipna=False)), "per_seed": per_seed}


def _null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
