"""Who is in each part: sex, age and view, as far as the tables know them."""

from typing import Any

import pandas as pd

from radpipe.report.data import Data
from radpipe.report.tables import Column, Table, count, percent, rows

SHARES = {"sex": "Sex", "view": "View"}
MOST_VALUES = 6  # of a column; further ones are rare


def characteristics_table(data: Data) -> Table | None:
    """Show patients, images and what is known of them, part by part; of images, not of patients."""
    known = data.images.loc[data.cases["row"]].reset_index(drop=True)
    groups = [known[(data.cases["part"] == part).to_numpy()] for part in data.part_names]
    lines: list[tuple[Any, ...]] = [
        ("Images", *(len(group) for group in groups)),
        ("Patients", *(group["patient_id"].nunique() for group in groups)),
    ]
    if "age" in known and known["age"].notna().any():
        lines.append(("Age, median (quartiles) [years]", *(_quartiles(group["age"]) for group in groups)))
    for column, name in SHARES.items():
        lines += _shares(known, groups, column, name)
    columns = (Column("Of the images"), *(Column(name, count) for name in data.part_names.values()))
    caption = f"Characteristics of each {'fold' if 'fold' in data.parts else 'part'}"
    return Table("characteristics", caption, columns, rows(lines))


def _shares(known: pd.DataFrame, groups: list[pd.DataFrame], column: str, name: str) -> list[tuple[Any, ...]]:
    if column not in known or known[column].isna().all():
        return []
    values = known[column].value_counts().index[:MOST_VALUES]
    lines = [
        (f"{name} {value}", *(percent(_share(group[column] == value)) for group in groups))
        for value in values
    ]
    if known[column].isna().any():
        lines.append((f"{name} unknown", *(percent(_share(group[column].isna())) for group in groups)))
    return lines


def _share(chosen: "pd.Series[bool]") -> float:
    return float(chosen.mean()) if len(chosen) else 0.0


def _quartiles(ages: pd.Series) -> str:
    if ages.isna().all():
        return "\N{EN DASH}"
    low, middle, high = ages.quantile([0.25, 0.5, 0.75])
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"
