"""How often each finding is there: overall, in each part, per patient, and together with others."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from radpipe.report.arms import PARTS
from radpipe.report.sources import Results
from radpipe.report.tables import Column, Table, count, number, percent, rows

Counts = dict[str, Any]
COUNTED = {
    "positives": "Positives",
    "negatives": "Negatives",
    "unknown": "Unknown",
    "positive_patients": "Patients with",
}
KNOWN = {name: words for name, words in COUNTED.items() if name != "unknown"}


def of_part(results: Results, part: str) -> dict[str, Counts]:
    """Return the counts per finding in one part."""
    counts: dict[str, Counts] = results.summaries["split"]["parts"][part]["findings"]
    return counts


def overall(results: Results) -> dict[str, Counts]:
    """Add up the parts; they share no patient, so that patients add up too."""
    return {target: add(of_part(results, part)[target] for part in PARTS) for target in results.targets}


def add(parts: Iterable[Counts]) -> Counts:
    """Sum counts, and take the prevalence among the known labels of the sum."""
    table = pd.DataFrame(list(parts))
    total = {name: int(table[name].sum()) for name in COUNTED}
    known = total["positives"] + total["negatives"]
    return {**total, "prevalence": total["positives"] / known if known else None}


def distribution_table(results: Results) -> Table:
    """Show the findings of the images used, beside the published count over all rows."""
    published = results.summaries["index"].get("positives", {})
    lines = [(target, published.get(target), *_cells(counts)) for target, counts in overall(results).items()]
    columns = (Column("Finding"), Column("Positive rows in the tables", count), *_columns("Images used"))
    return Table("findings", "Findings, overall", columns, rows(lines))


def parts_table(results: Results) -> Table:
    """Show the findings of each part."""
    counts = [of_part(results, part) for part in PARTS]
    kept = (
        KNOWN
        if not any(part[target]["unknown"] for part in counts for target in results.targets)
        else COUNTED
    )
    lines = [
        (target, *(c for part in counts for c in _cells(part[target], kept))) for target in results.targets
    ]
    columns = [column for name in PARTS.values() for column in _columns(name, kept)]
    return Table("findings-parts", "Findings in each part", (Column("Finding"), *columns), rows(lines))


def dropped_table(results: Results) -> Table | None:
    """Name the findings that were too rare to learn."""
    dropped = results.summaries["weights"]["dropped"]
    if not dropped:
        return None
    lines = [(target, counts.get("positives"), counts["reason"]) for target, counts in dropped.items()]
    columns = (Column("Finding"), Column("Positives in training", count), Column("Reason"))
    return Table("dropped", "Findings left out as too rare", columns, rows(lines))


def not_asked(results: Results) -> list[str]:
    """List the findings of the tables that `targets.include` does not name."""
    return [name for name in results.labels.columns if name not in results.settings["targets"]["include"]]


def together(results: Results) -> pd.DataFrame:
    """Count the images that carry both of two findings (targets x targets); positives on the diagonal."""
    present = (results.case_labels == 1).astype("int64")
    return present.T @ present


def together_table(results: Results) -> Table:
    """Show the co-occurrence."""
    lines = [(str(name), *(int(n) for n in line)) for name, line in together(results).iterrows()]
    columns = (Column("Finding"), *(Column(target, count) for target in results.targets))
    return Table("together", "Images that carry both findings", columns, rows(lines))


def crowding(results: Results) -> dict[str, pd.Series]:
    """Count findings per image, findings per patient, and images per patient: value -> how many."""
    present = results.case_labels == 1
    patients = results.cases["patient_id"]
    tables = {
        "Findings per image": present.sum(axis=1),
        "Different findings per patient": present.groupby(patients).any().sum(axis=1),
        "Images per patient": patients.value_counts(),
    }
    return {name: values.value_counts().sort_index() for name, values in tables.items()}


def crowding_table(results: Results) -> Table:
    """Show the same three counts as a table."""
    columns = crowding(results)
    table = pd.DataFrame(columns).fillna(0).astype("int64")
    lines = [(str(value), *(int(n) for n in line)) for value, line in table.iterrows()]
    names = ("Images with so many findings", "Patients with so many findings", "Patients with so many images")
    head = (Column("Number"), *(Column(name, count) for name in names))
    return Table("per-patient", "Findings and images per patient", head, rows(lines))


def weights_table(results: Results) -> Table:
    """Show the class weights and the counts that they come from."""
    names = ("negatives", "positives", "positive_patients", "absent", "present")
    lines = [
        (target, *(entry[name] for name in names), _ratio(entry["present"], entry["absent"]))
        for target, entry in results.summaries["weights"]["targets"].items()
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
