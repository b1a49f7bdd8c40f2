"""From predictions to the report: evaluate, compare, explain, report."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpipe.config.data import ImageSpec
from radpipe.config.evaluation import CompareSpec, EvaluateSpec, ExplainSpec
from radpipe.config.parameters import Loss
from radpipe.config.runs import RunName, format_run_name, parse_run_name
from radpipe.evaluation import single_run
from radpipe.evaluation.comparison import result
from radpipe.evaluation.comparison.headline_metrics import select_headline_metrics
from radpipe.explanation import pointing
from radpipe.explanation.cases import NetworkMaps
from radpipe.explanation.cases import build_cases as explain_cases
from radpipe.outputs.receipts import (
    has_keys,
    is_comparison,
    is_evaluation,
    read_object,
    refuse_foreign_file,
    refuse_foreign_files,
)
from radpipe.outputs.writing import read_json, read_parquet, write_files, write_json, write_table, write_whole
from radpipe.predictions import ROUND, Predictions, read_predictions
from radpipe.report.page import format_unused, write_report
from radpipe.tracking import recording
from radpipe.training.backend import refuse_unknown_backend

is_explanation = has_keys("format", "seed", "cases", "arms", "findings")


def evaluate(*, predictions: Path, spec: EvaluateSpec, output: Path, track: str | None = None) -> None:
    """Compute metrics and curves of one run.

    Parameters
    ----------
    predictions
        predictions.parquet of a run; the name of its folder says which.
    spec
        The section `evaluate`.
    output
        Folder for metrics.json and curves.parquet, named as that of the run.
    track
        Data set under whose name MLflow gets the run; by default nothing is tracked.
    """
    refuse_foreign_files(output, ("metrics.json", "curves.parquet"), "metrics.json", is_evaluation)
    given = read_predictions(predictions)
    loss, seed = parse_run_name(output.name)
    metrics = single_run.evaluate(given, spec)
    with write_files(output, ("metrics.json", "curves.parquet")):
        write_table(output / "curves.parquet", single_run.trace_curves(given))
        write_json(output / "metrics.json", {"format": 1, "loss": loss, "seed": seed, **metrics})
    if track is not None:
        recording.record_run(predictions.parent, output, track)


def compare(
    *,
    predictions: list[Path],
    spec: EvaluateSpec,
    plan: CompareSpec,
    output: Path,
    metrics: Path,
    weights: Path | None = None,
    images: Path | None = None,
) -> None:
    """Compare the arms over all seeds.

    Parameters
    ----------
    predictions
        predictions.parquet of each run; the names of their folders say which.
    spec
        The section `evaluate`.
    plan
        The section `compare`.
    output
        compare.json.
    metrics
        metrics.json, the headline metrics.
    weights
        weights.json of the data set, to undo what class weights do to probabilities.
    images
        index/images.parquet, by whose columns subgroups are formed.
    """
    refuse_foreign_file(output, is_comparison)
    refuse_foreign_file(metrics, is_headline)
    runs = {parse_run_name(path.parent.name): read_predictions(path) for path in predictions}
    found = result.compare(runs, spec, plan, read_origin(predictions, weights, images))
    write_json(output, found)
    write_json(metrics, select_headline_metrics(found))


def is_headline(path: Path) -> bool:
    """Return whether a file holds headline metrics of a comparison."""
    found = read_object(path)
    return bool(found) and all(key.startswith("all/") for key in found)


def read_origin(predictions: list[Path], weights: Path | None, images: Path | None) -> result.Origin:
    """Read what is known of the runs besides their predictions."""
    return result.Origin(
        None if weights is None else read_json(weights),
        {} if weights is None else read_trainings(predictions),
        None if images is None else read_parquet(images),
    )


def read_trainings(predictions: list[Path]) -> dict[RunName, dict[str, Any]]:
    """Read the training.json beside the predictions of each run."""
    return {
        parse_run_name(path.parent.name): read_json(path.with_name("training.json")) for path in predictions
    }


def explain(
    *,
    runs: Path,
    losses: list[Loss],
    seed: int,
    pack: Path,
    index: Path,
    image: ImageSpec,
    spec: ExplainSpec,
    output: Path,
) -> None:
    """Choose the test cases worth a look, and draw where in them the networks of one seed looked.

    Parameters
    ----------
    runs
        Folder of all runs of the data set.
    losses
        Arms, the reference first.
    seed
        Of the networks.
    pack
        Folder that the step `pack` wrote.
    index
        Folder that the step `index` wrote.
    image
        The section `image`.
    spec
        The section `explain`.
    output
        Folder for cases.json and maps.npy.
    """
    refuse_foreign_files(output, ("maps.npy", "cases.json"), "cases.json", is_explanation)
    folders: dict[str, Path] = {loss: runs / format_run_name(loss, seed) for loss in losses}
    arms = read_test_sets(folders)
    packed = read_parquet(pack / "rows.parquet")
    cases = arms[losses[0]].cases.merge(packed[["row", "pixel_row"]], on="row", validate="one_to_one")
    places = cases[[name for name in ("pixel_row", ROUND) if name in cases]]

    def draw(arm: str, pairs: pd.DataFrame) -> NetworkMaps:
        refuse_unknown_backend()
        from radpipe.explanation import gradcam  # noqa: PLC0415 (no case wanted: no Keras)

        placed = pairs.join(places, on="position")
        return gradcam.draw_maps(folders[arm] / "model.keras", pack / "pixels.npy", placed)

    marked = pointing.mark_boxes(arms[losses[0]], packed, read_parquet(index / "boxes.parquet"), image)
    found, maps = explain_cases(arms, spec.cases, marked, draw)
    with write_files(output, ("maps.npy", "cases.json")):
        with write_whole(output / "maps.npy") as draft:
            np.save(draft, maps)
        write_json(output / "cases.json", {"seed": seed, **found})


def read_test_sets(folders: dict[str, Path]) -> dict[str, Predictions]:
    """Read the predictions of the test set from the folder of a run of each arm."""
    return {
        arm: read_predictions(folder / "predictions.parquet").select_split("test")
        for arm, folder in folders.items()
    }


def report(*, folder: Path, settings: dict[str, Any], output: Path, track: str | None = None) -> None:
    """Write the page and its figures.

    Parameters
    ----------
    folder
        Results of the data set.
    settings
        All that params.yaml says about it.
    output
        The page; its figures are written into the folder `figures` beside it.
    track
        Data set under whose name MLflow gets the comparison; by default nothing is tracked.
    """
    unused = format_unused(settings)
    if unused is not None:
        print(f"report: {unused}", file=sys.stderr)
    write_report(folder, settings, output)
    if track is not None:
        recording.record_comparison(folder, track)  # with the page and its figures
