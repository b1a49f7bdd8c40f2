"""Targets in rows and columns: counts and AUROC by cell, in place of one long list."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.index import Grid
from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections.outcomes import build_arm_columns, list_arm_values
from radpipe.report.tables import Column, Row, Table, build_rows, format_count, format_percent


def describe_grid(results: Results) -> dict[str, Any] | None:
    """Return the results by cell; None without a grid."""
    grid = results.grid
    if grid is None:
        return None
    return {
        "title": f"AUROC by {grid.row.lower()} and {grid.column.lower()}",
        "tables": [tabulate_auroc(results, grid, k) for k in range(len(grid.questions))],
    }


def tabulate_labels(data: Data) -> list[Table]:
    """Return the tables of counts by cell and by set; none without a grid."""
    return (
        []
        if data.grid is None
        else [tabulate_cell_counts(data, data.grid), tabulate_classes(data, data.grid)]
    )


def compute_grades(data: Data, grid: Grid) -> NDArray[np.float64]:
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


def tabulate_cell_counts(data: Data, grid: Grid) -> Table:
    """Tabulate the counts of the classes in each cell."""
    degrees = compute_grades(data, grid)
    counts = np.stack([(degrees == k).sum(axis=0) for k in range(len(grid.classes))])
    lines = [(name, *counts[:, i].ravel().tolist()) for i, name in enumerate(grid.rows)]
    columns = [Column(column, format_count, name) for name in grid.classes for column in grid.columns]
    total = Row(("All", *counts.sum(axis=1).ravel().tolist()), average=True)
    caption = f"{grid.degree} counts by {grid.row.lower()} and {grid.column.lower()}"
    return Table("grid-counts", caption, (Column(grid.row), *columns), (*build_rows(lines), total))


def tabulate_classes(data: Data, grid: Grid) -> Table:
    """Tabulate the counts of the classes in each set, all cells together."""
    units = data.cases.drop_duplicates("unit_id")
    degrees = compute_grades(data, grid)
    tables = [degrees[(units["split"] == split).to_numpy()] for split in data.split_names]
    known = [int(np.isfinite(table).sum()) for table in (degrees, *tables)]
    lines = []
    for k, name in enumerate(grid.classes):
        found = [int((table == k).sum()) for table in (degrees, *tables)]
        shares = [n / total if total else None for n, total in zip(found, known, strict=True)]
        lines.append((name, *(value for pair in zip(found, shares, strict=True) for value in pair)))
    total = Row(("All", *(value for n in known for value in (n, None))), average=True)
    columns = [
        Column(title, formatter, group)
        for group in ("All parts", *data.split_names.values())
        for title, formatter in (("Count", format_count), ("Share", format_percent))
    ]
    caption = f"{grid.degree} counts in each part"
    return Table("grid-classes", caption, (Column(grid.degree), *columns), (*build_rows(lines), total))


def tabulate_auroc(results: Results, grid: Grid, question: int) -> Table:
    """Tabulate the AUROC of one question in each cell: every arm, and the difference."""
    entries = results.comparison["findings"]
    lines = []
    for name, cells in zip(grid.rows, grid.targets, strict=True):
        values = np.array([list_arm_values(results, find_auroc(entries, cell[question])) for cell in cells])
        lines.append((name, *values.T.ravel()))
    groups = [(column.name, column.formatter) for column in build_arm_columns(results)]
    columns = [Column(name, formatter, group) for group, formatter in groups for name in grid.columns]
    caption = f"AUROC: {grid.questions[question]}"
    return Table(f"grid-auroc-{question + 1}", caption, (Column(grid.row), *columns), build_rows(lines))


def find_auroc(entries: dict[str, Any], target: str) -> dict[str, Any]:
    """Return the entry of one target; without numbers if it was too rare to learn."""
    found: dict[str, Any] = entries.get(target, {}).get("auroc") or {}
    return found


def list_present_cells(grid: Grid, labels: pd.Series) -> tuple[str, ...]:
    """List the cells of one case whose class is beyond the first, or the only one that is known.

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
