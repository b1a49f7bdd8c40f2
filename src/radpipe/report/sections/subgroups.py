"""Subgroups: in whom the arms find more or less than in the others."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from radpipe.report.results import Results
from radpipe.report.sections.values import name_interval
from radpipe.report.tables import Column, Row, Table, change, count, share, span, span_of_changes

METRICS = {
    "auroc": "AUROC",
    "recall@chosen": "Recall, chosen threshold",
    "recall@0.5": "Recall at 0.5",
}
MOST_LISTED = 12


class Gap(NamedTuple):
    """A difference of one arm between a group and the rest."""

    column: str
    group: str
    finding: str
    metric: str
    arm: str
    value: float
    interval: list[float]

    @property
    def clear(self) -> bool:
        """Whether its interval leaves zero out."""
        return not self.interval[0] <= 0 <= self.interval[1]


def describe(results: Results) -> dict[str, Any] | None:
    """Gather the groups; None where nothing is known of the cases, or no column is named."""
    found = results.comparison["subgroups"]
    if not found or not (found["columns"] or found["absent"]):
        return None
    gaps = list(list_gaps(results))
    return {
        "found": found,
        "gaps": len(gaps),
        "clear": sum(gap.clear for gap in gaps),
        "subgroup_summary": macro_table(results),
        "subgroup_gaps": gaps_table(results, gaps),
        "subgroup_tables": [column_table(results, column) for column in found["columns"]],
    }


def list_gaps(results: Results) -> Iterator[Gap]:
    """Yield every difference to the rest that has an interval; of two groups the first speaks for both."""
    for column, entry in results.comparison["subgroups"]["columns"].items():
        groups = [*entry["groups"].items()]
        for group, here in groups[:1] if len(groups) == 2 else groups:
            for finding, metrics in here["findings"].items():
                yield from gaps_of(results, (column, group, finding), metrics)


def gaps_of(results: Results, place: tuple[str, str, str], metrics: Mapping[str, Any]) -> Iterator[Gap]:
    """Yield the differences of one finding in one group."""
    for metric in METRICS:
        for arm in results.arms:
            point, ends = value(metrics[metric]["to_rest"], arm.key)
            if point is not None and ends:
                yield Gap(*place, metric, arm.name, point, ends)


def gaps_table(results: Results, gaps: list[Gap]) -> Table:
    """List the largest differences whose interval leaves zero out."""
    clear = sorted((gap for gap in gaps if gap.clear), key=lambda gap: -abs(gap.value))
    lines = [
        Row(
            (
                f"{gap.column}: {gap.group}",
                gap.finding,
                METRICS[gap.metric],
                gap.arm,
                gap.value,
                gap.interval,
            )
        )
        for gap in clear[:MOST_LISTED]
    ]
    columns = (
        Column("Group"),
        Column("Finding"),
        Column("Metric"),
        Column(results.noun.capitalize()),
        Column("Group minus rest", change),
        Column(name_interval(results), span_of_changes),
    )
    return Table(
        "subgroup-gaps",
        "Largest differences to the rest whose interval leaves zero out",
        columns,
        tuple(lines),
    )


def macro_table(results: Results) -> Table:
    """Show each group with its size and the mean over the findings that it has enough positives of."""
    columns = [Column("Group"), Column("Images", count), Column("Patients", count)]
    for name in METRICS.values():
        columns += [Column(arm.name, share, name, arm.place) for arm in results.arms]
    lines = []
    for column, entry in results.comparison["subgroups"]["columns"].items():
        for group, here in entry["groups"].items():
            macro = here["macro"]
            cells = [value(macro[metric]["here"], arm.key)[0] for metric in METRICS for arm in results.arms]
            over = f"mean of {macro['over']} of {len(results.targets)} findings"
            lines.append(Row((f"{column}: {group}", here["cases"], here["patients"], *cells), over))
    caption = "Subgroups of the test part, mean over the findings with enough positives in the group"
    return Table("subgroups", caption, tuple(columns), tuple(lines))


def column_table(results: Results, column: str) -> Table:
    """Show all findings in all groups of one column, with intervals."""
    columns = [Column("Group, finding"), Column("Positives", count), Column("Negatives", count)]
    for name in METRICS.values():
        for arm in results.arms:
            group = f"{name}, {arm.name}"
            columns += [
                Column("Value", share, group),
                Column(name_interval(results), span, group),
                Column("To the rest", change, group),
                Column(f"{name_interval(results)} ", span_of_changes, group),
            ]
    lines = [
        Row(
            (f"{name}: {finding}", entry["positives"], entry["negatives"], *cells(results, entry)),
            f"too few: {entry['few']}" if entry["few"] else "",
        )
        for name, group in results.comparison["subgroups"]["columns"][column]["groups"].items()
        for finding, entry in group["findings"].items()
    ]
    key = "".join(letter if letter.isalnum() else "-" for letter in column.lower())
    return Table(f"subgroup-{key}", f"By {column}", tuple(columns), tuple(lines))


def cells(results: Results, entry: Mapping[str, Any]) -> list[Any]:
    """Return value and difference to the rest, with intervals, of each metric and arm."""
    return [
        part
        for metric in METRICS
        for arm in results.arms
        for kind in ("here", "to_rest")
        for part in value(entry[metric][kind], arm.key)
    ]


def value(entry: Mapping[str, Any] | None, key: str) -> tuple[float | None, list[float] | None]:
    """Return a value and its interval; nothing of nothing."""
    return (entry[key], entry["interval"][key]) if entry else (None, None)
