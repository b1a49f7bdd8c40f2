"""What each arm finds: rates per finding at threshold 0.5 and at the chosen thresholds."""

from typing import Any

import numpy as np

from radpipe.report.arms import Arm
from radpipe.report.results import Results, RunResults
from radpipe.report.sections.values import mean, over, undefined
from radpipe.report.tables import Column, Row, Table, count, percent, rows, share

RATES = {
    "recall": "Recall",
    "specificity": "Specificity",
    "precision": "Precision",
    "f1": "F1",
    "accuracy": "Accuracy",
}


def describe(results: Results) -> dict[str, Any]:
    """Gather the rates of each arm."""
    return {
        "classification": [classification_table(results, arm) for arm in results.arms],
        "rule": results.runs[0].metrics["threshold_rule"],
        "chosen": results.runs[0].metrics["val"]["images"] > 0,
        "undefined": undefined(results),
        "confusion": [table for arm in results.arms if (table := confusion_table(results, arm))],
    }


def classification_table(results: Results, arm: Arm) -> Table:
    """Show one arm's rates per finding at 0.5 and at the chosen thresholds, then the averages."""
    runs = results.of_arm(arm)
    reasons = undefined(results)
    lines = [
        Row(
            (name, *_support(runs[0], name), *_rates(runs, "findings", name)),
            f"undefined: {reasons[name]}" if name in reasons else "",
        )
        for name in results.targets
    ]
    notes = {"macro": over(results), "weighted": "by positives", "pooled": "all findings as one"}
    lines += [
        Row((name.capitalize(), None, None, *_rates(runs, name)), _partial(runs[0], name, note), average=True)
        for name, note in notes.items()
    ]
    columns = [
        Column("Finding"),
        Column("Positives", count, "Support"),
        Column("Negatives", count, "Support"),
    ]
    for group in ("At threshold 0.5", "At the threshold chosen on validation"):
        columns += [Column("Threshold", share, group)] if group.endswith("validation") else []
        columns += [Column(name, share, group) for name in RATES.values()]
    key = f"classification-{results.key_of(arm)}"
    return Table(key, f"Classification, {arm.name}", tuple(columns), tuple(lines))


def confusion_table(results: Results, arm: Arm) -> Table | None:
    """Count true against most probable classes, over all seeds; None where classes exclude no other."""
    scores = [run.metrics["score"] or {} for run in results.of_arm(arm)]
    if not all("confusion" in score for score in scores):
        return None
    found = scores[0]["confusion"]["classes"]
    classes = results.grid.classes if results.grid else [name.replace("_", " ") for name in found]
    counts = np.sum([score["confusion"]["counts"] for score in scores], axis=0)
    lines = [
        (name, *line.tolist(), line[k] / line.sum() if line.sum() else None)
        for k, (name, line) in enumerate(zip(classes, counts, strict=True))
    ]
    columns = (
        Column("Reference"),
        *(Column(name, count, "Most probable class") for name in classes),
        Column("Found", percent),
    )
    seeds = f", sum of {len(scores)} seeds" if len(scores) > 1 else ""
    key = f"confusion-{results.key_of(arm)}"
    return Table(key, f"Confusion of classes, {arm.name}{seeds}", columns, rows(lines))


def _support(run: RunResults, finding: str) -> tuple[int, int]:
    support = run.metrics["findings"][finding]["support"]
    return support["positives"], support["negatives"]


def _rates(runs: tuple[RunResults, ...], *path: str) -> list[float | None]:
    half = [mean(runs, *path, "at_half", rate) for rate in RATES]
    return half + [mean(runs, *path, "at_chosen", rate) for rate in ("threshold", *RATES)]


def _partial(run: RunResults, name: str, note: str) -> str:
    """Add to a note the rates at 0.5 that are over fewer findings, because the others found nothing."""
    half = run.metrics[name]["at_half"]
    fewer = [f"{rate} over {half[f'{rate}_over']}" for rate in RATES if f"{rate}_over" in half]
    return "; ".join([note, *(f"at 0.5 {words}" for words in fewer)])
