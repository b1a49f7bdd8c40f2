"""Subgroups of the test set: the metrics of each arm in them, and their differences to the rest.

The difference of two groups is of the same resamples: a patient who is drawn counts in both. Thresholds are
those of all cases. The comparisons are exploratory, not corrected for multiple comparisons.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpipe.config.columns import name_columns
from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.runs import RunName
from radpipe.errors import DataError
from radpipe.evaluation.estimates import Runs, Values, average_findings, pair, resample
from radpipe.evaluation.operating_points.points import CHOICES, HALF, Thresholds
from radpipe.evaluation.subgroups.groups import divide
from radpipe.evaluation.subgroups.measuring import METRICS, Context, Group, Mask, measure_group

NO_WIDTH = 1e-12


def compute_subgroups(
    runs: Runs, thresholds: Thresholds, images: pd.DataFrame, spec: EvaluateSpec, plan: CompareSpec
) -> dict[str, Any]:
    """Compute the section subgroups of compare.json.

    Parameters
    ----------
    runs, thresholds
        Predictions of all runs, and what `points.choose_all_thresholds` returns for them.
    images
        index/images.parquet; `row` of the predictions is its row number.
    spec, plan
        The rule of the thresholds; the columns, the edges of the age bands, and the fewest positives.

    Returns
    -------
    dict
        min_positives, absent (column -> why it has no groups) and columns: column -> unknown (cases without
        a value) and groups: name -> cases, patients, findings and macro. Of a finding: positives, negatives,
        few (why nothing is concluded, or None), and for each of `METRICS` `here` and `to_rest` (this group
        minus the others with a known value), as `estimates.pair` returns them, or None. macro: the mean over
        the findings that are not too few, `over` and `to_rest_over` of them.

    Raises
    ------
    DataError
        If the predictions are of other images.
    """
    tests = {run: each.select_split("test") for run, each in runs.items()}
    reference = next(iter(tests.values()))
    known = find_images(reference.cases, images)
    choices = [CHOICES.index(spec.threshold), CHOICES.index(HALF)]
    context = Context(tests, thresholds, resample(reference, plan.intervals, offset=0), choices, plan)
    columns = {}
    absent = {}
    for column in plan.subgroups.columns:
        name = column if column in known else name_columns([column])[column]
        if name not in known:
            absent[column] = "the data set has no such column"
            continue
        masks = divide(known[name], plan.subgroups.age_edges)
        if isinstance(masks, str):
            absent[column] = masks
        else:
            columns[column] = describe_column(context, masks)
    return {"min_positives": plan.subgroups.min_positives, "absent": absent, "columns": columns}


def find_images(cases: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """Return the row of the index of each case, in the order of the cases.

    Raises
    ------
    DataError
        If the predictions are of other images.
    """
    rows = cases["row"].to_numpy()
    if len(rows) and rows.max() < len(images):
        known = images.iloc[rows].reset_index(drop=True)
        if known["patient_id"].astype(str).equals(cases["patient_id"].astype(str).reset_index(drop=True)):
            return known
    raise DataError(
        f"compare: the rows of the predictions are not those of the {len(images)} images of the index, "
        "expected the index that they were trained on: run the steps again, or leave --images out"
    )


def describe_column(context: Context, masks: Mapping[str, Mask]) -> dict[str, Any]:
    """Compute the metrics of each group of a column, and their differences to the other groups.

    `masks`: (cases,) bool each.
    """
    every = np.logical_or.reduce(list(masks.values()))
    measured: dict[bytes, dict[str, Group]] = {}

    def measure(mask: Mask) -> dict[str, Group]:
        key = mask.tobytes()  # of two groups, each is the other's rest
        if key not in measured:
            measured[key] = measure_group(context, mask)
        return measured[key]

    groups = {
        name: {
            "cases": int(mask.sum()),
            "patients": len(np.unique(context.resampled.codes[mask])),
            **describe_group(measure(mask), measure(every & ~mask), context.plan.intervals.level),
        }
        for name, mask in masks.items()
    }
    return {"unknown": int((~every).sum()), "groups": groups}


def describe_group(here: Mapping[str, Group], rest: Mapping[str, Group], level: float) -> dict[str, Any]:
    """Pair the arms in each finding and in the mean, in the group and against the rest."""
    findings = {
        target: {
            "positives": group.positives,
            "negatives": group.negatives,
            "few": group.few,
            **{metric: pair_means([(group, rest[target])], metric, level) for metric in METRICS},
        }
        for target, group in here.items()
    }
    pairs = [(group, rest[target]) for target, group in here.items() if not group.few]
    both = [pair for pair in pairs if not pair[1].few]
    macro = {metric: pair_means(pairs, metric, level) for metric in METRICS}
    return {"findings": findings, "macro": {"over": len(pairs), "to_rest_over": len(both), **macro}}


def pair_means(pairs: list[tuple[Group, Group]], metric: str, level: float) -> dict[str, Any]:
    """Pair the arms in the mean over findings, and in the mean of their differences to the rest."""
    usable = [here for here, _ in pairs if not here.few]
    both = [(here, rest) for here, rest in pairs if not here.few and not rest.few]
    entries: dict[str, Any] = {"here": None, "to_rest": None}
    if usable:
        means = average_runs([here.draws[metric] for here in usable])
        entries["here"] = pair(means, level, bounded=True, patients=find_fewest_patients(usable))
    if both:
        gaps = average_runs([subtract(here.draws[metric], rest.draws[metric]) for here, rest in both])
        patients = find_fewest_patients([group for groups in both for group in groups])
        entries["to_rest"] = remove_zero_width(pair(gaps, level, patients=patients))
    return entries


def remove_zero_width(entry: dict[str, Any]) -> dict[str, Any]:
    """Replace intervals without a width by None: where no resample varies, nothing is known of the error."""
    known = {
        key: ends if ends and ends[1] - ends[0] > NO_WIDTH else None
        for key, ends in entry["interval"].items()
    }
    return entry | {"interval": known}


def find_fewest_patients(groups: Sequence[Group]) -> float:
    """Return the smallest effective number of patients: the widest interval."""
    return min(group.patients for group in groups)


def subtract(left: Mapping[RunName, Values], right: Mapping[RunName, Values]) -> dict[RunName, Values]:
    """Subtract run by run; where one side has no resamples, the difference has none.

    Values are (1 + resamples,) float64.
    """
    shortest = {run: min(len(left[run]), len(right[run])) for run in left}
    return {run: left[run][:k] - right[run][:k] for run, k in shortest.items()}


def average_runs(findings: Sequence[Mapping[RunName, Values]]) -> dict[RunName, Values]:
    """Return the mean over findings, run by run.

    Values are (1 + resamples,) float64.
    """
    return {run: average_findings([values[run] for values in findings]) for run in findings[0]}
