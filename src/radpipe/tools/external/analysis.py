"""External predictions -> the same numbers and the same page as after a training.

The verbs evaluate-predictions and compare-predictions call this.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.parameters import read
from radpipe.config.runs import RunName
from radpipe.errors import ConfigError
from radpipe.evaluation import single_run
from radpipe.evaluation.comparison import result
from radpipe.evaluation.comparison.headline_metrics import select_headline_metrics
from radpipe.outputs.receipts import is_comparison, is_evaluation, refuse_foreign_files
from radpipe.outputs.writing import write_files, write_json, write_table
from radpipe.report.arms import build_model_arm
from radpipe.report.page import format_unused, refuse_foreign_page, write_page
from radpipe.report.results import Results, RunResults
from radpipe.tools.external.labels import LabelOptions
from radpipe.tools.external.reading import Given, read_given

__all__ = ["Analysis", "Models", "choose_analysis", "compare", "evaluate"]

PAGE = "report.html"
SEED = 0  # a model is one run; its training variance is not known


class Analysis(NamedTuple):
    """Which numbers are computed: those of each model, and those of their comparison."""

    spec: EvaluateSpec
    plan: CompareSpec


class Models(NamedTuple):
    """Files of predictions, the reference first, their labels, and what the user says of both."""

    predictions: Sequence[Path]
    labels: Path | None
    options: LabelOptions
    names: Sequence[str] | None = None


def choose_analysis(spec: EvaluateSpec | None, plan: CompareSpec | None, params: Path) -> Analysis:
    """Return what is given, and the rest from the first data set that params.yaml runs.

    Raises
    ------
    ConfigError
        If params.yaml is needed and absent.
    """
    if spec is not None and plan is not None:
        return Analysis(spec, plan)
    parameters = read(params)
    dataset = parameters.datasets[parameters.run[0]]
    return Analysis(spec or dataset.evaluate, plan or dataset.compare)


def evaluate(models: Models, output: Path, analysis: Analysis) -> None:
    """Write metrics.json, curves.parquet and the page of one model."""
    refuse_foreign_files(output, ("metrics.json", "curves.parquet"), "metrics.json", is_evaluation)
    refuse_foreign_page(output / PAGE)
    given = read_given(models.predictions, models.labels, models.options)
    results = analyse(given, analysis)
    tell_unused(results.settings)
    (run,) = results.runs
    with write_files(output, ("metrics.json", "curves.parquet")):
        write_table(output / "curves.parquet", run.curves)
        write_json(output / "metrics.json", {"format": 1, "loss": None, "seed": None, **run.metrics})
    write_page(results, output / PAGE)
    print(f"written to {output}: {PAGE}, and the numbers beside it")


def compare(models: Models, output: Path, analysis: Analysis) -> None:
    """Write compare.json, metrics.json, evaluations.json, curves.parquet and the page of two models."""
    first, second = models.predictions
    if first.exists() and second.exists() and first.samefile(second):
        raise ConfigError(f"{first}: given twice, expected the files of two models")
    names = ("compare.json", "metrics.json", "evaluations.json", "curves.parquet")
    refuse_foreign_files(output, names, "compare.json", is_comparison)
    refuse_foreign_page(output / PAGE)
    given = read_given(models.predictions, models.labels, models.options, models.names)
    results = analyse(given, analysis)
    tell_unused(results.settings)
    curves = [run.curves.assign(model=run.arm.name) for run in results.runs]
    with write_files(output, names):
        write_json(output / "metrics.json", select_headline_metrics(results.comparison))
        write_json(output / "evaluations.json", {run.arm.name: run.metrics for run in results.runs})
        write_table(output / "curves.parquet", pd.concat(curves, ignore_index=True))
        write_json(output / "compare.json", results.comparison)
    write_page(results, output / PAGE)
    print(f"written to {output}: {PAGE}, and the numbers beside it")


def tell_unused(settings: Mapping[str, Any]) -> None:
    """Print the metadata without a role."""
    line = format_unused(settings)
    if line is not None:
        print(line, file=sys.stderr)


def analyse(given: Given, analysis: Analysis) -> Results:
    """Compute all that the page shows, without writing it."""
    spec, plan = analysis
    runs = {RunName(name, SEED): predictions for name, predictions in given.models.items()}
    found = result.compare(runs, spec, plan, result.Origin(images=given.metadata))
    return Results(
        settings=describe_settings(given, analysis),
        runs=tuple(
            RunResults(
                arm=build_model_arm(name, position),
                seed=SEED,
                metrics=single_run.evaluate(given.models[name], spec),
                curves=single_run.trace_curves(given.models[name]),
                training={},
                history=pd.DataFrame(),
            )
            for position, name in enumerate(found["arms"])
        ),
        comparison=found,
        data=None,
        notices=given.notices,
    )


def describe_settings(given: Given, analysis: Analysis) -> Mapping[str, Any]:
    """Return the settings that the page shows, in the form of a dataset's section of params.yaml."""
    return {
        "metadata": [str(column) for column in given.metadata if column != "patient_id"],
        "evaluate": analysis.spec.model_dump(mode="json"),
        "compare": analysis.plan.model_dump(mode="json"),
        "report": {"title": " against ".join(reversed(given.models))},
    }
