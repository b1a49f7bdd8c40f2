"""Classification: rates per finding at threshold 0.5 and at the chosen thresholds; detection rates at 0.5."""

from typing import Any

import numpy as np

from radpipe.config.metrics import select_metrics
from radpipe.report.arms import Arm
from radpipe.report.results import Results, RunResults
from radpipe.report.sections.values import compute_mean, find_undefined, format_macro_count
from radpipe.report.tables import (
    Column,
    Row,
    Table,
    build_rows,
    format_count,
    format_exact_percent,
    format_percent,
    format_share,
)

RATES = {key: metric.label for key, metric in select_metrics("rates").items()}
ELSEWHERE = "published, full NIH data, other network size"


def describe_classification(results: Results) -> dict[str, Any]:
    """Return the rates of each arm."""
    return {
        "classification": [tabulate_classification(results, arm) for arm in results.arms],
        "rule": results.runs[0].metrics["threshold_rule"],
        "chosen": results.runs[0].metrics["val"]["images"] > 0,
        "undefined": find_undefined(results),
        "confusion": [table for arm in results.arms if (table := tabulate_confusion(results, arm))],
    }


def describe_detection(results: Results) -> dict[str, Any]:
    """Return the pooled rates beside the published ones."""
    return {"detection": tabulate_detection(results), "published": ELSEWHERE}


def tabulate_classification(results: Results, arm: Arm) -> Table:
    """Tabulate the rates of one arm per finding at 0.5 and at the chosen thresholds, then the averages."""
    runs = results.select_runs(arm)
    reasons = find_undefined(results)
    lines = [
        Row(
            (name, *_find_support(runs[0], name), *_compute_rates(runs, "findings", name)),
            f"undefined: {reasons[name]}" if name in reasons else "",
        )
        for name in results.targets
    ]
    notes = {
        "macro": format_macro_count(results),
        "weighted": "by positives",
        "pooled": "all findings as one",
    }
    lines += [
        Row(
            (name.capitalize(), None, None, *_compute_rates(runs, name)),
            _format_average_note(runs[0], name, note),
            average=True,
        )
        for name, note in notes.items()
    ]
    key = f"classification-{results.find_key(arm)}"
    return Table(key, f"Classification, {arm.name}", _build_columns(), tuple(lines))


def tabulate_confusion(results: Results, arm: Arm) -> Table | None:
    """Tabulate true against most probable classes, over all seeds; None without exclusive classes."""
    scores = [run.metrics["score"] or {} for run in results.select_runs(arm)]
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
        *(Column(name, format_count, "Most probable class") for name in classes),
        Column("Found", format_percent),
    )
    seeds = f", sum of {len(scores)} seeds" if len(scores) > 1 else ""
    key = f"confusion-{results.find_key(arm)}"
    return Table(key, f"Confusion of classes, {arm.name}{seeds}", columns, build_rows(lines))


def tabulate_detection(results: Results) -> Table:
    """Tabulate sensitivity and specificity at 0.5, findings pooled, as the published run reported them."""
    found = results.comparison["detection"]
    lines: list[list[Any]] = [
        [arm.name, "this run", found[arm.key]["positives_found"], found[arm.key]["negatives_found"]]
        for arm in results.arms
    ]
    published = results.data_sheet.get("published_rates", {})
    lines += [[arm.name, ELSEWHERE, *published[arm.key]] for arm in results.arms if arm.key in published]
    names = ("Positives found", "Negatives found")
    columns = (
        Column(results.noun.capitalize()),
        Column("Source"),
        *(Column(name, format_exact_percent) for name in names),
    )
    return Table("detection", "Detection rates at threshold 0.5, findings pooled", columns, build_rows(lines))


def _build_columns() -> tuple[Column, ...]:
    half = "At threshold 0.5"
    chosen = "At the threshold chosen on validation"
    return (
        Column("Finding"),
        Column("Positives", format_count, "Support"),
        Column("Negatives", format_count, "Support"),
        *(Column(name, format_share, half) for name in RATES.values()),
        *(Column(name, format_share, chosen) for name in ("Threshold", *RATES.values())),
    )


def _find_support(run: RunResults, finding: str) -> tuple[int, int]:
    support = run.metrics["findings"][finding]["support"]
    return support["positives"], support["negatives"]


def _compute_rates(runs: tuple[RunResults, ...], *path: str) -> list[float | None]:
    half = [compute_mean(runs, *path, "at_half", rate) for rate in RATES]
    return half + [compute_mean(runs, *path, "at_chosen", rate) for rate in ("threshold", *RATES)]


def _format_average_note(run: RunResults, name: str, note: str) -> str:
    """Return a note, and the rates at 0.5 that are over fewer findings because the others are undefined."""
    half = run.metrics[name]["at_half"]
    fewer = [f"{rate} over {half[f'{rate}_over']}" for rate in RATES if f"{rate}_over" in half]
    return "; ".join([note, *(f"at 0.5 {words}" for words in fewer)])
