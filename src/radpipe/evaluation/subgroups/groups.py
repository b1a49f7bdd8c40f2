"""A column of the index -> groups of cases."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

AGE = "age"  # the column that is cut into bands
MOST_GROUPS = 12  # values of any other column
Masks = dict[str, NDArray[np.bool_]]


def divide(values: pd.Series, age_edges: Sequence[float]) -> Masks | str:
    """Divide cases by one column; cases without a value are in no group.

    Parameters
    ----------
    values : (cases,)
        The column; its name decides how it is read.
    age_edges
        Where an age band ends and the next one begins [years].

    Returns
    -------
    dict or str
        Name -> mask, or why there are no groups.
    """
    if values.isna().all():
        return "no case has a value"
    numbers = pd.to_numeric(values, errors="coerce")
    if values.name == AGE and numbers.notna().any():
        return divide_ages(numbers.to_numpy(np.float64), age_edges)
    names = values.dropna().astype(str)
    if names.nunique() > MOST_GROUPS:
        return f"{names.nunique()} different values, expected at most {MOST_GROUPS}"
    if names.nunique() < 2:
        return f"all cases are alike ({names.iloc[0]})"
    every = values.astype(str).where(values.notna())
    return {name: (every == name).to_numpy(bool) for name in sorted(names.unique())}


def divide_ages(ages: NDArray[np.float64], edges: Sequence[float]) -> Masks:
    """Divide ages into bands, each with its lower edge; bands without a case are left out.

    `ages` (cases,) float64; returned (cases,) bool each.
    """
    bounds = [-np.inf, *edges, np.inf]
    bands = {name_band(low, high): (ages >= low) & (ages < high) for low, high in pairwise(bounds)}
    return {name: mask for name, mask in bands.items() if mask.any()}


def name_band(low: float, high: float) -> str:
    """Name the ages from `low` to below `high` [years]."""
    if np.isinf(low):
        return "all ages" if np.isinf(high) else f"under {high:g}"
    return f"{low:g} and over" if np.isinf(high) else f"{low:g} to under {high:g}"
