"""The frequency of each finding: overall, in each set, per patient, and together with others."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pandas as pd

from radpipe.config.targets import ALL
from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections import grid
from radpipe.report.tables import Column, Table, build_rows, format_count, format_percent

Counts = dict[str, Any]
COUNTED = {
    "positives": "Positives",
    "negatives": "Negatives",
    "unknown": "Unknown",
    "positive_patients": "Patients with",
}
IN_FOLD = ("positives", "positive_patients")
MOST_PAIRS = 50  # of findings, where a grid of all would be too wide


def describe_findings(results: Results) -> dict[str, Any] | None:
    """Return the tables of the labels, and the findings that were left out."""
    data = results.data
    if data is None:
        return None
    include = results.settings["targets"]["include"]
    asked = data.labels.columns if include == ALL else include
    return {
        "cells": grid.tabulate_labels(data),
        "distribution": [tabulate_findings(data), tabulate_findings_by_split(data)],
        "dropped": tabulate_dropped(data),
        "not_asked": [name for name in data.labels.columns if name not in asked],
        "per_patient": tabulate_per_patient(data),
        "cooccurrence": tabulate_cooccurrence(data, pairs=results.many),
    }


def find_split_counts(data: Data, split: str) -> dict[str, Counts]:
    """Return the counts per finding in one set or fold."""
    counts: dict[str, Counts] = data.summaries["split"]["parts"][split]["findings"]
    return counts


def count_findings(data: Data) -> dict[str, Counts]:
    """Sum the counts over the sets; they share no patient, so that patients add up too."""
    return {
        target: add_counts(find_split_counts(data, split)[target] for split in data.split_names)
        for target in data.targets
    }


def add_counts(counts: Iterable[Counts]) -> Counts:
    """Sum counts, and take the prevalence among the known labels of the sum."""
    table = pd.DataFrame(list(counts))
    total = {name: int(table[name].sum()) for name in COUNTED}
    known = total["positives"] + total["negatives"]
    return {**total, "prevalence": total["positives"] / known if known else None}


def tabulate_findings(data: Data) -> Table:
    """Tabulate the findings of the images used, beside the published count over all rows."""
    published = data.summaries["index"].get("positives", {})
    lines = [
        (target, published.get(target), *_list_cells(counts))
        for target, counts in count_findings(data).items()
    ]
    columns = (
        Column("Finding"),
        Column("Positive rows in the tables", format_count),
        *_build_columns("Images used"),
    )
    return Table("findings", "Findings, overall", columns, build_rows(lines))


def tabulate_findings_by_split(data: Data) -> Table:
    """Tabulate the findings of each set; if labels are unknown, their number in place of the negatives.

    Of folds, which may be many, only the positives are shown.
    """
    if data.cross_validated:
        return tabulate_findings_by_fold(data)
    counts = [find_split_counts(data, split) for split in data.split_names]
    unknown = any(findings[target]["unknown"] for findings in counts for target in data.targets)
    beside = "unknown" if unknown else "negatives"
    kept = {name: COUNTED[name] for name in ("positives", beside, "positive_patients")}
    lines = [
        (target, *(n for findings in counts for n in _list_cells(findings[target], kept)))
        for target in data.targets
    ]
    columns = [column for name in data.split_names.values() for column in _build_columns(name, kept)]
    return Table("findings-parts", "Findings in each part", (Column("Finding"), *columns), build_rows(lines))


def tabulate_findings_by_fold(data: Data) -> Table:
    """Tabulate the positive images and patients of each fold."""
    lines = [
        (
            target,
            *(find_split_counts(data, fold)[target][name] for fold in data.split_names for name in IN_FOLD),
        )
        for target in data.targets
    ]
    columns = [
        Column(COUNTED[kind], format_count, name) for name in data.split_names.values() for kind in IN_FOLD
    ]
    return Table("findings-parts", "Findings in each fold", (Column("Finding"), *columns), build_rows(lines))


def tabulate_dropped(data: Data) -> Table | None:
    """Tabulate the findings that were too rare to learn; None if there are none."""
    dropped = data.summaries["weights"]["dropped"]
    if not dropped:
        return None
    counted = "all folds" if "rounds" in data.summaries["weights"] else "training"
    lines = [(target, counts.get("positives"), counts["reason"]) for target, counts in dropped.items()]
    columns = (Column("Finding"), Column(f"Positives in {counted}", format_count), Column("Reason"))
    return Table("dropped", "Findings left out as too rare", columns, build_rows(lines))


def count_per_patient(data: Data) -> dict[str, pd.Series]:
    """Count findings per image, findings per patient, and images per patient: value -> how many."""
    present = data.case_labels == 1
    patients = data.cases["patient_id"]
    tables = {
        "Findings per image": present.sum(axis=1),
        "Different findings per patient": present.groupby(patients).any().sum(axis=1),
        "Images per patient": patients.value_counts(),
    }
    return {name: values.value_counts().sort_index() for name, values in tables.items()}


def tabulate_per_patient(data: Data) -> Table:
    """Tabulate the same three counts."""
    columns = count_per_patient(data)
    table = pd.DataFrame(columns).fillna(0).astype("int64")
    lines = [(str(value), *(int(n) for n in line)) for value, line in table.iterrows()]
    names = ("Images with so many findings", "Patients with so many findings", "Patients with so many images")
    head = (Column("Number"), *(Column(name, format_count) for name in names))
    return Table("per-patient", "Findings and images per patient", head, build_rows(lines))


def count_pairs(data: Data) -> pd.DataFrame:
    """Count the images with both of two findings (targets x targets); positives on the diagonal."""
    present = (data.case_labels == 1).astype("int64")
    return present.T @ present


def tabulate_cooccurrence(data: Data, *, pairs: bool) -> Table:
    """Tabulate the co-occurrence as a grid, or as the most frequent pairs."""
    if pairs:
        return tabulate_frequent_pairs(data)
    lines = [(str(name), *(int(n) for n in line)) for name, line in count_pairs(data).iterrows()]
    columns = (Column("Finding"), *(Column(target, format_count) for target in data.targets))
    return Table("together", "Images that carry both findings", columns, build_rows(lines))


def tabulate_frequent_pairs(data: Data) -> Table:
    """Tabulate the most frequent pairs of different findings."""
    counts = count_pairs(data).to_numpy()
    both = [(a, b, int(counts[i, j])) for (i, a), (j, b) in combinations(enumerate(data.targets), 2)]
    most = sorted(both, key=lambda pair: -pair[2])[:MOST_PAIRS]
    columns = (Column("Finding"), Column("And"), Column("Images", format_count))
    caption = f"Images that carry both findings, the {len(most)} most frequent pairs"
    return Table("together", caption, columns, build_rows(most))


def _build_columns(group: str, counted: Mapping[str, str] = COUNTED) -> tuple[Column, ...]:
    names = (Column(words, format_count, group) for words in counted.values())
    return (*names, Column("Prevalence", format_percent, group))


def _list_cells(counts: Counts, counted: Mapping[str, str] = COUNTED) -> list[Any]:
    return [*(counts[name] for name in counted), counts["prevalence"]]
