"""Figures of the labels: how often, how many per image and patient, together with what, weighted how."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from radpipe.report.arms import ARMS, PART_COLORS
from radpipe.report.figures.canvas import INK, LINE, QUIET, Drawing, blank, finish, name_rows
from radpipe.report.results import Results
from radpipe.report.sections import findings, together


def draw_distribution(results: Results, folder: Path) -> Drawing | None:
    """Draw positives per finding, stacked by part, and the prevalence in each part."""
    data = results.data
    if data is None:
        return None
    targets = data.targets
    figure = blank(1.1 + 0.27 * len(targets))
    stacked, shares = figure.subplots(1, 2, sharey=True)
    start = np.zeros(len(targets))
    for part, name in data.part_names.items():
        counts = [findings.of_part(data, part)[target] for target in targets]
        positives = np.array([entry["positives"] for entry in counts])
        color = PART_COLORS.get(part, QUIET)  # folds are many, and none is special
        look = {"color": color, "edgecolor": LINE, "linewidth": 0 if part in PART_COLORS else 1.5}
        stacked.barh(range(len(targets)), positives, left=start, height=0.66, label=name, **look)
        start += positives
        prevalence = [np.nan if e["prevalence"] is None else 100 * e["prevalence"] for e in counts]
        shares.plot(
            prevalence, range(len(targets)), "o", ms=6, color=color, alpha=0.9 if part in PART_COLORS else 0.5
        )
    name_rows(stacked, targets)
    stacked.set(title="Positive images", xlabel="images")
    word = "fold" if "fold" in data.parts else "part"
    shares.set(title=f"Prevalence in each {word}", xlabel="% of the known labels", xlim=(0, None))
    shares.tick_params(axis="y", length=0)
    if word == "part":
        figure.legend(*stacked.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    total = findings.overall(data)
    words = ", ".join(f"{target} {counts['positives']:,}" for target, counts in total.items())
    return finish(
        figure, folder, "findings", f"Bars of positive images per finding: {words}; and prevalence per {word}"
    )


def draw_crowding(results: Results, folder: Path) -> Drawing | None:
    """Draw findings per image, findings per patient, images per patient."""
    data = results.data
    if data is None:
        return None
    figure = blank(2.4)
    tables = findings.crowding(data)
    for axes, (name, values) in zip(figure.subplots(1, 3), tables.items(), strict=True):
        axes.bar(values.index, values, width=0.8, color=QUIET)
        axes.set_title(name)
        axes.grid(visible=False, axis="x")
        axes.locator_params(axis="x", integer=True)
        axes.set_ylabel("images" if name.endswith("image") else "patients")
    words = "; ".join(f"{name}: at most {values.index.max()}" for name, values in tables.items())
    return finish(figure, folder, "per_patient", f"Three histograms. {words}")


def draw_together(results: Results, folder: Path) -> Drawing | None:
    """Draw the co-occurrence: shade = share of the row's images that carry the column's finding."""
    data = results.data
    if data is None or results.many:
        return None
    counts = together.count_pairs(data).to_numpy()
    shares = counts / np.maximum(counts.diagonal()[:, None], 1)
    targets = data.targets
    figure = blank(1.3 + 0.36 * len(targets))
    axes = figure.subplots()
    others = np.where(np.eye(len(targets)), np.nan, shares)
    axes.pcolormesh(*[range(len(targets))] * 2, others, cmap="Blues", vmin=0, vmax=1, edgecolors="white")
    for (i, j), n in np.ndenumerate(counts):
        dark = i != j and shares[i, j] > 0.5
        light = "#ffffff" if dark else INK if i == j else "#10151a"
        axes.text(
            j, i, f"{n:,}", ha="center", va="center", color=light, weight="bold" if i == j else "normal"
        )
    name_rows(axes, targets)
    axes.set_xticks(range(len(targets)), targets, rotation=35, ha="right", rotation_mode="anchor", color=INK)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    words = "Grid of the images that carry two findings; the same numbers stand in the table below"
    return finish(figure, folder, "together", words)


def draw_weights(results: Results, folder: Path) -> Drawing | None:
    """Draw both class weights of each finding on a logarithmic axis."""
    data = results.data
    if data is None:
        return None
    weights = data.summaries["weights"]["targets"]
    targets = tuple(weights)
    figure = blank(0.9 + 0.27 * len(targets))
    axes = figure.subplots()
    for position, entry in enumerate(weights.values()):
        axes.plot([entry["absent"], entry["present"]], [position] * 2, color=LINE, lw=3, zorder=1)
    color = ARMS["wbce"].color
    _dots(axes, [entry["absent"] for entry in weights.values()], color, "none", "finding absent")
    _dots(axes, [entry["present"] for entry in weights.values()], color, color, "finding present")
    axes.axvline(1, color=QUIET, lw=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("weight in the loss, logarithmic; the plain loss weighs everything 1")
    name_rows(axes, targets)
    figure.legend(loc="outside upper right", ncols=2)
    words = ", ".join(f"{target} {entry['present']:.3g}" for target, entry in weights.items())
    return finish(figure, folder, "weights", f"Class weights. Weight of a present finding: {words}")


def _dots(axes: Axes, values: list[float], color: str, face: str, label: str) -> None:
    axes.plot(values, range(len(values)), "o", ms=7, mfc=face, mec=color, mew=1.6, label=label)
