"""Figures of the test set: curves of both arms, and the differences between them."""

import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from radpipe.config.metrics import select_metrics
from radpipe.report.arms import Arm
from radpipe.report.figures.canvas import INK, LINE, QUIET, Drawing, create_figure, label_rows, write_figure
from radpipe.report.results import Results, RunResults
from radpipe.report.sections.values import compute_mean

PANELS = 4  # side by side
TITLE_WIDTH = 20  # characters


class Kind(NamedTuple):
    """A kind of curve: its name, the metric above it and what that is called, its axes."""

    key: str
    name: str
    metric: str
    metric_name: str
    labels: tuple[str, str]


ROC = Kind("roc", "ROC", "auroc", "AUROC", ("false-positive rate", "recall"))
PR = Kind("pr", "Precision-recall", "average_precision", "average precision", ("recall", "precision"))


def draw_curves(results: Results, folder: Path, kind: Kind) -> Drawing:
    """Draw one panel per finding and one of all findings pooled, both arms in each."""
    names = (*results.targets, "pooled")
    lines = -(-len(names) // PANELS)
    figure = create_figure(0.4 + 2.5 * lines)
    panels = figure.subplots(lines, PANELS, sharex=True, sharey=True, squeeze=False)
    for axes in panels.ravel()[len(names) :]:
        axes.set_axis_off()
    for axes, name in zip(panels.ravel(), names, strict=False):
        _draw_panel(axes, results, name, kind)
    for axes in panels[:, 0]:
        axes.set_ylabel(kind.labels[1])
    for axes in panels.ravel()[max(0, len(names) - PANELS) : len(names)]:
        axes.set_xlabel(kind.labels[0])
        axes.tick_params(labelbottom=True)
    words = "; ".join(f"{arm.name} {_format_pooled(results, arm, kind)}" for arm in results.arms)
    alt = f"{kind.name} curves of the test part, one panel per finding. Pooled {kind.metric_name}: {words}"
    return write_figure(figure, folder, kind.key, alt)


def draw_differences(results: Results, folder: Path) -> Drawing | None:
    """Draw the differences finding by finding: a dot and its interval; small dots are the seeds."""
    if not results.compared:
        return None
    names = (*results.targets, "macro", "pooled")
    data = {**results.comparison["findings"], **{name: results.comparison[name] for name in names[-2:]}}
    shown = {key: metric for key, metric in select_metrics("differences").items() if key in data["pooled"]}
    figure = create_figure(1.1 + 0.27 * len(names))
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for axes, metric in zip(panels, shown.values(), strict=True):
        if metric.key == results.comparison["endpoint"]["metric"]:
            margin = results.comparison["endpoint"]["margin"]
            axes.axvspan(-margin, margin, color=LINE, alpha=0.6, lw=0)
        axes.axvline(0, color=QUIET, lw=1)
        axes.axhline(len(results.targets) - 0.5, color=LINE, lw=0.8)
        for position, name in enumerate(names):
            _draw_difference(
                axes, data[name].get(metric.key) or {}, position, average=position >= len(results.targets)
            )
        axes.set_title(textwrap.fill(metric.title, TITLE_WIDTH, break_on_hyphens=False))
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(*_compute_symmetric_limits(axes))
        axes.locator_params(axis="x", nbins=4, prune="both")
    label_rows(panels[0], names)
    figure.supxlabel(results.contrast, color=QUIET, fontsize=8.5)
    words = ", ".join(f"{each.title} {_format_signed(data['macro'].get(key))}" for key, each in shown.items())
    alt = f"Dots of {results.contrast} per finding, with intervals. Macro: {words}"
    return write_figure(figure, folder, "differences", alt)


def _draw_panel(axes: Axes, results: Results, name: str, kind: Kind) -> None:
    axes.set_title(name, pad=17)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter("{x:g}")
    prevalence = _compute_prevalence(results.runs[0], name)
    chance = (0, 1) if kind is ROC else (prevalence, prevalence)
    axes.plot((0, 1), chance, color=QUIET, lw=0.8, ls=":")
    for line, arm in enumerate(reversed(results.arms)):
        runs = results.select_runs(arm)
        # The lower curve is the wider one, so that it is visible where both are equal.
        width = (2.2 if line + 1 < len(results.arms) else 1.2) / (1 if len(runs) == 1 else 2)
        for run in runs:
            _draw_curve(axes, run, name, kind, width)
        value = compute_mean(runs, *_find_path(name), kind.metric)
        words = "undefined" if value is None else f"{value:.3f}"
        place: dict[str, Any] = {"transform": axes.transAxes, "va": "bottom"}
        axes.text(0 if arm is results.arms[0] else 0.5, 1.03, f"{arm.name} {words}", color=arm.color, **place)


def _draw_curve(axes: Axes, run: RunResults, name: str, kind: Kind, width: float) -> None:
    table = run.curves
    points = table[(table["finding"] == name) & (table["curve"] == kind.key)]
    if points.empty:
        return
    axes.plot(points["x"], points["y"], color=run.arm.color, lw=width)
    half = _find_entry(run, name)["at_half"]
    size = 6.5 if width > 1 else 4
    if None not in (half["recall"], half["precision" if kind is PR else "specificity"]):
        x, y = (
            (half["recall"], half["precision"]) if kind is PR else (1 - half["specificity"], half["recall"])
        )
        axes.plot(x, y, run.arm.marker, color=run.arm.color, mec="white", mew=0.6, ms=size, zorder=5)


def _draw_difference(axes: Axes, entry: dict[str, Any], position: int, *, average: bool) -> None:
    seeds = [value for value in entry.get("per_seed", []) if value is not None]
    if len(seeds) > 1:
        axes.plot(seeds, [position] * len(seeds), "o", ms=3, color=QUIET, mew=0, alpha=0.8)
    ends = entry.get("interval", {}).get("difference")
    if ends is not None:
        axes.plot(ends, [position, position], color=INK, lw=1.4, solid_capstyle="butt", zorder=4)
    if entry.get("difference") is not None:
        marker = "D" if average else "o"
        axes.plot(entry["difference"], position, marker, ms=6.5, color=INK, zorder=5)


def _compute_symmetric_limits(axes: Axes) -> tuple[float, float]:
    """Return limits of an axis that are symmetric about 0."""
    reach = max(0.05, *(abs(limit) for limit in axes.get_xlim()))
    return -reach, reach


def _find_path(name: str) -> tuple[str, ...]:
    return ("pooled",) if name == "pooled" else ("findings", name)


def _find_entry(run: RunResults, name: str) -> dict[str, Any]:
    entry: dict[str, Any] = run.metrics["pooled"] if name == "pooled" else run.metrics["findings"][name]
    return entry


def _compute_prevalence(run: RunResults, name: str) -> float:
    findings = run.metrics["findings"]
    supports = [entry["support"] for key, entry in findings.items() if name in (key, "pooled")]
    positives = sum(int(support["positives"]) for support in supports)
    return positives / max(1, positives + sum(int(support["negatives"]) for support in supports))


def _format_pooled(results: Results, arm: Arm, kind: Kind) -> str:
    value = compute_mean(results.select_runs(arm), "pooled", kind.metric)
    return "undefined" if value is None else f"{value:.3f}"


def _format_signed(entry: dict[str, Any] | None) -> str:
    value = (entry or {}).get("difference")
    ends = (entry or {}).get("interval", {}).get("difference")
    if value is None:
        return "undefined"
    within = f" ({ends[0]:+.3f} to {ends[1]:+.3f})" if ends else ""
    return f"{np.round(value, 3):+.3f}{within}"
