"""Targets that stand in rows and columns: counts and AUROC by cell, in place of one long list."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.index import Grid
from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections.outcomes import arm_columns, arm_values
from radpipe.report.tables import Column, Row, Table, count, percent, rows


def describe(results: Results) -> dict[str, Any] | None:
    """Gather the results by cell; nothing without a grid."""
    grid = results.grid
    if grid is None:
        return None
    return {
        "title": f"AUROC by {grid.row.lower()} and {grid.column.lower()}",
        "tables": [auroc_table(results, grid, k) for k in range(len(grid.questions))],
    }


def describe_labels(data: Data) -> list[Table]:
    """Gather the counts by cell and by part; nothing without a grid."""
    return [] if data.grid is None else [counts_table(data, data.grid), classes_table(data, data.grid)]


def grade(data: Data, grid: Grid) -> NDArray[np.float64]:
    """Return the class of each cell of each unit, counted from 0; NaN where it is not known.

    Returns
    -------
    (units, rows, columns) float64
        A unit that has several images counts once.
    """
    units = data.cases["unit_id"].drop_duplicates()
    names = [name for row in grid.targets for cell in row for name in cell]
    shape = (len(units), len(grid.rows), len(grid.columns), len(grid.questions))
    labels = data.labels.loc[units, names].to_numpy(np.float64).reshape(shape)
    known = np.isfinite(labels).all(axis=-1)
    first = len(grid.classes) - len(grid.questions)  # a cumulative cell has no target for class 0
    degree = labels.sum(axis=-1) if grid.cumulative else labels @ np.arange(first, len(grid.classes))
    return np.where(known, degree, np.nan)


def counts_table(data: Data, grid: Grid) -> Table:
    """Count the classes of each cell."""
    degrees = grade(data, grid)
    counts = np.stack([(degrees == k).sum(axis=0) for k in range(len(grid.classes))])
    lines = [(name, *counts[:, i].ravel().tolist()) for i, name in enumerate(grid.rows)]
    columns = [Column(column, count, name) for name in grid.classes for column in grid.columns]
    total = Row(("All", *counts.sum(axis=1).ravel().tolist()), average=True)
    caption = f"{grid.degree} counts by {grid.row.lower()} and {grid.column.lower()}"
    return Table("grid-counts", caption, (Column(grid.row), *columns), (*rows(lines), total))


def classes_table(data: Data, grid: Grid) -> Table:
    """Count the classes of each part, all cells together."""
    units = data.cases.drop_duplicates("unit_id")
    degrees = grade(data, grid)
    tables = [degrees[(units["part"] == part).to_numpy()] for part in data.part_names]
    known = [int(np.isfinite(table).sum()) for table in (degrees, *tables)]
    lines = []
    for k, name in enumerate(grid.classes):
        found = [int((table == k).sum()) for table in (degrees, *tables)]
        shares = [n / total if total else None for n, total in zip(found, known, strict=True)]
        lines.append((name, *(value for pair in zip(found, shares, strict=True) for value in pair)))
    all_ones = Row(("All", *(value for total in known for value in (total, None))), average=True)
    columns = [
        Column(title, show, group)
        for group in ("All parts", *data.part_names.values())
        for title, show in (("Count", count), ("Share", percent))
    ]
    caption = f"{grid.degree} counts in each part"
    return Table("grid-classes", caption, (Column(grid.degree), *columns), (*rows(lines), all_ones))


def auroc_table(results: Results, grid: Grid, question: int) -> Table:
    """Show the AUROC of one question in each cell: every arm, and the difference."""
    entries = results.comparison["findings"]
    lines = [
        (name, *np.transpose([arm_values(results, auroc(entries, cell[question])) for cell in cells]).ravel())
        for name, cells in zip(grid.rows, grid.targets, strict=True)
    ]
    shown = [(column.name, column.show) for column in arm_columns(results)]
    columns = [Column(name, show, group) for group, show in shown for name in grid.columns]
    key, caption = f"grid-auroc-{question + 1}", f"AUROC: {grid.questions[question]}"
    return Table(key, caption, (Column(grid.row), *columns), rows(lines))


def auroc(entries: dict[str, Any], target: str) -> dict[str, Any]:
    """Return the entry of one target; without numbers if it was too rare to learn."""
    found: dict[str, Any] = entries.get(target, {}).get("auroc") or {}
    return found


def name_labels(grid: Grid, labels: pd.Series) -> tuple[str, ...]:
    """Name the cells of one case whose class is beyond the first, or the only one that is known.

    Parameters
    ----------
    labels
        Target -> 1, 0 or NaN.
    """
    found = [
        (f"{row}, {column}", [labels.get(name, np.nan) for name in cell])
        for row, cells in zip(grid.rows, grid.targets, strict=True)
        for column, cell in zip(grid.columns, cells, strict=True)
    ]
    first = len(grid.classes) - len(grid.questions)
    named = {
        place: grid.classes[max((k + first for k, value in enumerate(values) if value == 1), default=0)]
        for place, values in found
        if not all(np.isnan(value) for value in values)
    }
    beyond = {place: name for place, name in named.items() if name != grid.classes[0]}
    shown = beyond or (named if len(named) == 1 else {})
    return tuple(f"{place}: {name}" for place, name in shown.items())
