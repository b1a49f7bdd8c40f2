"""All figures of the page; the one place that imports matplotlib."""

from pathlib import Path

from radpipe.report.figures.canvas import Drawing, style
from radpipe.report.figures.distribution import (
    draw_crowding,
    draw_distribution,
    draw_together,
    draw_weights,
)
from radpipe.report.figures.performance import PR, ROC, draw_curves, draw_differences
from radpipe.report.figures.training import draw_training
from radpipe.report.sources import Results

__all__ = ["Drawing", "draw_figures"]


def draw_figures(results: Results, folder: Path) -> dict[str, Drawing]:
    """Write every figure into `folder` as PNG and return them for the page, by name."""
    with style():
        drawings = [
            draw_distribution(results, folder),
            draw_crowding(results, folder),
            draw_together(results, folder),
            draw_weights(results, folder),
            draw_training(results, folder),
            draw_curves(results, folder, ROC),
            draw_curves(results, folder, PR),
        ]
        if results.compared:
            drawings.append(draw_differences(results, folder))
    return {drawing.name: drawing for drawing in drawings}
