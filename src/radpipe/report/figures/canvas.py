"""The style of all figures, and their output as PNG beside the page and as SVG inside it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from radpipe.report.arms import ARMS
from radpipe.report.tables import build_data_uri

# Ink, quiet ink and hairlines on white; in the SVG they follow the reader's light or dark scheme.
INK = "#1c2127"
QUIET = "#5c6670"
LINE = "#d5dae0"
SCHEMES = {
    "ink": (INK, "#e8eaed"),
    "quiet": (QUIET, "#a7b0ba"),
    "line": (LINE, "#3a424b"),
    **{arm.key: (arm.color, arm.dark) for arm in ARMS.values()},
}
WIDTH = 9.6  # inches; 72 points each
DOTS_PER_INCH = 110
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a label with two dollar signs is no formula
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "path.simplify_threshold": 0.4,
    "svg.fonttype": "none",  # text stays text: small, sharp, searchable
    "svg.hashsalt": "radpipe",  # ids of the SVG depend on nothing else
}


@dataclass(frozen=True)
class Drawing:
    """A figure as the page shows it."""

    name: str
    alt: str
    uri: str


@contextmanager
def apply_style() -> Iterator[None]:
    """Draw in the style of the page, whatever the user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def create_figure(height: float) -> Figure:
    """Create a figure of the page's width [inches], without any global state of pyplot."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def write_figure(figure: Figure, folder: Path, name: str, alt: str) -> Drawing:
    """Write `name`.png and return the figure as SVG, byte for byte the same for the same data."""
    figure.savefig(folder / f"{name}.png", dpi=DOTS_PER_INCH, facecolor="white", metadata={"Software": None})
    figure.set_layout_engine("none")  # the layout is computed; the SVG keeps it
    svg = io.StringIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return Drawing(name, alt, build_data_uri("image/svg+xml", follow_scheme(svg.getvalue()).encode()))


def follow_scheme(svg: str) -> str:
    """Return an SVG whose colors follow the light or dark scheme, and whose text uses the system's font."""
    light = "".join(f"--{name}:{color};" for name, (color, _) in SCHEMES.items())
    dark = "".join(f"--{name}:{color};" for name, (_, color) in SCHEMES.items())
    rules = f"svg{{{light}}}@media screen and (prefers-color-scheme:dark){{svg{{{dark}}}}}"
    for name, (color, _) in SCHEMES.items():
        svg = svg.replace(color, f"var(--{name})")
    svg = svg.replace("'DejaVu Sans', sans-serif", "system-ui, sans-serif")
    return svg.replace('<style type="text/css">', f'<style type="text/css">{rules}', 1)


def label_rows(axes: Axes, names: tuple[str, ...]) -> None:
    """Label the vertical axis with names, the first on top, with grid lines only from the values."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(visible=False, axis="y")
