"""A value of every run, with its resamples -> the arms, their paired difference, and their intervals.

Values are one array: first the value from all patients, then the value from each resample of them. Without
resamples there is no interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import IntervalsSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.arms import group_by_arm
from radpipe.evaluation.intervals.limits import compute_limits, widen
from radpipe.evaluation.intervals.resampling import draw_multiplicities, encode_patients
from radpipe.evaluation.metrics import list_ends, nan_to_none
from radpipe.predictions import Predictions

Runs = Mapping[RunName, Predictions]
Values = NDArray[np.float64]  # (1 + resamples,)
EDGES = (0, 1)


@dataclass(frozen=True)
class Resampled:
    """The patients of one split, resampled with replacement.

    Attributes
    ----------
    codes : (cases,) intp
        The patient of each case.
    multiplicities : (1 + resamples, patients) unsigned integers
        How often each patient is drawn; the first row counts each patient once.
    """

    codes: NDArray[np.intp]
    multiplicities: NDArray[np.unsignedinteger[Any]]


def resample(split: Predictions, spec: IntervalsSpec, offset: int) -> Resampled:
    """Resample the patients of a split; the offset to the seed is 0 for the test set, 1 for validation.

    Equal seeds give equal draws: all metrics, arms and subgroups have the same patients. No draws with
    another method than bootstrap.
    """
    codes = encode_patients(split.cases["patient_id"])
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
    values : (1 + resamples,) float64 each
        Of all runs; of the same resamples.
    level
        Confidence level.
    bounded
        Whether the values lie between 0 and 1.
    patients
        The effective number of patients behind them, of `count_effective_patients`.

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
        name: summarise_seeds(group, level, bounded=bounded and name != "difference", patients=patients)
        for name, group in groups.items()
    }
    if bounded and len(arms) > 1 and all(found[arm][0] in EDGES for arm in arms):
        # No resample varies: nothing is known of the error.
        found["difference"] = (found["difference"][0], None)
    return {
        "difference": None,
        **{name: point for name, (point, _) in found.items()},
        "per_seed": [nan_to_none(value[0]) for value in groups.get("difference", [])],
        "interval": {"difference": None, **{name: ends for name, (_, ends) in found.items()}},
    }


def summarise_seeds(
    seeds: Sequence[Values], level: float, *, bounded: bool = False, patients: float = np.inf
) -> tuple[float | None, list[float] | None]:
    """Return the mean over the seeds and its interval, training included where there are several.

    `seeds`: (1 + resamples,) float64 each.
    """
    mean = np.mean(seeds, axis=0)
    point = float(mean[0])
    if len(mean) == 1 or np.isnan(point):
        return nan_to_none(point), None
    ends = compute_limits(point, mean[1:], level, bounded=bounded, patients=patients)
    wide = np.array(widen(point, ends, [float(each[0]) for each in seeds], level))
    low, high = wide.clip(0, 1) if bounded else wide
    return point, list_ends(low, high)


def find_shortage(labels: NDArray[np.floating[Any]], codes: NDArray[np.intp], least: int) -> str | None:
    """Return why too few patients allow no interval of a finding; None if they are enough.

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


def find_shortages(split: Predictions, codes: NDArray[np.intp], least: int) -> dict[str, str]:
    """Return the findings of a split with too few patients for an interval, and why; see `find_shortage`.

    `codes` (cases,) intp: the patient of each case.
    """
    shortages = {
        target: find_shortage(split.labels[:, j], codes, least) for j, target in enumerate(split.targets)
    }
    return {target: reason for target, reason in shortages.items() if reason}


def average_findings(values: Sequence[Values]) -> Values:
    """Return the mean over findings; where one of them has no resamples, the mean has none.

    Values are (1 + resamples,) float64.
    """
    shortest = min(map(len, values))
    return np.asarray(np.mean([each[:shortest] for each in values], axis=0))
