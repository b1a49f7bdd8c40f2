"""All results of one dataset -> one page that opens offline, and its figures as PNG.

The page is a function of its inputs, byte for byte: it holds no time, no host, no commit. It names cases by
row number and holds no patient id, file name or folder of an image.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from radpipe.outputs import whole
from radpipe.report import findings, flow, outcomes, setup
from radpipe.report.arms import PART_COLORS
from radpipe.report.examples import show_examples, windows
from radpipe.report.sources import Results, Settings, read_results

__all__ = ["write_report"]


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
    # Drawing costs a second to import: the steps that draw nothing do not pay for it.
    from radpipe.report.figures import draw_figures  # noqa: PLC0415

    results = read_results(folder, settings)
    with whole(output.parent / "figures") as drafts:
        drafts.mkdir()
        page = render(results, draw_figures(results, drafts))
    with whole(output) as draft:
        draft.write_text(page, encoding="utf-8")


def render(results: Results, figures: Mapping[str, Any]) -> str:
    """Fill the page. Every value is escaped; only the style sheet and the templates are markup."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = {**describe_data(results), **describe_training(results), **describe_outcomes(results)}
    return environment.get_template("page.html.j2").render(results=results, figures=figures, **sections)


def describe_data(results: Results) -> dict[str, Any]:
    """Gather what the page says about the data."""
    return {
        "facts": setup.facts(results),
        "phantom": setup.is_phantom(results.settings),
        "files": setup.files_table(results),
        "stages": flow.stages(results),
        "parts": flow.parts(results),
        "part_colors": PART_COLORS,
        "flow": flow.flow_table(results),
        "removed": flow.removed_table(results),
        "checks": flow.checks_table(results),
        "distribution": [findings.distribution_table(results), findings.parts_table(results)],
        "dropped": findings.dropped_table(results),
        "not_asked": findings.not_asked(results),
        "crowding": findings.crowding_table(results),
        "together": findings.together_table(results),
        "examples": show_examples(results),
        "windows": windows(results),
    }


def describe_training(results: Results) -> dict[str, Any]:
    """Gather what the page says about the training."""
    return {
        "parameters": setup.parameters_table(results.settings),
        "runs": setup.runs_table(results),
        "weights": findings.weights_table(results),
    }


def describe_outcomes(results: Results) -> dict[str, Any]:
    """Gather what the page says about the test part."""
    return {
        "headline": outcomes.headline_table(results),
        "classification": [outcomes.classification_table(results, arm) for arm in results.arms],
        "detection": outcomes.detection_table(results),
        "published": outcomes.ELSEWHERE,
        "comparison_tables": outcomes.comparison_tables(results),
        "rule": results.runs[0].metrics["threshold_rule"],
        "undefined": outcomes.undefined(results),
    }
