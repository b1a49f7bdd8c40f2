"""Operating points: what the chosen thresholds find, and what they cost."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from radpipe.report.arms import Arm
from radpipe.report.results import Results
from radpipe.report.sections.values import name_interval
from radpipe.report.tables import (
    Column,
    Row,
    Show,
    Table,
    change,
    change_of_count,
    count,
    share,
    span,
    span_of_changes,
    span_of_count_changes,
    span_of_numbers,
)

FLAGGED = "flagged"
RATES: dict[str, tuple[str, Show, Show]] = {
    "recall": ("Recall", share, span),
    "specificity": ("Specificity", share, span),
    FLAGGED: ("Flags per 1,000 images", count, span_of_numbers),
    "ppv": ("PPV", share, span),
    "npv": ("NPV", share, span),
}
SHORT = {"youden": "Youden", "recall": "Wanted recall", "specificity": "Wanted specificity", "cost": "Cost"}
HALF = "half"
Entries = Mapping[str, Mapping[str, Any]]


def describe(results: Results) -> dict[str, Any]:
    """Gather the tables of the main rule, of all rules, and of what differs between the arms."""
    points = results.comparison["operating_points"]
    return {
        "points": points,
        "choice": shown_choice(points),
        "operating_tables": [arm_table(results, arm) for arm in results.arms],
        "operating_differences": difference_table(results) if results.compared else None,
        "operating_rules": rules_table(results),
    }


def shown_choice(points: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the main rule; without a validation part a threshold of 0.5."""
    choices: Mapping[str, Mapping[str, Any]] = points["choices"]
    return choices[points["main"]] if choices[points["main"]]["over"] else choices[HALF]


def read(entries: Entries, rate: str, key: str) -> tuple[float | None, list[float] | None]:
    """Return a rate of an arm, or its difference, and its interval; flags are of 1,000 images."""
    if not entries:
        return None, None
    value, ends = entries[rate][key], entries[rate]["interval"][key]
    scale = 1000 if rate == FLAGGED else 1
    return None if value is None else scale * value, ends and [scale * end for end in ends]


def arm_table(results: Results, arm: Arm) -> Table:
    """Show the thresholds of one arm by the main rule, and their rates with intervals."""
    points = results.comparison["operating_points"]
    main = shown_choice(points)
    shown = rates_shown(points)
    columns = [Column("Finding"), Column("Threshold", share)]
    for name, show, within in shown.values():
        columns += [Column("Value", show, name), Column(name_interval(results), within, name)]

    def values(entries: Entries) -> list[Any]:
        cells: list[Any] = [entries["threshold"][arm.key] if entries else None]
        for rate in shown:
            cells += read(entries, rate, arm.key)
        return cells

    caption = f"Operating points, {arm.name}: {main['words']}"
    return Table(f"operating-{results.key_of(arm)}", caption, tuple(columns), lines(points, main, values))


def difference_table(results: Results) -> Table:
    """Show the differences of the arms by the main rule, with intervals."""
    points = results.comparison["operating_points"]
    main = shown_choice(points)
    shown = {rate: RATES[rate][0] for rate in ("recall", "specificity", FLAGGED)}
    columns = [Column("Finding")]
    for rate, name in shown.items():
        whole = rate == FLAGGED
        columns += [
            Column("Difference", change_of_count if whole else change, name),
            Column(name_interval(results), span_of_count_changes if whole else span_of_changes, name),
        ]

    def values(entries: Entries) -> list[Any]:
        return [cell for rate in shown for cell in read(entries, rate, "difference")]

    first, second = results.arms[:2]
    caption = f"{second.name} minus {first.name}, each at its own threshold: {main['words']}"
    return Table("operating-differences", caption, tuple(columns), lines(points, main, values))


def rules_table(results: Results) -> Table:
    """Show the mean over the findings at each rule, and at 0.5."""
    points = results.comparison["operating_points"]
    shown = {rate: RATES[rate] for rate in ("recall", "specificity", FLAGGED)}
    columns = [Column("Threshold by")]
    for name, show, _ in shown.values():
        columns += [Column(arm.name, show, name, arm.place) for arm in results.arms]
    table = []
    for choice, entry in points["choices"].items():
        cells = [read(entry["macro"], rate, arm.key)[0] for rate in shown for arm in results.arms]
        main = " (main)" if choice == points["main"] else ""
        words = "" if choice == HALF else entry["words"]
        over = f"mean of {entry['over']} of {points['of']} findings"
        note = f"{words}; {over}" if words else over
        table.append(Row((f"{SHORT.get(choice, '0.5')}{main}", *cells), note))
    caption = "Mean over the findings, by how the threshold is chosen"
    return Table("operating-rules", caption, tuple(columns), tuple(table))


def rates_shown(points: Mapping[str, Any]) -> dict[str, tuple[str, Show, Show]]:
    """Return the rates of a table, predictive values at a stated prevalence among them if one is stated."""
    if points["prevalence"] is None:
        return RATES
    at = f" at prevalence {points['prevalence']:g}"
    return RATES | {f"{rate}_stated": (RATES[rate][0] + at, share, span) for rate in ("ppv", "npv")}


def lines(
    points: Mapping[str, Any], main: Mapping[str, Any], values: Callable[[Entries], Sequence[Any]]
) -> tuple[Row, ...]:
    """Make a row of each finding and of their mean."""
    over = f"mean of {main['over']} of {points['of']} findings"
    without = main["without"]
    return (
        *(
            Row((name, *values(entries)), f"no interval: {without[name]}" if name in without else "")
            for name, entries in main["findings"].items()
        ),
        Row(("Macro", *values(main["macro"])), over, average=True),
    )
