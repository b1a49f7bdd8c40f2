"""From the rows of the tables to the three parts: how many images each step left, and why."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.tables import Column, Table, count, rows

MOST_ROWS = 12  # named per reason; all of them stand in rejected.csv


def describe(results: Results) -> dict[str, Any] | None:
    """Gather what the page says about the way of the data."""
    data = results.data
    if data is None:
        return None
    return {
        "stages": stages(data),
        "parts": parts(data),
        "flow": flow_table(data),
        "removed": removed_table(data),
        "checks": checks_table(data),
    }


@dataclass(frozen=True)
class Stage:
    """A number of images on its way, and what was taken out before it."""

    name: str
    images: int
    patients: int | None
    taken_out: tuple[tuple[str, int], ...] = ()


def stages(data: Data) -> list[Stage]:
    """List the stages from the published table to the images that are used."""
    indexed = len(data.images)
    left_out = tuple((name, n) for name, n in notes(data).items() if n and name.endswith("left out"))
    rows_read = indexed + sum(n for _, n in left_out)
    return [
        Stage("Rows in the tables", data.summaries["index"]["counts"].get("rows", rows_read), None),
        Stage("Images in the index", indexed, data.images["patient_id"].nunique(), left_out),
        _stage(data, "Files that passed validation", data.accepted, "validate"),
        _stage(data, "Decoded and packed", data.packed, "pack"),
        Stage(
            f"Used, each patient in one {'fold' if 'fold' in data.parts else 'part'}",
            len(data.cases),
            data.cases["patient_id"].nunique(),
            _reasons(excluded(data)),
        ),
    ]


def parts(data: Data) -> list[tuple[str, str, int, int]]:
    """List the parts: key, name, images, patients."""
    groups = dict(list(data.cases.groupby("part")))
    empty = data.cases.iloc[:0]
    used = [(key, name, groups.get(key, empty)) for key, name in data.part_names.items()]
    return [(key, name, len(part), part["patient_id"].nunique()) for key, name, part in used]


def flow_table(data: Data) -> Table:
    """Show the flow as a table, the parts last."""
    columns = (
        Column("Step"),
        Column("Images", count),
        Column("Patients", count),
        Column("Taken out before it"),
    )
    lines: list[tuple[Any, ...]] = []
    for stage in stages(data):
        words = "; ".join(f"{reason}: {n:,}" for reason, n in stage.taken_out)
        lines.append((stage.name, stage.images, stage.patients, words))
    word = "" if "fold" in data.parts else " part"
    lines += [(f"{name}{word}", images, patients, "") for _, name, images, patients in parts(data)]
    return Table("flow", "Flow of the data", columns, rows(lines))


def removed_table(data: Data) -> Table:
    """Name the images taken out, by row number."""
    lines = []
    for step, table in (*data.rejected.items(), ("split", excluded(data))):
        for reason, group in table.groupby("reason"):
            lines.append((step, str(reason), len(group), _name_rows(group["row"])))
    columns = (Column("Step"), Column("Reason"), Column("Images", count), Column("Rows in the index"))
    return Table("taken-out", "Images taken out, and why", columns, rows(lines))


def notes(data: Data) -> dict[str, int]:
    """Return what the reader counted."""
    found = data.summaries["index"].get("notes", {})
    return {name: n for name, n in found.items() if isinstance(n, int)}


def excluded(data: Data) -> pd.DataFrame:
    """List what the split took out: row, reason."""
    return pd.DataFrame(data.summaries["split"]["excluded"], columns=["row", "reason"])


def checks_table(data: Data) -> Table:
    """Show what was checked about patients, copies and parts."""
    twice = data.part_of.groupby(level=0).nunique()
    identical = data.summaries["pack"]["identical"]
    lines = [
        (f"Patients in two {'folds' if 'fold' in data.parts else 'parts'}", int((twice > 1).sum())),
        ("Groups of images with identical pixels", identical.get("groups", 0)),
        ("Images in such groups", identical.get("images", 0)),
        ("Such groups with more than one patient", identical.get("groups across patients", 0)),
    ]
    said = {name.casefold() for name, _ in lines}
    checks = data.summaries["split"]["checks"].items()
    lines += [(_sentence_case(name), n) for name, n in checks if name.casefold() not in said]
    lines += [(f"Index: {name}", n) for name, n in notes(data).items()]
    return Table(
        "checks", "What was checked and counted", (Column("Check"), Column("Count", count)), rows(lines)
    )


def _stage(data: Data, name: str, table: pd.DataFrame, step: str) -> Stage:
    patients = data.images["patient_id"].loc[table["row"]].nunique()
    return Stage(name, len(table), patients, _reasons(data.rejected[step]))


def _reasons(table: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    if table.empty:
        return ()
    return tuple((str(reason), int(n)) for reason, n in table["reason"].value_counts(sort=False).items())


def _name_rows(numbers: pd.Series) -> str:
    named = ", ".join(str(row) for row in sorted(numbers)[:MOST_ROWS])
    more = len(numbers) - MOST_ROWS
    return f"{named} and {more:,} more" if more > 0 else named


def _sentence_case(name: str) -> str:
    return name[:1].upper() + name[1:]
