"""How often each finding is there: overall, in each part, per patient, and together with others."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections import grid, together
from radpipe.report.tables import Column, Table, count, percent, rows

Counts = dict[str, Any]
COUNTED = {
    "positives": "Positives",
    "negatives": "Negatives",
    "unknown": "Unknown",
    "positive_patients": "Patients with",
}
IN_FOLD = ("positives", "positive_patients")


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
        "together": together.together_table(data, pairs=results.many),
    }


def of_part(data: Data, part: str) -> dict[str, Counts]:
    """Return the counts per finding in one part."""
    counts: dict[str, Counts] = data.summaries["split"]["parts"][part]["findings"]
    return counts


def overall(data: Data) -> dict[str, Counts]:
    """Add up the parts; they share no patient, so that patients add up too."""
    return {target: add(of_part(data, part)[target] for part in data.part_names) for target in data.targets}


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
    """Show the findings of each part; where labels are unknown, in place of the negatives how many are.

    Of folds, which may be many, the positives alone are shown.
    """
    if "fold" in data.parts:
        return folds_table(data)
    counts = [of_part(data, part) for part in data.part_names]
    unknown = any(part[target]["unknown"] for part in counts for target in data.targets)
    beside = "unknown" if unknown else "negatives"
    kept = {name: COUNTED[name] for name in ("positives", beside, "positive_patients")}
    lines = [(target, *(c for part in counts for c in _cells(part[target], kept))) for target in data.targets]
    columns = [column for name in data.part_names.values() for column in _columns(name, kept)]
    return Table("findings-parts", "Findings in each part", (Column("Finding"), *columns), rows(lines))


def folds_table(data: Data) -> Table:
    """Show the positive images and patients of each fold."""
    lines = [
        (target, *(of_part(data, fold)[target][name] for fold in data.part_names for name in IN_FOLD))
        for target in data.targets
    ]
    columns = [Column(COUNTED[kind], count, name) for name in data.part_names.values() for kind in IN_FOLD]
    return Table("findings-parts", "Findings in each fold", (Column("Finding"), *columns), rows(lines))


def dropped_table(data: Data) -> Table | None:
    """Name the findings that were too rare to learn."""
    dropped = data.summaries["weights"]["dropped"]
    if not dropped:
        return None
    counted = "all folds" if "rounds" in data.summaries["weights"] else "training"
    lines = [(target, counts.get("positives"), counts["reason"]) for target, counts in dropped.items()]
    columns = (Column("Finding"), Column(f"Positives in {counted}", count), Column("Reason"))
    return Table("dropped", "Findings left out as too rare", columns, rows(lines))


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


def _columns(group: str, counted: Mapping[str, str] = COUNTED) -> tuple[Column, ...]:
    names = (Column(words, count, group) for words in counted.values())
    return (*names, Column("Prevalence", percent, group))


def _cells(counts: Counts, counted: Mapping[str, str] = COUNTED) -> list[Any]:
    return [*(counts[name] for name in counted), counts["prevalence"]]
