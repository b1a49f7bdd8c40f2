"""Subgroups: the metrics of each group, and its differences to the rest."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from radpipe.config.metrics import select_metrics
from radpipe.report.results import Results
from radpipe.report.sections.values import format_average, format_interval_name
from radpipe.report.tables import (
    Column,
    Row,
    Table,
    format_count,
    format_difference,
    format_difference_interval,
    format_interval,
    format_share,
)

METRICS = {key: metric.title for key, metric in select_metrics("subgroups").items()}
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
        """Whether its interval excludes 0."""
        return not self.interval[0] <= 0 <= self.interval[1]


def describe_subgroups(results: Results) -> dict[str, Any] | None:
    """Return the groups; None if nothing is known of the cases, or no column is named."""
    found = results.comparison["subgroups"]
    if not found or not (found["columns"] or found["absent"]):
        return None
    gaps = list(list_gaps(results))
    return {
        "found": found,
        "gaps": len(gaps),
        "clear": sum(gap.clear for gap in gaps),
        "subgroup_summary": tabulate_subgroups(results),
        "subgroup_gaps": tabulate_gaps(results, gaps),
        "subgroup_tables": [tabulate_column(results, column) for column in found["columns"]],
    }


def list_gaps(results: Results) -> Iterator[Gap]:
    """Yield every difference to the rest that has an interval; of two groups only that of the first."""
    for column, entry in results.comparison["subgroups"]["columns"].items():
        groups = [*entry["groups"].items()]
        for group, here in groups[:1] if len(groups) == 2 else groups:
            for finding, metrics in here["findings"].items():
                yield from list_finding_gaps(results, (column, group, finding), metrics)


def list_finding_gaps(
    results: Results, place: tuple[str, str, str], metrics: Mapping[str, Any]
) -> Iterator[Gap]:
    """Yield the differences of one finding in one group."""
    for metric in METRICS:
        for arm in results.arms:
            point, ends = read_value(metrics[metric]["to_rest"], arm.key)
            if point is not None and ends:
                yield Gap(*place, metric, arm.name, point, ends)


def tabulate_gaps(results: Results, gaps: list[Gap]) -> Table:
    """Tabulate the largest differences whose interval excludes 0."""
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
        Column("Group minus rest", format_difference),
        Column(format_interval_name(results), format_difference_interval),
    )
    return Table(
        "subgroup-gaps",
        "Largest differences to the rest whose interval leaves zero out",
        columns,
        tuple(lines),
    )


def tabulate_subgroups(results: Results) -> Table:
    """Tabulate the size of each group and its mean over the findings with enough positives."""
    columns = [Column("Group"), Column("Images", format_count), Column("Patients", format_count)]
    for name in METRICS.values():
        columns += [Column(arm.name, format_share, name, arm.place) for arm in results.arms]
    lines = []
    for column, entry in results.comparison["subgroups"]["columns"].items():
        for group, here in entry["groups"].items():
            macro = here["macro"]
            cells = [
                read_value(macro[metric]["here"], arm.key)[0] for metric in METRICS for arm in results.arms
            ]
            over = format_average(macro["over"], len(results.targets))
            lines.append(Row((f"{column}: {group}", here["cases"], here["patients"], *cells), over))
    caption = "Subgroups of the test part, mean over the findings with enough positives in the group"
    return Table("subgroups", caption, tuple(columns), tuple(lines))


def tabulate_column(results: Results, column: str) -> Table:
    """Tabulate all findings in all groups of one column, with intervals."""
    columns = [Column("Group, finding"), Column("Positives", format_count), Column("Negatives", format_count)]
    for name in METRICS.values():
        for arm in results.arms:
            group = f"{name}, {arm.name}"
            columns += [
                Column("Value", format_share, group),
                Column(format_interval_name(results), format_interval, group),
                Column("To the rest", format_difference, group),
                Column(f"{format_interval_name(results)} ", format_difference_interval, group),
            ]
    lines = [
        Row(
            (f"{name}: {finding}", entry["positives"], entry["negatives"], *_list_cells(results, entry)),
            f"too few: {entry['few']}" if entry["few"] else "",
        )
        for name, group in results.comparison["subgroups"]["columns"][column]["groups"].items()
        for finding, entry in group["findings"].items()
    ]
    key = "".join(letter if letter.isalnum() else "-" for letter in column.lower())
    return Table(f"subgroup-{key}", f"By {column}", tuple(columns), tuple(lines))


def _list_cells(results: Results, entry: Mapping[str, Any]) -> list[Any]:
    """Return value and difference to the rest, with intervals, of each metric and arm."""
    return [
        cell
        for metric in METRICS
        for arm in results.arms
        for kind in ("here", "to_rest")
        for cell in read_value(entry[metric][kind], arm.key)
    ]


def read_value(entry: Mapping[str, Any] | None, key: str) -> tuple[float | None, list[float] | None]:
    """Return a value and its interval; None for both without an entry."""
    return (entry[key], entry["interval"][key]) if entry else (None, None)
