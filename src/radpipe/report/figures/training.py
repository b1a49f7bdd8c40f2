"""Figures of the training: what each epoch did, in both arms."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from radpipe.report.arms import Arm
from radpipe.report.figures.canvas import QUIET, Drawing, blank, finish
from radpipe.report.results import Results

CURVES = {
    "loss": "Loss",
    "auroc": "AUROC",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
}
THIN: dict[str, Any] = {"lw": 0.8, "alpha": 0.45}


def draw_training(results: Results, folder: Path) -> Drawing | None:
    """Draw loss, AUROC, accuracy, precision and recall by epoch: seeds thin, their mean thick."""
    if not results.trained:
        return None
    figure = blank(5.0)
    *panels, corner = figure.subplots(2, 3).ravel()
    for axes, (column, title) in zip(panels, CURVES.items(), strict=True):
        for arm in results.arms:
            _draw_arm(axes, results, arm, column)
        axes.set_title(title)
        axes.locator_params(axis="x", integer=True)
        if column != "loss":
            axes.set_ylim(-0.02, 1.02)
    for axes in panels[2:]:
        axes.set_xlabel("epoch")
    corner.set_axis_off()
    legend = corner.legend(handles=_legend(results), loc="center left", fontsize=9.5, labelspacing=0.9)
    legend.set_in_layout(False)  # it would widen its column
    best = "; ".join(
        f"{run.arm.name} seed {run.seed}: epoch {run.training['best_epoch']}" for run in results.runs
    )
    return finish(
        figure, folder, "training", f"Training and validation curves by epoch. Best epoch of {best}"
    )


def _draw_arm(axes: Axes, results: Results, arm: Arm, column: str) -> None:
    runs = results.of_arm(arm)
    histories = [run.history.set_index("epoch") for run in runs]
    for name, dashes in ((column, (0, (4, 2))), (f"val_{column}", "-")):
        curves = pd.DataFrame(
            {run.seed: h[name] for run, h in zip(runs, histories, strict=True) if name in h}
        )
        if curves.empty:
            continue
        if len(runs) > 1:
            axes.plot(curves.index, curves, color=arm.color, ls=dashes, **THIN)
        # The mean ends where the first seed stopped: beyond, it would jump as seeds leave it.
        mean = curves.dropna().mean(axis=1)
        axes.plot(mean.index, mean, color=arm.color, ls=dashes, lw=1.8)
    for run, history in zip(runs, histories, strict=True):
        epoch = run.training["best_epoch"]
        value = history.loc[epoch, f"val_{column}"]
        axes.plot(epoch, value, arm.marker, color=arm.color, mec="white", mew=0.8, ms=7, zorder=5)


def _legend(results: Results) -> list[Line2D]:
    arms = [
        Line2D([], [], color=arm.color, lw=2.4, marker=arm.marker, ms=7, mec="white", label=arm.name)
        for arm in results.arms
    ]
    best = Line2D([], [], ls="", label="marker: best epoch, kept")
    kinds = [
        Line2D([], [], color=QUIET, lw=1.8, label="validation"),
        Line2D([], [], color=QUIET, lw=1.8, ls=(0, (4, 2)), label="training"),
    ]
    thin = [Line2D([], [], color=QUIET, label="one seed", **THIN)] if len(results.seeds) > 1 else []
    return [*arms, *kinds, *thin, best]
