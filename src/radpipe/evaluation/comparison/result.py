"""All runs of a data set -> what weighting the loss bought: WBCE minus BCE, at equal footing too.

At threshold 0.5 a weighted loss finds more because it calls more: its probabilities are shifted. The
honest question is what it finds at the same false-positive rate, so every difference is also read there.
"""

from collections.abc import Mapping
from typing import Any

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.evaluation.comparison.entries import compute_entries
from radpipe.evaluation.comparison.flat import flatten
from radpipe.evaluation.comparison.origin import Origin, look_closer
from radpipe.evaluation.comparison.runs import (
    arms_of,
    refuse_different_cases,
    refuse_unpaired,
)
from radpipe.evaluation.comparison.sentence import say
from radpipe.evaluation.comparison.tabulation import SCORE, usable
from radpipe.evaluation.comparison.uncertainty import describe_intervals, explain_without
from radpipe.evaluation.comparison.verdict import judge
from radpipe.evaluation.estimates import Runs, resample
from radpipe.evaluation.operating_points.points import choose_all

__all__ = ["Origin", "compare", "flatten"]


def compare(
    runs: Runs, spec: EvaluateSpec, plan: CompareSpec, origin: Origin | None = None
) -> dict[str, Any]:
    """Compute the content of compare.json; without both arms there are means and no differences.

    Parameters
    ----------
    runs
        Predictions by arm and seed.
    spec, plan
        What is computed, and what is said about it.
    origin
        Where the predictions come from; None: from elsewhere.

    Raises
    ------
    DataError
        If two runs do not hold the same cases and findings, or the arms not the same seeds.
    """
    refuse_unpaired(runs)
    refuse_different_cases(runs)
    arms, test = arms_of(runs), next(iter(runs.values())).of_split("test")
    part, spread = resample(test, plan.intervals, offset=0), plan.intervals
    thresholds = choose_all(runs, spec, plan)
    without = explain_without(test, part, spread.min_positive_patients)
    entries = compute_entries(runs, part, thresholds, without, spec, plan)
    intervals = describe_intervals(spread, part, len({seed for _, seed in runs}), without)
    return {
        "format": 2,
        "arms": list(arms),
        "seeds": sorted({seed for _, seed in runs}),
        "intervals": intervals,
        "endpoint": judge(entries["macro"], arms, plan, intervals),
        "sentence": say(entries, arms),
        "detection": detection(entries["pooled"], arms),
        "findings": {target: entries[target] for target in test.targets},
        "macro": {"over": len(usable(test)), "of": len(test.targets), **entries["macro"]},
        "pooled": entries["pooled"],
        "score": entries.get(SCORE),
        **look_closer(runs, thresholds, spec, plan, origin or Origin()),
    }


def detection(pooled: Mapping[str, Any], arms: tuple[str, ...]) -> dict[str, dict[str, float | None]]:
    """Shares of the positives and of the negatives found, pooled, at 0.5: the published table."""
    return {
        arm: {
            "positives_found": pooled["recall@0.5"][arm],
            "negatives_found": pooled["specificity@0.5"][arm],
        }
        for arm in arms
    }
