"""How often each finding is there: overall, in each part, per patient, and together with others."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from radpipe.report.arms import PARTS
from radpipe.report.results import Data, Results
from radpipe.report.sections import grid
from radpipe.report.tables import Column, Table, count, number, percent, rows

Counts = dict[str, Any]
COUNTED = {
    "positives": "Positives",
    "negatives": "Negatives",
    "unknown": "Unknown",
    "positive_patients": "Patients with",
}
KNOWN = {name: words for name, words in COUNTED.items() if name != "unknown"}


def describe(results: Results) -> dict[str, Any] | None:
    """Gather what the page says about the labels."""
    data = results.data
    if data is None:
        return None
    asked = results.settings["targets"]["include"]
    return {
        "cells": grid.describe_labels(data),
        "distribution": [distribution_table(data), parts_table(data)],
        "dropped": dropped_table(data),
        "not_asked": [name for name in data.labels.columns if name not in asked],
        "crowding": crowding_table(data),
        "together": together_table(data),
    }


def describe_weights(results: Results) -> dict[str, Any] | None:
    """Gather what the page says about the class weights."""
    return None if results.data is None else {"weights": weights_table(results.data)}


def of_part(data: Data, part: str) -> dict[str, Counts]:
    """Return the counts per finding in one part."""
    counts: dict[str, Counts] = data.summaries["split"]["parts"][part]["findings"]
    return counts


def overall(data: Data) -> dict[str, Counts]:
    """Add up the parts; they share no patient, so that patients add up too."""
    return {target: add(of_part(data, part)[target] for part in PARTS) for target in data.targets}


def add(parts: Iterable[Counts]) -> Counts:
    """Sum counts, and take the prevalence among the known labels of the sum."""
    table = pd.DataFrame(list(parts))
    total = {name: int(table[name].sum()) for name in COUNTED}
    known = total["positives"] + total["negatives"]
    return {**total, "prevalence": total["positives"] / known if known else None}


def distribution_table(data: Data) -> Table:
    """Show the findings of the images used, beside the published count over all rows."""
    published = data.summaries["index"].get("positives", {})
    lines = [(target, published.get(target), *_cells(counts)) for target, counts in overall(data).items()]
    columns = (Column("Finding"), Column("Positive rows in the tables", count), *_columns("Images used"))
    return Table("findings", "Findings, overall", columns, rows(lines))


def parts_table(data: Data) -> Table:
    """Show the findings of each part."""
    counts = [of_part(data, part) for part in PARTS]
    kept = (
        KNOWN if not any(part[target]["unknown"] for part in counts for target in data.targets) else COUNTED
    )
    lines = [(target, *(c for part in counts for c in _cells(part[target], kept))) for target in data.targets]
    columns = [column for name in PARTS.values() for column in _columns(name, kept)]
    return Table("findings-parts", "Findings in each part", (Column("Finding"), *columns), rows(lines))


def dropped_table(data: Data) -> Table | None:
    """Name the findings that were too rare to learn."""
    dropped = data.summaries["weights"]["dropped"]
    if not dropped:
        return None
    lines = [(target, counts.get("positives"), counts["reason"]) for target, counts in dropped.items()]
    columns = (Column("Finding"), Column("Positives in training", count), Column("Reason"))
    return Table("dropped", "Findings left out as too rare", columns, rows(lines))


def together(data: Data) -> pd.DataFrame:
    """Count the images that carry both of two findings (targets x targets); positives on the diagonal."""
    present = (data.case_labels == 1).astype("int64")
    return present.T @ present


def together_table(data: Data) -> Table:
    """Show the co-occurrence."""
    lines = [(str(name), *(int(n) for n in line)) for name, line in together(data).iterrows()]
    columns = (Column("Finding"), *(Column(target, count) for target in data.targets))
    return Table("together", "Images that carry both findings", columns, rows(lines))


def crowding(data: Data) -> dict[str, pd.Series]:
    """Count findings per image, findings per patient, and images per patient: value -> how many."""
    present = data.case_labels == 1
    patients = data.cases["patient_id"]
    tables = {
        "Findings per image": present.sum(axis=1),
        "Different findings per patient": present.groupby(patients).any().sum(axis=1),
        "Images per patient": patients.value_counts(),
    }
    return {name: values.value_counts().sort_index() for name, values in tables.items()}


def crowding_table(data: Data) -> Table:
    """Show the same three counts as a table."""
    columns = crowding(data)
    table = pd.DataFrame(columns).fillna(0).astype("int64")
    lines = [(str(value), *(int(n) for n in line)) for value, line in table.iterrows()]
    names = ("Images with so many findings", "Patients with so many findings", "Patients with so many images")
    head = (Column("Number"), *(Column(name, count) for name in names))
    return Table("per-patient", "Findings and images per patient", head, rows(lines))


def weights_table(data: Data) -> Table:
    """Show the class weights and the counts that they come from."""
    names = ("negatives", "positives", "positive_patients", "absent", "present")
    lines = [
        (target, *(entry[name] for name in names), _ratio(entry["present"], entry["absent"]))
        for target, entry in data.summaries["weights"]["targets"].items()
    ]
    columns = (
        Column("Finding"),
        Column("Negatives", count, "Training part"),
        Column("Positives", count, "Training part"),
        Column("Patients with", count, "Training part"),
        Column("Absent", number, "Weight"),
        Column("Present", number, "Weight"),
        Column("Present / absent", number, "Weight"),
    )
    return Table("weights", "Class weights", columns, rows(lines))


def _ratio(present: float, absent: float) -> float | None:
    """Divide the weights; of classes that exclude each other an absent one has none."""
    return present / absent if absent else None


def _columns(group: str, counted: Mapping[str, str] = COUNTED) -> tuple[Column, ...]:
    names = (Column(words, count, group) for words in counted.values())
    return (*names, Column("Prevalence", percent, group))


def _cells(counts: Counts, counted: Mapping[str, str] = COUNTED) -> list[Any]:
    return [*(counts[name] for name in counted), counts["prevalence"]]
