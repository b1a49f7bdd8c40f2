"""From the rows of the tables to the three sets: how many images each step left, and why."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections.values import capitalize_first
from radpipe.report.tables import Column, Table, build_rows, format_count

MOST_ROWS = 12  # named per reason; rejected.csv lists all of them


def describe_flow(results: Results) -> dict[str, Any] | None:
    """Return the stages, the sets, and what was removed and checked."""
    data = results.data
    if data is None:
        return None
    return {
        "stages": list_stages(data),
        "splits": list_splits(data),
        "flow": tabulate_flow(data),
        "removed": tabulate_removed(data),
        "checks": tabulate_split_checks(data),
    }


@dataclass(frozen=True)
class Stage:
    """The images that remain at one step, and those that were taken out before it."""

    name: str
    images: int
    patients: int | None
    taken_out: tuple[tuple[str, int], ...] = ()


def list_stages(data: Data) -> list[Stage]:
    """List the stages from the published table to the images that are used."""
    indexed = len(data.images)
    left_out = tuple(
        (name, n) for name, n in find_reader_counts(data).items() if n and name.endswith("left out")
    )
    rows_read = indexed + sum(n for _, n in left_out)
    return [
        Stage("Rows in the tables", data.summaries["index"]["counts"].get("rows", rows_read), None),
        Stage("Images in the index", indexed, data.images["patient_id"].nunique(), left_out),
        _build_stage(data, "Files that passed validation", data.accepted, "validate"),
        _build_stage(data, "Decoded and packed", data.packed, "pack"),
        Stage(
            f"Used, each patient in one {'fold' if data.cross_validated else 'part'}",
            len(data.cases),
            data.cases["patient_id"].nunique(),
            _count_reasons(list_excluded(data)),
        ),
    ]


def list_splits(data: Data) -> list[tuple[str, str, int, int]]:
    """List the sets or folds: key, name, images, patients."""
    groups = dict(list(data.cases.groupby("split")))
    empty = data.cases.iloc[:0]
    used = [(key, name, groups.get(key, empty)) for key, name in data.split_names.items()]
    return [(key, name, len(cases), cases["patient_id"].nunique()) for key, name, cases in used]


def tabulate_flow(data: Data) -> Table:
    """Tabulate the stages, then the sets or folds."""
    columns = (
        Column("Step"),
        Column("Images", format_count),
        Column("Patients", format_count),
        Column("Taken out before it"),
    )
    lines: list[tuple[Any, ...]] = []
    for stage in list_stages(data):
        words = "; ".join(f"{reason}: {n:,}" for reason, n in stage.taken_out)
        lines.append((stage.name, stage.images, stage.patients, words))
    word = "" if data.cross_validated else " part"
    lines += [(f"{name}{word}", images, patients, "") for _, name, images, patients in list_splits(data)]
    return Table("flow", "Flow of the data", columns, build_rows(lines))


def tabulate_removed(data: Data) -> Table:
    """Tabulate the images taken out, by row number."""
    lines = []
    for step, table in (*data.rejected.items(), ("split", list_excluded(data))):
        for reason, group in table.groupby("reason"):
            lines.append((step, str(reason), len(group), _format_rows(group["row"])))
    columns = (Column("Step"), Column("Reason"), Column("Images", format_count), Column("Rows in the index"))
    return Table("taken-out", "Images taken out, and why", columns, build_rows(lines))


def find_reader_counts(data: Data) -> dict[str, int]:
    """Return the counts that the reader made."""
    found = data.summaries["index"].get("notes", {})
    return {name: n for name, n in found.items() if isinstance(n, int)}


def list_excluded(data: Data) -> pd.DataFrame:
    """List the images that the split took out: row, reason."""
    return pd.DataFrame(data.summaries["split"]["excluded"], columns=["row", "reason"])


def tabulate_split_checks(data: Data) -> Table:
    """Tabulate the checks of patients, copies and sets."""
    identical = data.summaries["pack"]["identical"]
    lines = [
        (f"Patients in two {'folds' if data.cross_validated else 'parts'}", count_patients_in_two(data)),
        ("Groups of images with identical pixels", identical.get("groups", 0)),
        ("Images in such groups", identical.get("images", 0)),
        ("Such groups with more than one patient", identical.get("groups across patients", 0)),
    ]
    listed = {name.casefold() for name, _ in lines}
    checks = data.summaries["split"]["checks"].items()
    lines += [(capitalize_first(name), n) for name, n in checks if name.casefold() not in listed]
    lines += [(f"Index: {name}", n) for name, n in find_reader_counts(data).items()]
    return Table(
        "checks",
        "What was checked and counted",
        (Column("Check"), Column("Count", format_count)),
        build_rows(lines),
    )


def count_patients_in_two(data: Data) -> int:
    """Count the patients that are in two sets or folds."""
    counts = data.patient_splits.groupby(level=0).nunique()
    return int((counts > 1).sum())


def _build_stage(data: Data, name: str, table: pd.DataFrame, step: str) -> Stage:
    patients = data.images["patient_id"].loc[table["row"]].nunique()
    return Stage(name, len(table), patients, _count_reasons(data.rejected[step]))


def _count_reasons(table: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    if table.empty:
        return ()
    return tuple((str(reason), int(n)) for reason, n in table["reason"].value_counts(sort=False).items())


def _format_rows(numbers: pd.Series) -> str:
    named = ", ".join(str(row) for row in sorted(numbers)[:MOST_ROWS])
    more = len(numbers) - MOST_ROWS
    return f"{named} and {more:,} more" if more > 0 else named
