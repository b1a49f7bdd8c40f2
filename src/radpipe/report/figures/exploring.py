"""Figures of operating points, calibration and subgroups."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from radpipe.report.arms import Arm
from radpipe.report.figures.canvas import LINE, QUIET, Drawing, create_figure, label_rows, write_figure
from radpipe.report.results import Results
from radpipe.report.sections.operating import FLAGGED, RATES, find_main_choice, read_rate
from radpipe.report.sections.subgroups import METRICS, read_value

Point = tuple[float | None, list[float] | None]  # a value and its interval
PANELS = 4  # side by side
APART = 0.18  # of a row: how far each arm lies from its middle
STYLES = {"trained": "-", "undone": "--"}  # Platt's line would hide the others


def draw_operating(results: Results, folder: Path) -> Drawing | None:
    """Draw recall, specificity and flags of each finding at the chosen thresholds, with intervals."""
    main = find_main_choice(results.comparison["operating_points"])
    if not main["macro"]:
        return None
    names = (*results.targets, "macro")
    entries = {**main["findings"], "macro": main["macro"]}
    figure = create_figure(0.9 + 0.36 * len(names))
    panels = figure.subplots(1, 3, sharey=True)
    for axes, rate in zip(panels, ("recall", "specificity", FLAGGED), strict=True):
        _draw_rows(axes, results, [_read_row(results, entries[name], rate) for name in names])
        axes.axhline(len(results.targets) - 0.5, color=LINE, lw=0.8)
        axes.set_title(RATES[rate][0])
        if rate != FLAGGED:
            axes.set_xlim(-0.02, 1.02)
        else:
            axes.set_xlim(left=0)
    label_rows(panels[0], names)
    _draw_legend(panels[0], results.arms)
    words = "; ".join(
        f"{arm.name} recall {main['macro']['recall'][arm.key]:.3f}, specificity"
        f" {main['macro']['specificity'][arm.key]:.3f}"
        for arm in results.arms
    )
    return write_figure(figure, folder, "operating", f"Dots with intervals per finding. Macro: {words}")


def draw_calibration(results: Results, folder: Path) -> Drawing:
    """Draw the reliability of each finding in a panel: all arms, as predicted and with weights undone."""
    found = results.comparison["calibration"]
    names = results.targets
    lines = -(-len(names) // PANELS)
    figure = create_figure(0.6 + 2.5 * lines)
    panels = figure.subplots(lines, PANELS, squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for axes, name in zip(panels, names, strict=False):
        _draw_reliability(axes, results, name)
    for axes in panels[: len(names) : PANELS]:
        axes.set_ylabel("observed share")
    for axes in panels[max(0, len(names) - PANELS) : len(names)]:
        axes.set_xlabel("mean probability")
    _draw_legend(panels[0], results.arms)
    words = "; ".join(
        f"{arm.name} {found['variants'][variant]} {entry['macro']['ece']['value']:.3f}"
        for arm in results.arms
        for variant, entry in found["arms"][arm.key].items()
        if entry["macro"]["ece"]["value"] is not None
    )
    alt = f"Reliability curves, one panel per finding. Mean calibration error: {words}"
    return write_figure(figure, folder, "calibration", alt)


def draw_subgroups(results: Results, folder: Path) -> Drawing | None:
    """Draw the difference of each group to the rest, mean over the findings, as a forest plot."""
    found = results.comparison["subgroups"]
    groups = {
        f"{column}: {name}": group["macro"]
        for column, entry in (found or {"columns": {}})["columns"].items()
        for name, group in entry["groups"].items()
    }
    if not any(macro["to_rest_over"] for macro in groups.values()):
        return None
    figure = create_figure(0.9 + 0.36 * len(groups))
    panels = figure.subplots(1, len(METRICS), sharey=True)
    for axes, (metric, title) in zip(panels, METRICS.items(), strict=True):
        axes.axvline(0, color=QUIET, lw=1)
        gaps = [macro[metric]["to_rest"] for macro in groups.values()]
        _draw_rows(axes, results, [[read_value(gap, arm.key) for arm in results.arms] for gap in gaps])
        axes.set_title(title)
        reach = max(0.05, *(abs(limit) for limit in axes.get_xlim()))
        axes.set_xlim(-reach, reach)
        axes.locator_params(axis="x", nbins=5, prune="both")
    label_rows(panels[0], tuple(groups))
    _draw_legend(panels[0], results.arms)
    figure.supxlabel("group minus rest", color=QUIET, fontsize=8.5)
    alt = f"Dots with intervals: difference of {len(groups)} groups to the rest, mean over findings"
    return write_figure(figure, folder, "subgroups", alt)


def _read_row(results: Results, entries: Mapping[str, Any], rate: str) -> list[Point]:
    return [read_rate(entries, rate, arm.key) for arm in results.arms]


def _draw_rows(axes: Axes, results: Results, rows: Sequence[Sequence[Point]]) -> None:
    """Draw one row of points with intervals for each finding or group, the arms beside each other."""
    for row, points in enumerate(rows):
        for place, (arm, (point, ends)) in enumerate(zip(results.arms, points, strict=True)):
            at = row + (2 * place - 1) * APART if results.compared else row
            if ends:
                axes.plot(ends, (at, at), color=arm.color, lw=1.4, solid_capstyle="butt")
            if point is not None:
                axes.plot(point, at, arm.marker, color=arm.color, mec="white", mew=0.6, ms=5.5)
    axes.tick_params(axis="y", length=0)


def _draw_reliability(axes: Axes, results: Results, name: str) -> None:
    axes.set_title(name)
    reach = 0.05
    for arm in reversed(results.arms):
        variants = results.comparison["calibration"]["arms"][arm.key]
        curves = {variant: variants[variant]["curves"][name] for variant in STYLES if variant in variants}
        for variant, curve in curves.items():
            if curve and (variant == "trained" or curve != curves["trained"]):
                x = curve["predicted"]
                y = curve["observed"]
                face = arm.color if variant == "trained" else "white"
                style: dict[str, Any] = {"marker": arm.marker, "ms": 4, "mfc": face, "mec": arm.color}
                axes.plot(x, y, STYLES[variant], color=arm.color, lw=1.2, mew=0.8, **style)
                reach = max(reach, *x, *y)
    axes.plot((0, 1), (0, 1), color=QUIET, lw=0.8, ls=":")
    axes.set(xlim=(-0.03 * reach, 1.03 * reach), ylim=(-0.03 * reach, 1.03 * reach))
    axes.locator_params(nbins=4)


def _draw_legend(axes: Axes, arms: Sequence[Arm]) -> None:
    """Draw the legend of the arms above the panels."""
    handles = [
        axes.plot([], [], arm.marker, color=arm.color, mec="white", mew=0.6, ms=5.5, label=arm.name)[0]
        for arm in arms
    ]
    axes.figure.legend(handles=handles, loc="outside upper right", ncols=len(arms))
