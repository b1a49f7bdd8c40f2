"""A value of every run, with its resamples -> the arms, their paired difference, and their intervals.

Values stand in one array: first the value from all patients, then the value from each resample of them.
Alone, the first one has no interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import IntervalsSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.arms import group_by_arm
from radpipe.evaluation.intervals.limits import limits, widen
from radpipe.evaluation.intervals.resampling import draw_multiplicities, encode
from radpipe.predictions import Predictions

Runs = Mapping[RunName, Predictions]
Values = NDArray[np.float64]  # (1 + resamples,)
EDGES = (0, 1)


@dataclass(frozen=True)
class Resampled:
    """The patients of one part, drawn again and again.

    Attributes
    ----------
    codes : (cases,) intp
        The patient of each case.
    multiplicities : (1 + resamples, patients) unsigned integers
        How often each patient is drawn; the first row holds each patient once.
    """

    codes: NDArray[np.intp]
    multiplicities: NDArray[np.unsignedinteger[Any]]


def resample(part: Predictions, spec: IntervalsSpec, offset: int) -> Resampled:
    """Draw the patients of a part; the offset to the seed is 0 for the test part, 1 for validation.

    Equal seeds give equal draws: all metrics, arms and subgroups see the same patients. No draws with
    another method than bootstrap.
    """
    codes = encode(part.cases["patient_id"])
    patients = int(codes.max()) + 1 if len(codes) else 0
    drawn = np.ones((1, patients), np.uint16)
    if spec.method == "bootstrap" and patients:
        more = draw_multiplicities(patients, spec.resamples, spec.seed + offset)
        drawn = np.concatenate([drawn, more])
    return Resampled(codes, drawn)


def pair(
    values: Mapping[RunName, Values], level: float, *, bounded: bool = False, patients: float = np.inf
) -> dict[str, Any]:
    """Average over the seeds, and take the difference of the arms seed by seed.

    Parameters
    ----------
    values
        Of all runs; of the same resamples.
    level
        Confidence level.
    bounded
        Whether the values lie between 0 and 1.
    patients
        The effective number of patients behind them, of `effective_patients`.

    Returns
    -------
    dict
        Each arm by its name, difference (second minus first; None of one arm), per_seed (the differences)
        and interval: each arm and difference, [low, high] or None. A bounded value of 0 or 1 has none, nor
        has the difference of two such values.
    """
    groups = group_by_arm(values)
    arms = list(groups)
    if len(arms) > 1:
        groups["difference"] = [right - left for left, right in zip(*groups.values(), strict=True)]
    found = {
        name: summarise(group, level, bounded=bounded and name != "difference", patients=patients)
        for name, group in groups.items()
    }
    if bounded and len(arms) > 1 and all(found[arm][0] in EDGES for arm in arms):
        found["difference"] = (
            found["difference"][0],
            None,
        )  # no resample varies: nothing is known of the error
    return {
        "difference": None,
        **{name: point for name, (point, _) in found.items()},
        "per_seed": [_null(value[0]) for value in groups.get("difference", [])],
        "interval": {"difference": None, **{name: ends for name, (_, ends) in found.items()}},
    }


def summarise(
    seeds: Sequence[Values], level: float, *, bounded: bool = False, patients: float = np.inf
) -> tuple[float | None, list[float] | None]:
    """Return the mean over the seeds and its interval, training included where there are several."""
    mean = np.mean(seeds, axis=0)
    point = float(mean[0])
    if len(mean) == 1 or np.isnan(point):
        return _null(point), None
    ends = limits(point, mean[1:], level, bounded=bounded, patients=patients)
    wide = np.array(widen(point, ends, [float(each[0]) for each in seeds], level))
    low, high = wide.clip(0, 1) if bounded else wide
    return point, None if np.isnan(low) else [float(low), float(high)]


def lacking(labels: NDArray[np.floating[Any]], codes: NDArray[np.intp], least: int) -> str | None:
    """Say why so few patients allow no interval of a finding, None if they do.

    Parameters
    ----------
    labels : (cases,) floating
        1, 0 or NaN.
    codes : (cases,) intp
        The patient of each case.
    least
        Patients with, and patients without the finding, that are needed.
    """
    for value, words in ((1, "with"), (0, "without")):
        patients = len(np.unique(codes[labels == value]))
        if patients < least:
            return f"{patients} patients {words} it, expected {least} or more"
    return None


def _null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
