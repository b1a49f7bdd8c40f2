"""All runs of a data set -> compare.json: WBCE minus BCE, also at the same false-positive rate.

At threshold 0.5 a weighted loss has the higher sensitivity because its probabilities are shifted: it flags
more images. So every difference is also computed at the same false-positive rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.metrics import MATCHED
from radpipe.config.runs import RunName, format_run_name
from radpipe.errors import DataError
from radpipe.evaluation.arms import format_arm, group_by_arm, list_arms
from radpipe.evaluation.calibration.variants import compute_calibration
from radpipe.evaluation.comparison.entries import SCORE, Entries, compute_entries
from radpipe.evaluation.comparison.uncertainty import describe_intervals, find_without_interval
from radpipe.evaluation.comparison.verdict import compute_endpoint
from radpipe.evaluation.estimates import Runs, resample
from radpipe.evaluation.operating_points.points import (
    choose_all_thresholds,
    compute_operating_points,
    find_usable,
)
from radpipe.evaluation.subgroups.differences import compute_subgroups


@dataclass(frozen=True)
class Origin:
    """Where predictions come from, as far as it is known: external predictions lack all of it.

    Attributes
    ----------
    weights
        weights.json.
    trainings
        training.json of each run.
    images
        index/images.parquet.
    """

    weights: Mapping[str, Any] | None = None
    trainings: Mapping[RunName, Mapping[str, Any]] = field(default_factory=dict)
    images: pd.DataFrame | None = None


def compare(
    runs: Runs, spec: EvaluateSpec, plan: CompareSpec, origin: Origin | None = None
) -> dict[str, Any]:
    """Compute the content of compare.json; without both arms there are means and no differences.

    Parameters
    ----------
    runs
        Predictions by arm and seed.
    spec, plan
        The rule of the thresholds and the score; the endpoint, the intervals and the subgroups.
    origin
        Where the predictions come from; None: unknown.

    Raises
    ------
    DataError
        If two runs do not have the same cases and findings, or the arms not the same seeds.
    """
    refuse_unpaired_seeds(runs)
    refuse_different_cases(runs)
    origin = origin or Origin()
    arms = list_arms(runs)
    test = next(iter(runs.values())).select_split("test")
    resampled = resample(test, plan.intervals, offset=0)
    thresholds = choose_all_thresholds(runs, spec, plan)
    without = find_without_interval(test, resampled, plan.intervals.min_positive_patients)
    entries = compute_entries(runs, resampled, thresholds, without, spec, plan)
    seeds = sorted({seed for _, seed in runs})
    intervals = describe_intervals(plan.intervals, resampled, len(seeds), without)
    return {
        "format": 2,
        "arms": list(arms),
        "seeds": seeds,
        "intervals": intervals,
        "endpoint": compute_endpoint(entries["macro"], arms, plan, intervals),
        "sentence": format_sentence(entries, arms),
        "detection": tabulate_detection(entries["pooled"], arms),
        "findings": {target: entries[target] for target in test.targets},
        "macro": {"over": len(find_usable([test])), "of": len(test.targets), **entries["macro"]},
        "pooled": entries["pooled"],
        "score": entries.get(SCORE),
        "operating_points": compute_operating_points(runs, thresholds, spec, plan),
        "calibration": compute_calibration(runs, plan, origin.weights, origin.trainings),
        "subgroups": None
        if origin.images is None
        else compute_subgroups(runs, thresholds, origin.images, spec, plan),
    }


def refuse_unpaired_seeds(runs: Runs) -> None:
    """Refuse arms that cannot be compared seed by seed.

    Raises
    ------
    DataError
        If there are more than two arms, or an arm lacks a seed of the other.
    """
    seeds = group_by_arm({run: run[1] for run in runs})
    if len(seeds) > 2:
        raise DataError(f"compare: found {len(seeds)} arms, {', '.join(seeds)}, expected one or two")
    if len({tuple(found) for found in seeds.values()}) > 1:
        words = "; ".join(f"{arm}: {', '.join(map(str, found))}" for arm, found in seeds.items())
        raise DataError(f"compare: the arms have different seeds ({words}), expected the same of both")


def refuse_different_cases(runs: Runs) -> None:
    """Refuse runs that cannot be compared case by case.

    Raises
    ------
    DataError
        If the runs have different cases, another order of them, or different findings; or no test case.
    """
    (first, reference), *others = runs.items()
    if not (reference.cases["split"] == "test").any():
        raise DataError(
            f"the predictions of {format_run_name(*first)} hold no case of the test part, expected some"
        )
    for run, predictions in others:
        same = reference.cases[["id", "split"]].equals(predictions.cases[["id", "split"]])
        if not same or reference.targets != predictions.targets:
            raise DataError(
                f"compare: the predictions of {format_run_name(*run)} and {format_run_name(*first)} hold "
                "other cases or findings, expected the same in the same order: train both arms on one split"
            )


def tabulate_detection(
    pooled: Mapping[str, Any], arms: tuple[str, ...]
) -> dict[str, dict[str, float | None]]:
    """Return the pooled sensitivity and specificity of each arm at 0.5, as in the published table."""
    return {
        arm: {
            "positives_found": pooled["recall@0.5"][arm],
            "negatives_found": pooled["specificity@0.5"][arm],
        }
        for arm in arms
    }


def format_sentence(entries: Entries, arms: tuple[str, ...]) -> str:
    """Put the comparison into words, with numbers and without a verdict, which needs an interval."""
    pooled = entries["pooled"]
    auroc = entries["macro"]["auroc"]
    if MATCHED not in pooled or auroc["difference"] is None:
        return "No comparison: it needs two arms and a finding with both classes."
    recall = pooled["recall@0.5"]
    specificity = pooled["specificity@0.5"]
    matched = pooled[MATCHED]
    first, second = arms
    return (
        f"At threshold 0.5 {format_arm(second)} finds {recall[second]:.1%} of the positives and "
        f"{specificity[second]:.1%} of the negatives, {format_arm(first)} {recall[first]:.1%} and "
        f"{specificity[first]:.1%}; at the same false-positive rate they find {matched[second]:.1%} and "
        f"{matched[first]:.1%}, and the macro AUROC is {auroc[second]:.3f} against {auroc[first]:.3f} "
        f"({auroc['difference']:+.3f})."
    )
