"""Figure of the results by cell: AUROC of each question and arm, and the difference between the arms."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from radpipe.data.index import Grid
from radpipe.report.figures.canvas import INK, Drawing, create_figure, label_rows, write_figure
from radpipe.report.results import Results
from radpipe.report.sections.grid import find_auroc
from radpipe.report.tables import format_difference, format_share

LEAST_SPAN = 0.05  # of the shades of a difference: noise stays pale
DARK = 0.6  # share of a shade's range from which white letters are read better


def draw_grid(results: Results, folder: Path) -> Drawing | None:
    """Draw rows x columns of AUROC for each question: a panel for each arm, then the difference."""
    grid = results.grid
    if grid is None:
        return None
    keys = [(arm.key, arm.name) for arm in results.arms]
    keys += [("difference", "difference")] if results.compared else []
    figure = create_figure(0.5 + len(grid.questions) * (0.75 + 0.3 * len(grid.rows)))
    panels = figure.subplots(len(grid.questions), len(keys), sharex=True, sharey=True, squeeze=False)
    for question, line in enumerate(panels):
        for axes, (key, name) in zip(line, keys, strict=True):
            draw_cells(axes, read_cells(results, grid, question, key), difference=key == "difference")
            axes.set_title(f"{grid.questions[question]}, {name}", fontsize=8)
        label_rows(line[0], tuple(grid.rows))
    for axes in panels[-1]:
        axes.set_xticks(range(len(grid.columns)), grid.columns, color=INK)
    names = ", ".join(name for _, name in keys)
    alt = f"Grids of AUROC by {grid.row} and {grid.column}: {names}; the numbers stand in the tables below"
    return write_figure(figure, folder, "grid", alt)


def read_cells(results: Results, grid: Grid, question: int, key: str) -> NDArray[np.float64]:
    """Return (rows, columns) of one number; NaN where it is undefined.

    Returned as float64.
    """
    entries = results.comparison["findings"]
    cells = [[find_auroc(entries, cell[question]).get(key) for cell in row] for row in grid.targets]
    return np.array(cells, np.float64)


def draw_cells(axes: Axes, values: NDArray[np.float64], *, difference: bool) -> None:
    """Draw one panel: shades from chance to perfect, or around no difference; numbers on top.

    `values` (rows, columns) float64.
    """
    reach = max(LEAST_SPAN, float(np.nanmax(np.abs(values), initial=0))) if difference else 1.0
    low, colours = (-reach, "PuOr") if difference else (0.5, "Blues")
    places: tuple[Any, Any] = (range(values.shape[1]), range(values.shape[0]))
    axes.pcolormesh(*places, values, cmap=colours, vmin=low, vmax=reach, edgecolors="white")
    for (i, j), value in np.ndenumerate(values):
        position = abs(value) / reach if difference else (value - 0.5) / 0.5
        color = "#ffffff" if position > DARK else "#10151a"
        words = "" if np.isnan(value) else format_difference(value) if difference else format_share(value)
        axes.text(j, i, words, ha="center", va="center", color=color, fontsize=7)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
