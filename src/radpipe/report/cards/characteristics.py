"""Characteristics of each set: sex, age and view, as far as the tables contain them."""

from typing import Any

import pandas as pd

from radpipe.report.data import Data
from radpipe.report.tables import Column, Table, build_rows, format_count, format_percent

SHARES = {"sex": "Sex", "view": "View"}
MOST_VALUES = 6  # of a column; further ones are rare


def tabulate_characteristics(data: Data) -> Table:
    """Tabulate images, patients, age, sex and view of each set; shares are of images, not of patients."""
    known = data.images.loc[data.cases["row"]].reset_index(drop=True)
    groups = [known[(data.cases["split"] == split).to_numpy()] for split in data.split_names]
    lines: list[tuple[Any, ...]] = [
        ("Images", *(len(group) for group in groups)),
        ("Patients", *(group["patient_id"].nunique() for group in groups)),
    ]
    if "age" in known and known["age"].notna().any():
        lines.append(
            ("Age, median (quartiles) [years]", *(_format_quartiles(group["age"]) for group in groups))
        )
    for column, name in SHARES.items():
        lines += _list_shares(known, groups, column, name)
    columns = (Column("Of the images"), *(Column(name, format_count) for name in data.split_names.values()))
    caption = f"Characteristics of each {'fold' if data.cross_validated else 'part'}"
    return Table("characteristics", caption, columns, build_rows(lines))


def _list_shares(
    known: pd.DataFrame, groups: list[pd.DataFrame], column: str, name: str
) -> list[tuple[Any, ...]]:
    if column not in known or known[column].isna().all():
        return []
    values = known[column].value_counts().index[:MOST_VALUES]
    lines = [
        (f"{name} {value}", *(format_percent(_compute_share(group[column] == value)) for group in groups))
        for value in values
    ]
    if known[column].isna().any():
        lines.append(
            (f"{name} unknown", *(format_percent(_compute_share(group[column].isna())) for group in groups))
        )
    return lines


def _compute_share(chosen: "pd.Series[bool]") -> float:
    return float(chosen.mean()) if len(chosen) else 0.0


def _format_quartiles(ages: pd.Series) -> str:
    if ages.isna().all():
        return "\N{EN DASH}"
    low, middle, high = ages.quantile([0.25, 0.5, 0.75])
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"
