"""The class weights, and the counts that they come from."""

from typing import Any

from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.tables import Column, Table, build_rows, format_count, format_number


def describe_weights(results: Results) -> dict[str, Any] | None:
    """Return the table of the class weights."""
    return None if results.data is None else {"weights": tabulate_weights(results.data)}


def tabulate_weights(data: Data) -> Table:
    """Tabulate the class weights and the counts that they come from; with rounds, their range."""
    names = ("negatives", "positives", "positive_patients", "absent", "present")
    weights = data.summaries["weights"]
    rounds = weights.get("rounds", [])
    lines = [
        (
            target,
            *(entry[name] for name in names),
            _compute_ratio(entry["present"], entry["absent"]),
            *([_format_weight_range([each[target]["present"] for each in rounds])] if rounds else []),
        )
        for target, entry in weights["targets"].items()
    ]
    counted = "All folds" if rounds else "Training part"
    columns = (
        Column("Finding"),
        Column("Negatives", format_count, counted),
        Column("Positives", format_count, counted),
        Column("Patients with", format_count, counted),
        Column("Absent", format_number, "Weight"),
        Column("Present", format_number, "Weight"),
        Column("Present / absent", format_number, "Weight"),
        *([Column("Present, over the rounds", group="Weight")] if rounds else []),
    )
    return Table("weights", "Class weights", columns, build_rows(lines))


def _compute_ratio(present: float, absent: float) -> float | None:
    """Return the ratio of the weights; None for exclusive classes, whose absent class has no weight."""
    return present / absent if absent else None


def _format_weight_range(values: list[float]) -> str:
    return f"{format_number(min(values))} to {format_number(max(values))}"
