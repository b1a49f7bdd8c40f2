"""Figures of the training: the metrics of each epoch, in both arms."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from radpipe.report.arms import Arm
from radpipe.report.figures.canvas import QUIET, Drawing, create_figure, write_figure
from radpipe.report.results import Results

CURVES = {
    "loss": "Loss",
    "auroc": "AUROC",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
}
FEW = 3  # networks of an arm, up to which the markers of their best epochs are large
THIN: dict[str, Any] = {"lw": 0.8, "alpha": 0.45}


def draw_training(results: Results, folder: Path) -> Drawing | None:
    """Draw loss, AUROC, accuracy, precision and recall by epoch: seeds and rounds thin, their mean thick."""
    if not results.trained:
        return None
    figure = create_figure(5.0)
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
    legend = corner.legend(handles=_build_legend(results), loc="center left", fontsize=9.5, labelspacing=0.9)
    legend.set_in_layout(False)  # it would widen its column
    best = "; ".join(
        f"{run.arm.name} seed {run.seed}: epoch"
        f" {', '.join(str(network.training['best_epoch']) for network in run.networks)}"
        for run in results.runs
    )
    return write_figure(
        figure, folder, "training", f"Training and validation curves by epoch. Best epoch of {best}"
    )


def _draw_arm(axes: Axes, results: Results, arm: Arm, column: str) -> None:
    networks = [network for run in results.select_runs(arm) for network in run.networks]
    histories = [network.history.set_index("epoch") for network in networks]
    for name, dashes in ((column, (0, (4, 2))), (f"val_{column}", "-")):
        curves = pd.DataFrame({position: h[name] for position, h in enumerate(histories) if name in h})
        if curves.empty:
            continue
        if len(networks) > 1:
            axes.plot(curves.index, curves, color=arm.color, ls=dashes, **THIN)
        # The mean ends where the first network stopped: beyond, it would jump as networks leave it.
        mean = curves.dropna().mean(axis=1)
        axes.plot(mean.index, mean, color=arm.color, ls=dashes, lw=1.8)
    size = 7 if len(networks) <= FEW else 4
    for network, history in zip(networks, histories, strict=True):
        epoch = network.training["best_epoch"]
        value = history.loc[epoch, f"val_{column}"]
        axes.plot(epoch, value, arm.marker, color=arm.color, mec="white", mew=0.8, ms=size, zorder=5)


def _build_legend(results: Results) -> list[Line2D]:
    arms = [
        Line2D([], [], color=arm.color, lw=2.4, marker=arm.marker, ms=7, mec="white", label=arm.name)
        for arm in results.arms
    ]
    best = Line2D([], [], ls="", label="marker: best epoch, kept")
    kinds = [
        Line2D([], [], color=QUIET, lw=1.8, label="validation"),
        Line2D([], [], color=QUIET, lw=1.8, ls=(0, (4, 2)), label="training"),
    ]
    one = "one round" if results.rounds else "one seed"
    several = len(results.seeds) > 1 or results.rounds
    thin = [Line2D([], [], color=QUIET, label=one, **THIN)] if several else []
    return [*arms, *kinds, *thin, best]
