"""All results of one dataset -> one page that opens offline, and its figures as PNG.

The page is a function of its inputs, byte for byte: it holds no time, no host, no commit. It names cases by
row number and holds no patient id, file name or folder of an image.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from radpipe.outputs import whole
from radpipe.report.arms import PART_COLORS
from radpipe.report.cards import gathering
from radpipe.report.results import Results, Settings
from radpipe.report.sections import (
    audit,
    calibration,
    cases,
    classification,
    detection,
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

__all__ = ["SECTIONS", "Section", "render", "write_report"]


class Section(NamedTuple):
    """A section of the page.

    Attributes
    ----------
    anchor
        Its address, and the name of its template: section_<anchor>.html.j2.
    title
        Its heading, unless `describe` returns a `title` of its own.
    describe
        Returns what its template is given beside `results` and `figures`; None leaves the section out.
    """

    anchor: str
    title: str
    describe: Callable[[Results], dict[str, Any] | None]


SECTIONS = (
    Section("run", "What was run", setup.describe),
    Section("flow", "Flow of the data", flow.describe),
    Section("audit", "Leakage audit", audit.describe),
    Section("findings", "Findings", findings.describe),
    Section("examples", "Example images", examples.describe),
    Section("weights", "Class weights", weights.describe),
    Section("training", "Training", setup.describe_training),
    Section("curves", "Curves", outcomes.describe_curves),
    Section("classification", "Classification", classification.describe),
    Section("detection", "Detection rates", detection.describe),
    Section("grid", "Results by cell", grid.describe),
    Section("comparison", "Numbers per finding", outcomes.describe_comparison),
    Section("operating", "Operating points", operating.describe),
    Section("calibration", "Calibration", calibration.describe),
    Section("subgroups", "Subgroups", subgroups.describe),
    Section("cases", "Look at the cases", cases.describe),
    Section("reading", "How to read this", setup.describe_reading),
    Section("cards", "Cards and checklists", gathering.describe),
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


def write_page(results: Results, output: Path) -> None:
    """Write the page of results that are read already."""
    # Drawing costs a second to import: the steps that draw nothing do not pay for it.
    from radpipe.report.figures.drawers import draw_figures  # noqa: PLC0415

    with whole(output.parent / "figures") as drafts:
        drafts.mkdir()
        page = render(results, draw_figures(results, drafts))
    with whole(output) as draft:
        draft.write_text(page, encoding="utf-8")


def render(results: Results, figures: Mapping[str, Any]) -> str:
    """Fill the page. Every value is escaped; only the style sheet and the templates are markup."""
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
        "part_colors": PART_COLORS,
    }
    return fill("page.html.j2", page)
