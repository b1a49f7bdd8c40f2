"""The shares of positives and of negatives found at 0.5, beside the published ones."""

from typing import Any

from radpipe.report.results import Results
from radpipe.report.tables import Column, Table, exact_percent, rows

ELSEWHERE = "published, full NIH data, other network size"


def describe(results: Results) -> dict[str, Any]:
    """Gather the pooled rates beside the published ones."""
    return {"detection": detection_table(results), "published": ELSEWHERE}


def detection_table(results: Results) -> Table:
    """Show the shares of positives and negatives found, as the published run reported them."""
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
        *(Column(name, exact_percent) for name in names),
    )
    return Table("detection", "Detection rates at threshold 0.5, findings pooled", columns, rows(lines))
