"""All runs of a data set -> what weighting the loss bought: WBCE minus BCE, at equal footing too.

At threshold 0.5 a weighted loss finds more because it calls more: its probabilities are shifted. The
honest question is what it finds at the same false-positive rate, so every difference is also read there.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radpipe.comparison.entries import make_entries
from radpipe.comparison.origin import Origin, look_closer
from radpipe.comparison.runs import Runs, arms_of, refuse_different_cases
from radpipe.comparison.sentence import say
from radpipe.comparison.tabulation import (
    AVERAGES,
    MATCHED,
    SCORE,
    rates_to_match,
    read_curves,
    tabulate,
)
from radpipe.config import CompareSpec, EvaluateSpec
from radpipe.evaluation import evaluate

__all__ = ["Origin", "compare", "flatten"]

HEADLINES = ("auroc", "average_precision", "brier", "recall@0.5", "specificity@0.5", MATCHED)


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
        If two runs do not hold the same cases and findings.
    """
    refuse_different_cases(runs)
    arms = arms_of(runs)
    evaluations = {run: evaluate(predictions, spec) for run, predictions in runs.items()}
    values = pd.concat([tabulate(run, evaluations[run]) for run in runs])
    matched = [
        read_curves(run, runs[run], rates) for run, rates in rates_to_match(evaluations, spec, arms).items()
    ]
    table = pd.concat([values, *matched]).set_index(["finding", "metric", "arm", "seed"])["value"]
    targets = next(iter(runs.values())).targets
    entries = make_entries(table, arms)
    return {
        "format": 1,
        "arms": list(arms),
        "seeds": sorted({seed for _, seed in runs}),
        "sentence": say(entries, arms),
        "detection": detection(entries["pooled"], arms),
        "findings": {target: entries[target] for target in targets},
        "macro": {"over": _over(evaluations), "of": len(targets), **entries["macro"]},
        "pooled": entries["pooled"],
        "score": entries.get(SCORE),
        **look_closer(runs, spec, plan, origin or Origin()),
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


def flatten(comparison: Mapping[str, Any]) -> dict[str, float | None]:
    """Choose the numbers for metrics.json: `<finding>/<metric>/<arm>`, the score and averages first."""
    arms = [*comparison["arms"], *(["difference"] if len(comparison["arms"]) > 1 else [])]
    scores = (comparison[SCORE] or {}).items()
    flat = {f"{SCORE}/{metric}/{arm}": entry[arm] for metric, entry in scores for arm in arms}
    for name, entry in [(name, comparison[name]) for name in AVERAGES] + [*comparison["findings"].items()]:
        for metric in HEADLINES:
            if metric in entry:
                flat.update({f"{name}/{metric}/{arm}": entry[metric][arm] for arm in arms})
    for arm, variants in comparison["calibration"]["arms"].items():
        errors = {variant: found["macro"]["ece"]["value"] for variant, found in variants.items()}
        flat |= {f"macro/ece@{variant}/{arm}": value for variant, value in errors.items()}
    return flat


def _over(evaluations: Mapping[Any, Mapping[str, Any]]) -> int:
    return int(next(iter(evaluations.values()))["macro"]["over"])
