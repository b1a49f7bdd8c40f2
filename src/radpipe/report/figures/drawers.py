"""All figures of the page, in their order."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from radpipe.report.figures.canvas import Drawing, apply_style
from radpipe.report.figures.distribution import (
    draw_cooccurrence,
    draw_distribution,
    draw_per_patient,
    draw_weights,
)
from radpipe.report.figures.exploring import draw_calibration, draw_operating, draw_subgroups
from radpipe.report.figures.grid import draw_grid
from radpipe.report.figures.performance import PR, ROC, draw_curves, draw_differences
from radpipe.report.figures.training import draw_training
from radpipe.report.results import Results

# Each draws one figure, or nothing where its section is left out.
DRAWERS: tuple[Callable[[Results, Path], Drawing | None], ...] = (
    draw_distribution,
    draw_per_patient,
    draw_cooccurrence,
    draw_weights,
    draw_training,
    partial(draw_curves, kind=ROC),
    partial(draw_curves, kind=PR),
    draw_differences,
    draw_grid,
    draw_operating,
    draw_calibration,
    draw_subgroups,
)


def draw_figures(results: Results, folder: Path) -> dict[str, Drawing]:
    """Write every figure into `folder` as PNG and return them for the page, by name."""
    with apply_style():
        drawings = [draw(results, folder) for draw in DRAWERS]
    return {drawing.name: drawing for drawing in drawings if drawing is not None}
