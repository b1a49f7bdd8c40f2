"""The class weights, and the counts that they come from."""

from typing import Any

from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.tables import Column, Table, count, number, rows


def describe(results: Results) -> dict[str, Any] | None:
    """Gather what the page says about the class weights."""
    return None if results.data is None else {"weights": weights_table(results.data)}


def weights_table(data: Data) -> Table:
    """Show the class weights and the counts that they come from; of rounds, the range of their weights."""
    names = ("negatives", "positives", "positive_patients", "absent", "present")
    weights = data.summaries["weights"]
    rounds = weights.get("rounds", [])
    lines = [
        (
            target,
            *(entry[name] for name in names),
            _ratio(entry["present"], entry["absent"]),
            *([_range([each[target]["present"] for each in rounds])] if rounds else []),
        )
        for target, entry in weights["targets"].items()
    ]
    counted = "All folds" if rounds else "Training part"
    columns = (
        Column("Finding"),
        Column("Negatives", count, counted),
        Column("Positives", count, counted),
        Column("Patients with", count, counted),
        Column("Absent", number, "Weight"),
        Column("Present", number, "Weight"),
        Column("Present / absent", number, "Weight"),
        *([Column("Present, over the rounds", group="Weight")] if rounds else []),
    )
    return Table("weights", "Class weights", columns, rows(lines))


def _ratio(present: float, absent: float) -> float | None:
    """Divide the weights; of classes that exclude each other an absent one has none."""
    return present / absent if absent else None


def _range(values: list[float]) -> str:
    return f"{number(min(values))} to {number(max(values))}"
