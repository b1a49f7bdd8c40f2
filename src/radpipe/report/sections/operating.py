"""Operating points: the rates at the chosen thresholds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from radpipe.config.metrics import select_metrics
from radpipe.report.arms import Arm
from radpipe.report.results import Results
from radpipe.report.sections.values import format_average, format_interval_name
from radpipe.report.tables import (
    Column,
    Formatter,
    Row,
    Table,
    format_count,
    format_count_difference,
    format_count_difference_interval,
    format_count_interval,
    format_difference,
    format_difference_interval,
    format_interval,
    format_share,
)

FLAGGED = "flagged"
RATES: dict[str, tuple[str, Formatter, Formatter]] = {
    key: (metric.label, format_count, format_count_interval)
    if key == FLAGGED
    else (metric.label, format_share, format_interval)
    for key, metric in select_metrics("operating").items()
}
SHORT = {"youden": "Youden", "recall": "Wanted recall", "specificity": "Wanted specificity", "cost": "Cost"}
HALF = "half"
Entries = Mapping[str, Mapping[str, Any]]


def describe_operating(results: Results) -> dict[str, Any]:
    """Return the tables of the main rule, of all rules, and of the differences between the arms."""
    points = results.comparison["operating_points"]
    return {
        "points": points,
        "choice": find_main_choice(points),
        "operating_tables": [tabulate_operating_points(results, arm) for arm in results.arms],
        "operating_differences": tabulate_operating_differences(results) if results.compared else None,
        "operating_rules": tabulate_rules(results),
    }


def find_main_choice(points: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the main rule; without a validation set a threshold of 0.5."""
    choices: Mapping[str, Mapping[str, Any]] = points["choices"]
    return choices[points["main"]] if choices[points["main"]]["over"] else choices[HALF]


def read_rate(entries: Entries, rate: str, key: str) -> tuple[float | None, list[float] | None]:
    """Return a rate of an arm, or its difference, and its interval; flags are per 1,000 images."""
    if not entries:
        return None, None
    value = entries[rate][key]
    ends = entries[rate]["interval"][key]
    scale = 1000 if rate == FLAGGED else 1
    return None if value is None else scale * value, ends and [scale * end for end in ends]


def tabulate_operating_points(results: Results, arm: Arm) -> Table:
    """Tabulate the thresholds of one arm by the main rule, and their rates with intervals."""
    points = results.comparison["operating_points"]
    main = find_main_choice(points)
    shown = choose_rates(points)
    columns = [Column("Finding"), Column("Threshold", format_share)]
    for name, formatter, interval_formatter in shown.values():
        columns += [
            Column("Value", formatter, name),
            Column(format_interval_name(results), interval_formatter, name),
        ]

    def list_cells(entries: Entries) -> list[Any]:
        cells: list[Any] = [entries["threshold"][arm.key] if entries else None]
        for rate in shown:
            cells += read_rate(entries, rate, arm.key)
        return cells

    caption = f"Operating points, {arm.name}: {main['words']}"
    return Table(
        f"operating-{results.find_key(arm)}",
        caption,
        tuple(columns),
        build_finding_rows(points, main, list_cells),
    )


def tabulate_operating_differences(results: Results) -> Table:
    """Tabulate the differences of the arms by the main rule, with intervals."""
    points = results.comparison["operating_points"]
    main = find_main_choice(points)
    shown = {rate: RATES[rate][0] for rate in ("recall", "specificity", FLAGGED)}
    columns = [Column("Finding")]
    for rate, name in shown.items():
        formatter = format_count_difference if rate == FLAGGED else format_difference
        interval_formatter = (
            format_count_difference_interval if rate == FLAGGED else format_difference_interval
        )
        columns += [
            Column("Difference", formatter, name),
            Column(format_interval_name(results), interval_formatter, name),
        ]

    def list_cells(entries: Entries) -> list[Any]:
        return [cell for rate in shown for cell in read_rate(entries, rate, "difference")]

    first, second = results.arms[:2]
    caption = f"{second.name} minus {first.name}, each at its own threshold: {main['words']}"
    return Table(
        "operating-differences", caption, tuple(columns), build_finding_rows(points, main, list_cells)
    )


def tabulate_rules(results: Results) -> Table:
    """Tabulate the mean over the findings at each rule, and at 0.5."""
    points = results.comparison["operating_points"]
    shown = {rate: RATES[rate] for rate in ("recall", "specificity", FLAGGED)}
    columns = [Column("Threshold by")]
    for name, formatter, _ in shown.values():
        columns += [Column(arm.name, formatter, name, arm.place) for arm in results.arms]
    table = []
    for choice, entry in points["choices"].items():
        cells = [read_rate(entry["macro"], rate, arm.key)[0] for rate in shown for arm in results.arms]
        main = " (main)" if choice == points["main"] else ""
        words = "" if choice == HALF else entry["words"]
        over = format_average(entry["over"], points["of"])
        note = f"{words}; {over}" if words else over
        table.append(Row((f"{SHORT.get(choice, '0.5')}{main}", *cells), note))
    caption = "Mean over the findings, by how the threshold is chosen"
    return Table("operating-rules", caption, tuple(columns), tuple(table))


def choose_rates(points: Mapping[str, Any]) -> dict[str, tuple[str, Formatter, Formatter]]:
    """Return the rates of a table, with predictive values at the stated prevalence if there is one."""
    if points["prevalence"] is None:
        return RATES
    at = f" at prevalence {points['prevalence']:g}"
    return RATES | {
        f"{rate}_stated": (RATES[rate][0] + at, format_share, format_interval) for rate in ("ppv", "npv")
    }


def build_finding_rows(
    points: Mapping[str, Any], main: Mapping[str, Any], list_cells: Callable[[Entries], Sequence[Any]]
) -> tuple[Row, ...]:
    """Return a row for each finding and one for their mean."""
    over = format_average(main["over"], points["of"])
    without = main["without"]
    return (
        *(
            Row((name, *list_cells(entries)), f"no interval: {without[name]}" if name in without else "")
            for name, entries in main["findings"].items()
        ),
        Row(("Macro", *list_cells(main["macro"])), over, average=True),
    )
