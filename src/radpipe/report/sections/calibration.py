"""Calibration: whether a probability is a frequency, before and after it is corrected."""

from typing import Any

from radpipe.config.metrics import select_metrics
from radpipe.report.results import Results
from radpipe.report.tables import Column, Row, Table, format_difference, format_share

MEASURES = {
    key: (metric.title, format_difference if metric.better == "zero" else format_share)
    for key, metric in select_metrics("calibration").items()
}


def describe_calibration(results: Results) -> dict[str, Any]:
    """Return the means of all variants, and a table of each."""
    found = results.comparison["calibration"]
    return {
        "found": found,
        "calibration_summary": tabulate_calibration(results),
        "calibration_tables": [tabulate_calibration_variant(results, key) for key in found["variants"]],
    }


def tabulate_calibration(results: Results) -> Table:
    """Tabulate the means over the findings, a row for each variant."""
    found = results.comparison["calibration"]
    columns = [Column("Probabilities")]
    for name, formatter in MEASURES.values():
        columns += [Column(arm.name, formatter, name, arm.place) for arm in results.arms]
    lines = [
        Row(
            (
                words,
                *(
                    found["arms"][arm.key][variant]["macro"][measure]["value"]
                    for measure in MEASURES
                    for arm in results.arms
                ),
            )
        )
        for variant, words in found["variants"].items()
    ]
    return Table("calibration", "Calibration, mean over the findings", tuple(columns), tuple(lines))


def tabulate_calibration_variant(results: Results, variant: str) -> Table:
    """Tabulate one variant, finding by finding, for all arms."""
    found = results.comparison["calibration"]
    arms = {arm: found["arms"][arm.key][variant] for arm in results.arms}
    columns = [Column("Finding")]
    for arm in results.arms:
        columns += [Column(name, formatter, arm.name) for name, formatter in MEASURES.values()]
    lines = [
        Row((name, *(each["findings"][name][measure] for each in arms.values() for measure in MEASURES)))
        for name in results.targets
    ]
    macro = [each["macro"][measure] for each in arms.values() for measure in MEASURES]
    least = min(entry["over"] for entry in macro)
    over = f"each over the findings that have it, at least {least} of {len(results.targets)}"
    lines.append(Row(("Macro", *(entry["value"] for entry in macro)), over, average=True))
    return Table(
        f"calibration-{variant}",
        f"Calibration, {found['variants'][variant]}",
        tuple(columns),
        tuple(lines),
    )
