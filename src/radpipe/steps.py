"""The pipeline in one page: each step reads files, calls pure code and writes files.

A step is a rule of the workflow and a verb of the command line; its parameters are its options.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpipe import comparison, evaluation, outputs, splits, tracking
from radpipe import index as indexing
from radpipe import standard as standards
from radpipe import weights as weighing
from radpipe.cases import read_cases, read_used
from radpipe.config import (
    EvaluateSpec,
    ImageSpec,
    Loss,
    PhantomSpec,
    SourceSpec,
    SplitSpec,
    TargetsSpec,
    TrainSpec,
    ValidateSpec,
)
from radpipe.errors import ConfigError, DataError
from radpipe.images import identical, rejections
from radpipe.images import pack as packing
from radpipe.images import validate as validating
from radpipe.outputs import write_json, write_table
from radpipe.phantoms import PHANTOMS
from radpipe.predictions import read as read_predictions
from radpipe.readers import READERS
from radpipe.report import write_report
from radpipe.scores.submissions import score_boxes


def phantom(*, spec: PhantomSpec, output: Path, threads: int = 1) -> None:
    """Make the synthetic twin of a published data set."""
    PHANTOMS[spec.kind](spec, output, threads)


def index(*, spec: SourceSpec, output: Path) -> None:
    """Reshape the published tables into images, labels and boxes."""
    root = Path(spec.root)
    if not root.is_dir():
        raise DataError(f"root: no folder {root}; put the data there, or correct root in params.yaml")
    found = READERS[spec.reader](root, Path(spec.tables or spec.root), spec.options)
    if spec.images_on_disk_only:
        found = indexing.keep_found(found)
    if spec.limit_patients is not None:
        found = indexing.keep_patients(found, spec.limit_patients)
    for name in ("images", "labels", "boxes"):
        write_table(output / f"{name}.parquet", getattr(found, name))
    summary = {"reader": spec.reader, "tables": [outputs.describe_file(path) for path in found.tables]}
    write_json(output / "summary.json", {**summary, **indexing.describe(found)})


def validate(*, images: Path, root: Path, spec: ValidateSpec, output: Path, threads: int = 1) -> None:
    """Look for every image and at its header; reject, with a reason, what cannot be used."""
    table = pd.read_parquet(images)
    accepted, rejected = validating.validate(table, root, spec, threads)
    rejections.refuse_many(rejected, len(table), spec)
    write_table(output / "accepted.parquet", accepted)
    write_table(output / "rejected.csv", rejected)
    summary = {"level": spec.level, "checked": len(table), "accepted": len(accepted)}
    write_json(output / "summary.json", {**summary, "rejected": rejections.count_reasons(rejected)})


def pack(
    *,
    accepted: Path,
    index: Path,
    root: Path,
    spec: ImageSpec,
    limits: ValidateSpec,
    output: Path,
    threads: int = 1,
) -> None:
    """Decode each accepted image once, into one array; reject what does not decode or contradicts itself."""
    if limits.level == "none":
        raise ConfigError("validate.level is none: no image was looked at; set it to decode to pack them")
    table = pd.read_parquet(accepted)
    rows, undecoded = packing.pack(table, root, spec, limits.max_pixels, output, threads)
    images = pd.read_parquet(index / "images.parquet")
    labels = pd.read_parquet(index / "labels.parquet").loc[images["unit_id"]].reset_index(drop=True)
    used, conflicting = identical.refuse_conflicts(rows, labels)
    rejected = pd.concat([undecoded, conflicting]).sort_values("row", ignore_index=True)
    rejected["path"] = rejected["row"].map(images["path"])
    rejections.refuse_many(rejected, len(table), limits)
    write_table(output / "rows.parquet", used)
    write_table(output / "rejected.csv", rejected)
    copies = identical.identical_groups(used, images["patient_id"])
    reasons = rejections.count_reasons(rejected)
    write_json(output / "summary.json", {"packed": len(used), "rejected": reasons, "identical": copies})


def split(*, rows: Path, index: Path, spec: SplitSpec, targets: TargetsSpec, output: Path) -> None:
    """Give every patient one part."""
    cases, labels = read_cases(rows, index, targets.include)
    parts = splits.assign(cases, labels, spec)
    copies = splits.exclude_copies(cases, parts)
    used = cases.assign(split=cases["patient_id"].map(parts))[~copies]
    write_table(output, parts.rename_axis("patient_id").reset_index())
    summary = {
        **spec.model_dump(include={"method", "seed"}),
        "parts": splits.describe(used, labels[~copies]),
        "checks": splits.check(used),
        "excluded": [{"row": row, "reason": splits.COPY} for row in cases["row"][copies].to_list()],
    }
    write_json(output.with_suffix(".json"), summary)


def weigh(*, split: Path, rows: Path, index: Path, targets: TargetsSpec, output: Path) -> None:
    """Compute the class weights from the training patients; drop or refuse findings too rare for it."""
    cases, labels = read_used(split, rows, index, targets.include)
    training = (cases["split"] == "train").to_numpy()
    table = weighing.weigh(labels[training], cases["patient_id"][training], targets.kind)
    kept, reasons = weighing.drop_rare(table, targets)
    print(*(f"weigh: {name} is dropped: {why}" for name, why in reasons.items()), sep="\n", file=sys.stderr)
    write_json(output, {"kind": targets.kind, **weighing.to_json(kept, table, reasons)})


def standardise(*, pack: Path, split: Path, index: Path, output: Path) -> None:
    """Measure mean and standard deviation of the training pixels."""
    cases, _ = read_used(split, pack / "rows.parquet", index, ())
    rows = cases["pixel_row"][cases["split"] == "train"].to_numpy()
    write_json(output, standards.measure(np.load(pack / "pixels.npy", mmap_mode="r"), rows))


def train(
    *,
    pack: Path,
    split: Path,
    index: Path,
    weights: Path,
    standard: Path,
    spec: TrainSpec,
    image: ImageSpec,
    loss: Loss,
    seed: int,
    output: Path,
    dataset: str | None = None,
) -> None:
    """Train one arm with one seed, and predict the validation and test parts in the same process."""
    from radpipe import training  # noqa: PLC0415 (importing Keras costs 8 s that no other step pays)

    weighed = outputs.read_json(weights)
    cases, labels = read_used(split, pack / "rows.parquet", index, tuple(weighed["targets"]))
    table = np.array([[entry["absent"], entry["present"]] for entry in weighed["targets"].values()]).T
    cases = cases.rename(columns={"image_id": "id"})
    measured = outputs.read_json(standard)
    inputs = training.Inputs(pack / "pixels.npy", image, measured, cases, labels, table, weighed["kind"])
    key = training.run_key(inputs, spec, loss, seed)
    with tracking.live(dataset, loss, seed, key, spec.model_dump()) as on_epoch:
        training.train(inputs, spec, loss, seed, output, on_epoch)


def evaluate(
    *,
    output: Path,
    predictions: Path | None = None,
    spec: EvaluateSpec | None = None,
    labels: Path | None = None,
    boxes: Path | None = None,
    dataset: str | None = None,
) -> None:
    """Compute metrics and curves of one run, or of anybody's predictions or boxes with their labels."""
    if boxes is not None and labels is not None:
        write_json(output / "metrics.json", {"format": 1, "boxes": score_boxes(boxes, labels)})
        return
    if predictions is None or spec is None:
        raise ConfigError("give --predictions with --spec, or --boxes with --labels")
    given = read_predictions(predictions, labels)
    write_table(output / "curves.parquet", evaluation.trace_curves(given))
    loss, seed = comparison.parse_run(output.name) if dataset else (None, None)
    metrics = evaluation.evaluate(given, spec)
    write_json(output / "metrics.json", {"format": 1, "loss": loss, "seed": seed, **metrics})
    if dataset:
        tracking.record_run(predictions.parent, output, dataset)


def compare(*, predictions: list[Path], spec: EvaluateSpec, output: Path, metrics: Path) -> None:
    """Compare the arms over all seeds, at 0.5 and at matched false-positive rate."""
    runs = {comparison.parse_run(path.parent.name): read_predictions(path) for path in predictions}
    found = comparison.compare(runs, spec)
    write_json(output, found)
    write_json(metrics, comparison.flatten(found))


def report(*, folder: Path, settings: dict[str, Any], output: Path) -> None:
    """Write the page and its figures."""
    write_report(folder, settings, output)
    tracking.record_comparison(folder, settings["dataset"])  # with the page and its figures


STEPS = (phantom, index, validate, pack, split, weigh, standardise, train, evaluate, compare, report)
