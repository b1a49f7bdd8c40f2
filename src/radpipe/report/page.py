"""All results of one dataset -> one page that opens offline, and its figures as PNG.

The page is a function of its inputs, byte for byte: it contains no time, no host, no commit. It names cases
by row number and contains no patient id, file name or folder of an image.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from radpipe.config.columns import find_unused
from radpipe.outputs.receipts import refuse_foreign_file, refuse_foreign_folder
from radpipe.outputs.writing import write_whole
from radpipe.report.arms import SPLIT_COLORS
from radpipe.report.cards import layout
from radpipe.report.results import Results, Settings
from radpipe.report.sections import (
    audit,
    calibration,
    cases,
    classification,
    examples,
    findings,
    flow,
    grid,
    operating,
    outcomes,
    setup,
    subgroups,
    weights,
)
from radpipe.report.sources import read_results

FIGURES = "figures"
# Of versions without receipts: a folder of figures has most of these.
NAMES = frozenset(
    f"{name}.png"
    for name in (
        "weights", "training", "roc", "pr", "per_patient", "operating", "findings", "differences",
        "calibration", "together", "subgroups", "grid",
    )
)  # fmt: skip
FEWEST = 5
MADE_BY = (b'<meta name="generator" content="radpipe">', b'<p class="kind">radpipe report')


class Section(NamedTuple):
    """A section of the page.

    Attributes
    ----------
    anchor
        Its address, and the name of its template: section_<anchor>.html.j2.
    title
        Its heading, unless `describe` returns a `title` of its own.
    describe
        `describe_<anchor>`: returns what its template is given beside `results` and `figures`; None leaves
        the section out.
    """

    anchor: str
    title: str
    describe: Callable[[Results], dict[str, Any] | None]


SECTIONS = (
    Section("run", "What was run", setup.describe_run),
    Section("flow", "Flow of the data", flow.describe_flow),
    Section("audit", "Leakage audit", audit.describe_audit),
    Section("findings", "Findings", findings.describe_findings),
    Section("examples", "Example images", examples.describe_examples),
    Section("weights", "Class weights", weights.describe_weights),
    Section("training", "Training", setup.describe_training),
    Section("curves", "Curves", outcomes.describe_curves),
    Section("classification", "Classification", classification.describe_classification),
    Section("detection", "Detection rates", classification.describe_detection),
    Section("grid", "Results by cell", grid.describe_grid),
    Section("comparison", "Numbers per finding", outcomes.describe_comparison),
    Section("operating", "Operating points", operating.describe_operating),
    Section("calibration", "Calibration", calibration.describe_calibration),
    Section("subgroups", "Subgroups", subgroups.describe_subgroups),
    Section("cases", "Look at the cases", cases.describe_cases),
    Section("reading", "How to read this", setup.describe_reading),
    Section("cards", "Cards and checklists", layout.describe_cards),
)


def write_report(folder: Path, settings: Settings, output: Path) -> None:
    """Write the page to `output`, and its figures into `figures/` beside it.

    Parameters
    ----------
    folder
        results/{dataset}, with the outputs of all earlier steps.
    settings
        The dataset's section of params.yaml as plain values, and beside its keys `dataset` (its name),
        `losses` and `seeds`.
    output
        report.html.

    Raises
    ------
    DataError
        If the output of an earlier step is absent.
    """
    write_page(read_results(folder, settings), output)


def format_unused(settings: Settings) -> str | None:
    """Return in one line the metadata without a role, for the log; None if there is none."""
    unused = find_unused(settings)
    return f"metadata without a role in this run: {', '.join(unused)}" if unused else None


def refuse_foreign_page(output: Path) -> None:
    """Raise DataError if a page, or figures, would be replaced that radpipe did not write."""
    refuse_foreign_file(output, is_page)
    figures = output.parent / FIGURES
    refuse_foreign_folder(figures, partial(is_figure, figures))


def is_page(path: Path) -> bool:
    """Return whether a file is a page of any version: all of them say who made them, in one of two places."""
    content = path.read_bytes()
    return content.startswith(b"<!doctype html>") and any(mark in content for mark in MADE_BY)


def is_figure(folder: Path, name: str) -> bool:
    """Return whether a file is a figure of an older version, which has several."""
    return name in NAMES and sum((folder / each).is_file() for each in NAMES) >= FEWEST


def write_page(results: Results, output: Path) -> None:
    """Write the page of results that were read before."""
    # matplotlib takes a second to import: the steps that draw nothing do not need it.
    from radpipe.report.figures.drawers import draw_figures  # noqa: PLC0415

    refuse_foreign_page(output)
    figures = output.parent / FIGURES
    with write_whole(figures, partial(is_figure, figures)) as drafts:
        drafts.mkdir()
        page = render_page(results, draw_figures(results, drafts))
    with write_whole(output) as draft:
        draft.write_text(page, encoding="utf-8")


def render_page(results: Results, figures: Mapping[str, Any]) -> str:
    """Return the page. Every value is escaped; only the style sheet and the templates are markup."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def fill(template: str, content: Mapping[str, Any]) -> str:
        return environment.get_template(template).render(results=results, figures=figures, **content)

    described = [(section, section.describe(results)) for section in SECTIONS]
    sections = [
        (
            section.anchor,
            content.get("title", section.title),
            fill(f"section_{section.anchor}.html.j2", content),
        )
        for section, content in described
        if content is not None
    ]
    page = {
        "sections": sections,
        "summary": fill("summary.html.j2", outcomes.describe_summary(results)),
        "phantom": setup.is_phantom(results.settings),
        "split_colors": SPLIT_COLORS,
    }
    return fill("page.html.j2", page)
