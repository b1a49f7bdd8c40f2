"""Figures of the labels: frequency, counts per image and patient, co-occurrence, class weights."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from radpipe.report.arms import ARMS, SPLIT_COLORS
from radpipe.report.data import Data
from radpipe.report.figures.canvas import INK, LINE, QUIET, Drawing, create_figure, label_rows, write_figure
from radpipe.report.results import Results
from radpipe.report.sections import findings


def draw_distribution(results: Results, folder: Path) -> Drawing | None:
    """Draw positives per finding, stacked by set, and the prevalence in each set."""
    data = results.data
    if data is None:
        return None
    figure = create_figure(1.1 + 0.27 * len(data.targets))
    stacked, shares = figure.subplots(1, 2, sharey=True)
    _stack_positives(stacked, data)
    _draw_prevalence(shares, data)
    label_rows(stacked, data.targets)
    stacked.set(title="Positive images", xlabel="images")
    word = "fold" if data.cross_validated else "part"
    shares.set(title=f"Prevalence in each {word}", xlabel="% of the known labels", xlim=(0, None))
    shares.tick_params(axis="y", length=0)
    if not data.cross_validated:
        figure.legend(*stacked.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    total = findings.count_findings(data)
    words = ", ".join(f"{target} {counts['positives']:,}" for target, counts in total.items())
    alt = f"Bars of positive images per finding: {words}; and prevalence per {word}"
    return write_figure(figure, folder, "findings", alt)


def draw_per_patient(results: Results, folder: Path) -> Drawing | None:
    """Draw findings per image, findings per patient, images per patient."""
    data = results.data
    if data is None:
        return None
    figure = create_figure(2.4)
    tables = findings.count_per_patient(data)
    for axes, (name, values) in zip(figure.subplots(1, 3), tables.items(), strict=True):
        axes.bar(values.index, values, width=0.8, color=QUIET)
        axes.set_title(name)
        axes.grid(visible=False, axis="x")
        axes.locator_params(axis="x", integer=True)
        axes.set_ylabel("images" if name.endswith("image") else "patients")
    words = "; ".join(f"{name}: at most {values.index.max()}" for name, values in tables.items())
    return write_figure(figure, folder, "per_patient", f"Three histograms. {words}")


def draw_cooccurrence(results: Results, folder: Path) -> Drawing | None:
    """Draw the co-occurrence; the shade is the share of the row's images with the column's finding."""
    data = results.data
    if data is None or results.many:
        return None
    counts = findings.count_pairs(data).to_numpy()
    shares = counts / np.maximum(counts.diagonal()[:, None], 1)
    targets = data.targets
    figure = create_figure(1.3 + 0.36 * len(targets))
    axes = figure.subplots()
    others = np.where(np.eye(len(targets)), np.nan, shares)
    places = range(len(targets))
    axes.pcolormesh(places, places, others, cmap="Blues", vmin=0, vmax=1, edgecolors="white")
    for (i, j), n in np.ndenumerate(counts):
        dark = i != j and shares[i, j] > 0.5
        light = "#ffffff" if dark else INK if i == j else "#10151a"
        axes.text(
            j, i, f"{n:,}", ha="center", va="center", color=light, weight="bold" if i == j else "normal"
        )
    label_rows(axes, targets)
    axes.set_xticks(range(len(targets)), targets, rotation=35, ha="right", rotation_mode="anchor", color=INK)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    words = "Grid of the images that carry two findings; the same numbers stand in the table below"
    return write_figure(figure, folder, "together", words)


def draw_weights(results: Results, folder: Path) -> Drawing | None:
    """Draw both class weights of each finding on a logarithmic axis."""
    data = results.data
    if data is None:
        return None
    weights = data.summaries["weights"]["targets"]
    targets = tuple(weights)
    figure = create_figure(0.9 + 0.27 * len(targets))
    axes = figure.subplots()
    for position, entry in enumerate(weights.values()):
        axes.plot([entry["absent"], entry["present"]], [position, position], color=LINE, lw=3, zorder=1)
    color = ARMS["wbce"].color
    _draw_dots(axes, [entry["absent"] for entry in weights.values()], color, "none", "finding absent")
    _draw_dots(axes, [entry["present"] for entry in weights.values()], color, color, "finding present")
    axes.axvline(1, color=QUIET, lw=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("weight in the loss, logarithmic; the plain loss weighs everything 1")
    label_rows(axes, targets)
    figure.legend(loc="outside upper right", ncols=2)
    words = ", ".join(f"{target} {entry['present']:.3g}" for target, entry in weights.items())
    return write_figure(figure, folder, "weights", f"Class weights. Weight of a present finding: {words}")


def _stack_positives(axes: Axes, data: Data) -> None:
    start = np.zeros(len(data.targets))
    for split, name in data.split_names.items():
        counts = findings.find_split_counts(data, split)
        positives = np.array([counts[target]["positives"] for target in data.targets])
        color = SPLIT_COLORS.get(split, QUIET)  # folds are many, and none is special
        width = 0 if split in SPLIT_COLORS else 1.5
        style: dict[str, Any] = {"color": color, "edgecolor": LINE, "linewidth": width}
        axes.barh(range(len(data.targets)), positives, left=start, height=0.66, label=name, **style)
        start += positives


def _draw_prevalence(axes: Axes, data: Data) -> None:
    for split in data.split_names:
        counts = findings.find_split_counts(data, split)
        shares = [counts[target]["prevalence"] for target in data.targets]
        percentages = [np.nan if share is None else 100 * share for share in shares]
        color = SPLIT_COLORS.get(split, QUIET)
        alpha = 0.9 if split in SPLIT_COLORS else 0.5
        axes.plot(percentages, range(len(data.targets)), "o", ms=6, color=color, alpha=alpha)


def _draw_dots(axes: Axes, values: list[float], color: str, face: str, label: str) -> None:
    axes.plot(values, range(len(values)), "o", ms=7, mfc=face, mec=color, mew=1.6, label=label)
