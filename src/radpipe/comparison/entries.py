"""Rows of all runs -> for each finding and metric the arms' means and their paired difference."""

from typing import Any

import numpy as np
import pandas as pd


def make_entries(table: pd.Series, arms: tuple[str, ...]) -> dict[str, dict[str, dict[str, Any]]]:
    """Gather finding -> metric -> entry; the table is indexed by finding, metric, arm, seed."""
    return {str(name): _entries(table.loc[name], arms) for name in table.index.unique("finding")}


def _entries(table: pd.Series, arms: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {str(metric): _entry(table.loc[metric], arms) for metric in table.index.unique("metric")}


def _entry(values: pd.Series, arms: tuple[str, ...]) -> dict[str, Any]:
    """Mean per arm over the seeds, and the paired difference seed by seed, of one metric."""
    means = values.reset_index().pivot_table(index="seed", columns="arm", values="value", dropna=False)
    entry: dict[str, Any] = {arm: _null(means[arm].mean(skipna=False)) for arm in arms}
    if len(arms) < 2:
        return {**entry, "difference": None, "per_seed": []}
    difference = means[arms[1]] - means[arms[0]]
    per_seed = [_null(value) for value in difference]
    return {**entry, "difference": _null(difference.mean(skipna=False)), "per_seed": per_seed}


def _null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
