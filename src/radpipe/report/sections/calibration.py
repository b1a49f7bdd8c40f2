"""Calibration: whether a probability is a frequency, before and after it is corrected."""

from typing import Any

from radpipe.report.results import Results
from radpipe.report.tables import Column, Row, Table, change, share

MEASURES = {
    "brier": ("Brier", share),
    "ece": ("ECE", share),
    "slope": ("Slope", share),
    "intercept": ("Intercept", change),
    "in_the_large": ("In the large", change),
}


def describe(results: Results) -> dict[str, Any]:
    """Gather a table of each variant."""
    found = results.comparison["calibration"]
    return {
        "found": found,
        "calibration_summary": summary_table(results),
        "calibration_tables": [variant_table(results, key) for key in found["variants"]],
    }


def summary_table(results: Results) -> Table:
    """Show the means over the findings, a row for each variant."""
    found = results.comparison["calibration"]
    columns = [Column("Probabilities")]
    for name, show in MEASURES.values():
        columns += [Column(arm.name, show, name, arm.place) for arm in results.arms]
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


def variant_table(results: Results, variant: str) -> Table:
    """Show one variant, finding by finding, both arms."""
    found = results.comparison["calibration"]
    arms = {arm: found["arms"][arm.key][variant] for arm in results.arms}
    columns = [Column("Finding")]
    for arm in results.arms:
        columns += [Column(name, show, arm.name) for name, show in MEASURES.values()]
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
