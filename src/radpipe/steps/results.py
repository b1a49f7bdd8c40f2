"""From predictions to the report: evaluate, compare, explain, report."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpipe.config.data import ImageSpec
from radpipe.config.evaluation import CompareSpec, EvaluateSpec, ExplainSpec
from radpipe.config.parameters import Loss
from radpipe.config.readers import NobodyChoice, SpellingChoice, UncertainChoice
from radpipe.config.runs import RunName, format_run_name, parse_run_name
from radpipe.errors import ConfigError
from radpipe.evaluation import single_run
from radpipe.evaluation.comparison import result
from radpipe.evaluation.comparison.headline_metrics import select_headline_metrics
from radpipe.explanation import pointing
from radpipe.explanation.cases import NetworkMaps
from radpipe.explanation.cases import build_cases as explain_cases
from radpipe.outputs.receipts import has_keys, read_object, refuse_foreign_file, refuse_foreign_files
from radpipe.outputs.writing import read_json, read_parquet, write_json, write_table, write_whole
from radpipe.predictions import ROUND, Predictions, read_predictions
from radpipe.report.page import write_report
from radpipe.tools.external import analysis
from radpipe.tools.external.boxes import score_boxes
from radpipe.tools.external.labels import LabelOptions
from radpipe.tracking import recording
from radpipe.training.backend import refuse_unknown_backend

PARAMS = Path("params.yaml")
is_explanation = has_keys("format", "seed", "cases", "arms", "findings")


def evaluate(
    *,
    output: Path,
    predictions: Path | None = None,
    spec: EvaluateSpec | None = None,
    labels: Path | None = None,
    boxes: Path | None = None,
    dataset: str | None = None,
    params: Path = PARAMS,
    like: str | None = None,
    patient_ids: SpellingChoice = "ask",
    unknown_patients: NobodyChoice = "refuse",
    uncertain: UncertainChoice = "refuse",
) -> None:
    """Compute metrics and curves of one run, or of anybody's predictions or boxes with their labels.

    The workflow names its `dataset`. Without one, a page is written too, and what `spec` does not say is
    taken from the dataset `like` of params.yaml, by default the first of `run`. `patient_ids`,
    `unknown_patients` and `uncertain` are decisions on the labels, as in the options of a dataset.
    """
    refuse_foreign_files(output, ("metrics.json", "curves.parquet"), "metrics.json", is_evaluation)
    if boxes is not None and labels is not None:
        write_json(output / "metrics.json", {"format": 1, "boxes": score_boxes(boxes, labels)})
        return
    if predictions is None:
        raise ConfigError("give --predictions, with --labels unless they hold them, or --boxes with --labels")
    if dataset is None:
        options = LabelOptions(
            patient_ids=patient_ids, unknown_patients=unknown_patients, uncertain=uncertain
        )
        models = analysis.Models([predictions], labels, options)
        analysis.evaluate(models, output, analysis.choose_analysis(spec, None, params, like))
        return
    if spec is None:
        raise ConfigError("--dataset needs --spec, as in the workflow; without --dataset a page is written")
    _evaluate_run(predictions, spec, output, dataset)


def _evaluate_run(predictions: Path, spec: EvaluateSpec, output: Path, dataset: str) -> None:
    """Compute metrics and curves of one run of the workflow, and record them in MLflow."""
    given = read_predictions(predictions)
    write_table(output / "curves.parquet", single_run.trace_curves(given))
    loss, seed = parse_run_name(output.name)
    metrics = single_run.evaluate(given, spec)
    write_json(output / "metrics.json", {"format": 1, "loss": loss, "seed": seed, **metrics})
    recording.record_run(predictions.parent, output, dataset)


def compare(
    *,
    predictions: list[Path],
    output: Path,
    spec: EvaluateSpec | None = None,
    plan: CompareSpec | None = None,
    metrics: Path | None = None,
    weights: Path | None = None,
    images: Path | None = None,
    labels: Path | None = None,
    names: list[str] | None = None,
    params: Path = PARAMS,
    like: str | None = None,
    patient_ids: SpellingChoice = "ask",
    unknown_patients: NobodyChoice = "refuse",
    uncertain: UncertainChoice = "refuse",
) -> None:
    """Compare the arms over all seeds, or anybody's two models on the same cases.

    The workflow says where its `metrics` go; class `weights` are undone where they are given, subgroups are
    formed where the `images` are. Without `metrics`, `output` is a folder, a page is written too, and what
    `spec` and `plan` do not say is taken from the dataset `like` of params.yaml, by default the first of
    `run`; subgroups are formed by the columns of the `labels`. `patient_ids`, `unknown_patients` and
    `uncertain` are decisions on the labels, as in the options of a dataset.
    """
    if metrics is None:
        options = LabelOptions(
            patient_ids=patient_ids, unknown_patients=unknown_patients, uncertain=uncertain
        )
        models = analysis.Models(predictions, labels, options, names)
        analysis.compare(models, output, analysis.choose_analysis(spec, plan, params, like))
        return
    if spec is None or plan is None:
        raise ConfigError(
            "--metrics needs --spec and --plan, as in the workflow; without it a page is written"
        )
    refuse_foreign_file(output, has_keys(*analysis.COMPARISON))
    refuse_foreign_file(metrics, is_headline)
    runs = {parse_run_name(path.parent.name): read_predictions(path) for path in predictions}
    found = result.compare(runs, spec, plan, read_origin(predictions, weights, images))
    write_json(output, found)
    write_json(metrics, select_headline_metrics(found))


def is_evaluation(path: Path) -> bool:
    """Return whether a file contains the metrics of a run, or of boxes."""
    found = set(read_object(path))
    return found == {"format", "boxes"} or found >= {"format", "loss", "seed", "findings", "macro"}


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
    """Choose the test cases worth a look, and draw where in them the networks of one seed looked."""
    refuse_foreign_files(output, ("maps.npy", "cases.json"), "cases.json", is_explanation)
    folders: dict[str, Path] = {loss: runs / format_run_name(loss, seed) for loss in losses}
    arms = read_test_parts(folders)
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
    with write_whole(output / "maps.npy") as draft:
        np.save(draft, maps)
    write_json(output / "cases.json", {"seed": seed, **found})


def read_test_parts(folders: dict[str, Path]) -> dict[str, Predictions]:
    """Read the predictions of the test part from the folder of a run of each arm."""
    return {
        arm: read_predictions(folder / "predictions.parquet").select_split("test")
        for arm, folder in folders.items()
    }


def report(*, folder: Path, settings: dict[str, Any], output: Path) -> None:
    """Write the page and its figures."""
    write_report(folder, settings, output)
    recording.record_comparison(folder, settings["dataset"])  # with the page and its figures
