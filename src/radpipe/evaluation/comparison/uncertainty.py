"""Who carries the intervals, which findings get none, and DeLong's intervals where they may stand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.config.evaluation import IntervalsSpec
from radpipe.config.runs import RunName
from radpipe.errors import DataError
from radpipe.evaluation.arms import group_by_arm
from radpipe.evaluation.comparison.values import AVERAGES
from radpipe.evaluation.estimates import Resampled, Runs, lacking
from radpipe.evaluation.intervals.delong import delong
from radpipe.evaluation.intervals.limits import around, effective_patients, widen
from radpipe.predictions import Predictions

Floats = NDArray[np.float64]


def explain_without(test: Predictions, part: Resampled, least: int) -> dict[str, str]:
    """Say of each finding with, or without which there are too few patients why it has no interval.

    If that is so of all findings, their averages have none either.
    """
    reasons = {target: lacking(test.labels[:, j], part.codes, least) for j, target in enumerate(test.targets)}
    without = {target: reason for target, reason in reasons.items() if reason}
    if len(without) == len(test.targets):
        without |= dict.fromkeys(AVERAGES, "no finding has an interval")
    return without


def count_carriers(test: Predictions, part: Resampled, usable: list[str]) -> dict[str, float]:
    """Return the effective number of patients behind each finding, the macro and the pooled values."""
    columns = [test.targets.index(target) for target in usable]
    found = {
        target: effective_patients(test.labels[:, j], part.codes) for j, target in enumerate(test.targets)
    }
    return {
        **found,
        "macro": effective_patients(test.labels[:, columns], part.codes),
        "pooled": effective_patients(test.labels.ravel(), np.repeat(part.codes, len(test.targets))),
    }


def describe_intervals(
    spec: IntervalsSpec, part: Resampled, seeds: int, without: Mapping[str, str]
) -> dict[str, Any]:
    """Say how the intervals were made, for compare.json."""
    return {
        **spec.model_dump(mode="json", exclude={"seed"}),
        "resamples": len(part.multiplicities) - 1,
        "patients": part.multiplicities.shape[1],
        "seeds": seeds,
        "training_variance": spec.method != "none" and seeds > 1,
        "without": dict(without),
    }


def refuse_delong(part: Resampled) -> None:
    """Refuse DeLong's method where it would take several images of one person for several persons.

    Raises
    ------
    DataError
        If a patient of the test part has several cases.
    """
    several = int((np.bincount(part.codes) > 1).sum()) if len(part.codes) else 0
    if several:
        raise DataError(
            f"compare.intervals.method: delong takes every image for another person, but {several} of "
            f"{part.multiplicities.shape[1]} patients of the test part have several; use bootstrap"
        )


def delong_intervals(
    runs: Runs, findings: Mapping[str, list[str]], carriers: Mapping[str, float], level: float
) -> dict[str, dict[str, list[float] | None]]:
    """Make the intervals of the AUROC: of each arm, and of their difference.

    Parameters
    ----------
    findings
        A name, and the findings whose mean AUROC it stands for.
    carriers
        The effective number of patients behind each name.

    Returns
    -------
    dict
        Name -> arm or `difference` -> [low, high] or None.
    """
    tests = {run: predictions.of_split("test") for run, predictions in runs.items()}
    return {
        name: _of_mean(
            {run: _contribute(test, targets) for run, test in tests.items()}, carriers[name], level
        )
        for name, targets in findings.items()
    }


def _contribute(test: Predictions, targets: list[str]) -> tuple[float, Floats]:
    """Return the mean AUROC of some findings, and what each case contributes to its error."""
    columns = [test.targets.index(target) for target in targets]
    if not columns:
        return float("nan"), np.full(len(test.labels), np.nan)
    found = [delong(test.labels[:, j], test.logits[:, j]) for j in columns]
    return float(np.mean([area for area, _ in found])), np.mean([errors for _, errors in found], axis=0)


def _of_mean(
    found: Mapping[RunName, tuple[float, Floats]], patients: float, level: float
) -> dict[str, list[float] | None]:
    groups = group_by_arm(found)
    arms = list(groups)
    if len(arms) > 1:
        pairs = zip(*groups.values(), strict=True)
        groups["difference"] = [(right[0] - left[0], right[1] - left[1]) for left, right in pairs]
    none: dict[str, list[float] | None] = {"difference": None}
    ends = none | {name: _interval(group, name, patients, level) for name, group in groups.items()}
    return ends | (none if all(ends[arm] is None for arm in arms) else {})  # as `estimates.pair`


def _interval(
    seeds: list[tuple[float, Floats]], name: str, patients: float, level: float
) -> list[float] | None:
    areas, errors = [area for area, _ in seeds], np.mean([errors for _, errors in seeds], axis=0)
    point, bounded = float(np.mean(areas)), name != "difference"
    ends = around(point, float(np.sqrt((errors**2).sum())), level, bounded=bounded, patients=patients)
    low, high = np.clip(widen(point, ends, areas, level), 0 if bounded else -1, 1)
    return None if np.isnan(low) else [float(low), float(high)]
