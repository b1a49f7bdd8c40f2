"""Which findings have an interval, of how many patients, and DeLong's intervals of the AUROC."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import IntervalsSpec
from radpipe.config.runs import RunName
from radpipe.errors import DataError
from radpipe.evaluation.arms import group_by_arm
from radpipe.evaluation.comparison.values import AVERAGES
from radpipe.evaluation.estimates import Resampled, Runs, find_shortages
from radpipe.evaluation.intervals.delong import compute_delong
from radpipe.evaluation.intervals.limits import compute_limits_from_error, count_effective_patients, widen
from radpipe.evaluation.metrics import list_ends
from radpipe.predictions import Predictions

Floats = NDArray[np.float64]


def find_without_interval(test: Predictions, resampled: Resampled, least: int) -> dict[str, str]:
    """Return the findings with, or without which there are too few patients for an interval, and why.

    If that is so of all findings, their averages have none either.
    """
    without = find_shortages(test, resampled.codes, least)
    if len(without) == len(test.targets):
        without |= dict.fromkeys(AVERAGES, "no finding has an interval")
    return without


def tabulate_effective_patients(
    test: Predictions, resampled: Resampled, usable: list[str]
) -> dict[str, float]:
    """Return the effective number of patients behind each finding, the macro and the pooled values."""
    columns = [test.targets.index(target) for target in usable]
    codes = resampled.codes
    pooled_codes = np.repeat(codes, len(test.targets))
    return {
        **{
            target: count_effective_patients(test.labels[:, j], codes)
            for j, target in enumerate(test.targets)
        },
        "macro": count_effective_patients(test.labels[:, columns], codes),
        "pooled": count_effective_patients(test.labels.ravel(), pooled_codes),
    }


def describe_intervals(
    spec: IntervalsSpec, resampled: Resampled, seeds: int, without: Mapping[str, str]
) -> dict[str, Any]:
    """Return the section intervals of compare.json: how they were computed."""
    return {
        **spec.model_dump(mode="json", exclude={"seed"}),
        "resamples": len(resampled.multiplicities) - 1,
        "patients": resampled.multiplicities.shape[1],
        "seeds": seeds,
        "training_variance": spec.method != "none" and seeds > 1,
        "without": dict(without),
    }


def refuse_delong(resampled: Resampled) -> None:
    """Refuse DeLong's method where cases are not independent.

    Raises
    ------
    DataError
        If a patient of the test set has several cases.
    """
    several = int((np.bincount(resampled.codes) > 1).sum()) if len(resampled.codes) else 0
    if several:
        raise DataError(
            f"compare.intervals.method: delong takes every image for another person, but {several} of "
            f"{resampled.multiplicities.shape[1]} patients of the test part have several; use bootstrap"
        )


def compute_delong_intervals(
    runs: Runs, findings: Mapping[str, list[str]], patients: Mapping[str, float], level: float
) -> dict[str, dict[str, list[float] | None]]:
    """Compute the intervals of the AUROC: of each arm, and of their difference.

    Parameters
    ----------
    findings
        A name, and the findings whose mean AUROC it is of.
    patients
        The effective number of patients behind each name.

    Returns
    -------
    dict
        Name -> arm or `difference` -> [low, high] or None.
    """
    tests = {run: predictions.select_split("test") for run, predictions in runs.items()}
    return {
        name: _compute_intervals(
            {run: _compute_contributions(test, targets) for run, test in tests.items()}, patients[name], level
        )
        for name, targets in findings.items()
    }


def _compute_contributions(test: Predictions, targets: list[str]) -> tuple[float, Floats]:
    """Return the mean AUROC of some findings, and what each case contributes to its error."""
    columns = [test.targets.index(target) for target in targets]
    if not columns:
        return float("nan"), np.full(len(test.labels), np.nan)
    found = [compute_delong(test.labels[:, j], test.logits[:, j]) for j in columns]
    return float(np.mean([area for area, _ in found])), np.mean([errors for _, errors in found], axis=0)


def _compute_intervals(
    found: Mapping[RunName, tuple[float, Floats]], patients: float, level: float
) -> dict[str, list[float] | None]:
    groups = group_by_arm(found)
    arms = list(groups)
    if len(arms) > 1:
        pairs = zip(*groups.values(), strict=True)
        groups["difference"] = [(right[0] - left[0], right[1] - left[1]) for left, right in pairs]
    ends: dict[str, list[float] | None] = {"difference": None}
    for name, group in groups.items():
        ends[name] = _compute_interval(group, patients, level, bounded=name != "difference")
    if all(ends[arm] is None for arm in arms):
        ends["difference"] = None  # as `estimates.pair`
    return ends


def _compute_interval(
    seeds: list[tuple[float, Floats]], patients: float, level: float, *, bounded: bool
) -> list[float] | None:
    areas = [area for area, _ in seeds]
    errors = np.mean([errors for _, errors in seeds], axis=0)
    error = float(np.sqrt((errors**2).sum()))
    point = float(np.mean(areas))
    ends = compute_limits_from_error(point, error, level, bounded=bounded, patients=patients)
    low, high = np.clip(widen(point, ends, areas, level), 0 if bounded else -1, 1)
    return list_ends(low, high)
