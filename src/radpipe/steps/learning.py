"""From usable images to predictions: split, audit, weigh, standardise, train."""

import sys
from functools import partial
from pathlib import Path

import numpy as np

from radpipe.config.data import ImageSpec, SplitSpec, TargetsSpec
from radpipe.config.parameters import Loss
from radpipe.config.training import TrainSpec
from radpipe.data import class_weights as weighing
from radpipe.data import pixel_statistics as standards
from radpipe.data import splits
from radpipe.data.audit import gate as auditing
from radpipe.data.cases import build_rounds, read_audited, read_cases, read_used
from radpipe.outputs import writing as outputs
from radpipe.outputs.receipts import (
    has_keys,
    is_run_file,
    read_object,
    refuse_foreign_file,
    refuse_foreign_folder,
)
from radpipe.outputs.writing import read_array, read_parquet, write_json, write_table
from radpipe.tracking import recording
from radpipe.training.backend import refuse_unknown_backend


def split(*, rows: Path, index: Path, spec: SplitSpec, targets: TargetsSpec, output: Path) -> None:
    """Assign every patient to one set, or to the fold in which it is in the test set.

    Parameters
    ----------
    rows
        pack/rows.parquet; validate/accepted.parquet where images are not looked at.
    index
        Folder that the step `index` wrote.
    spec
        The section `split`.
    targets
        The section `targets`.
    output
        split.parquet; split.json is written beside it.
    """
    summary_path = output.with_suffix(".json")
    is_split = has_keys("method", "seed", "parts", "checks")
    was_written = is_split(summary_path)
    refuse_foreign_file(summary_path, is_split)
    refuse_foreign_file(output, lambda _: was_written)
    cases, labels = read_cases(rows, index, targets.include)
    assigned = splits.assign_splits(cases, labels, spec)
    copies = splits.mark_copies(cases, assigned)
    used = cases.assign(**{str(assigned.name): cases["patient_id"].map(assigned)})[~copies]
    write_table(output, assigned.rename_axis("patient_id").reset_index())
    summary = {
        **spec.model_dump(include={"method", "seed", *(["folds"] if spec.folds else [])}),
        "parts": splits.count_cases(used, labels[~copies]),
        "checks": splits.count_overlaps(used),
        "excluded": [{"row": row, "reason": splits.COPY} for row in cases["row"][copies].to_list()],
    }
    write_json(summary_path, summary)


def audit(*, rows: Path, split: Path, index: Path, headers: Path, output: Path) -> None:
    """Search the split for leaks, a gate before anything is trained; list what a person should look at.

    Parameters
    ----------
    rows
        pack/rows.parquet; validate/accepted.parquet where images are not looked at.
    split
        split.parquet, with split.json beside it.
    index
        Folder that the step `index` wrote.
    headers
        validate/headers.parquet.
    output
        audit.json.
    """
    refuse_foreign_file(output, has_keys("format", "cases", "parts", "checks"))
    cases, labels = read_audited(split, rows, index)
    leaks = auditing.find_leaks(cases, outputs.read_json(split.with_suffix(".json"))["method"])
    print(*auditing.format_log(leaks), sep="\n", file=sys.stderr)
    auditing.refuse_leaks(leaks)
    doubts = outputs.read_json(index / "summary.json")["doubts"]
    # Where images are not looked at, the rows are those of `validate`, and there are no pixels.
    packed = read_array(rows.with_name("pixels.npy")) if "pixel_row" in cases else None
    named = read_parquet(headers)
    write_json(output, auditing.build_audit(cases, labels, leaks, doubts, packed, named))


def weigh(*, split: Path, rows: Path, index: Path, targets: TargetsSpec, output: Path) -> None:
    """Compute the class weights from the training patients; drop or refuse findings too rare for it.

    Parameters
    ----------
    split
        split.parquet.
    rows
        pack/rows.parquet; validate/accepted.parquet where images are not looked at.
    index
        Folder that the step `index` wrote.
    targets
        The section `targets`.
    output
        weights.json.
    """
    refuse_foreign_file(output, has_keys("kind", "targets", "dropped"))
    cases, labels = read_used(split, rows, index, targets.include)
    weighing.refuse_lone_classes(targets, labels)
    chosen = [(each["split"] == "train").to_numpy() for each in build_rounds(cases)]
    if len(chosen) > 1:
        chosen.insert(0, np.ones(len(cases), bool))  # all patients: the rounds are subsets of them
    table, *tables = (
        weighing.compute_weights(labels[rows], cases["patient_id"][rows], targets.kind) for rows in chosen
    )
    kept, reasons = weighing.drop_rare(table, targets, tables)
    print(*(f"weigh: {name} is dropped: {why}" for name, why in reasons.items()), sep="\n", file=sys.stderr)
    write_json(output, {"kind": targets.kind, **weighing.to_json(kept, table, reasons, tables)})


def standardise(*, pack: Path, split: Path, index: Path, output: Path) -> None:
    """Measure mean and standard deviation of the training pixels.

    Parameters
    ----------
    pack
        Folder that the step `pack` wrote.
    split
        split.parquet.
    index
        Folder that the step `index` wrote.
    output
        standard.json.
    """
    refuse_foreign_file(output, is_standard)
    cases, _ = read_used(split, pack / "rows.parquet", index, ())
    pixels = read_array(pack / "pixels.npy")
    rows = [each["pixel_row"][each["split"] == "train"].to_numpy() for each in build_rounds(cases)]
    measured = [standards.compute_statistics(pixels, chosen) for chosen in rows]
    write_json(output, measured[0] if len(measured) == 1 else {"rounds": measured})


def is_standard(path: Path) -> bool:
    """Return whether a file contains the statistics of the training pixels, of one round or of several."""
    found = read_object(path)
    rounds = found["rounds"] if set(found) == {"rounds"} else [found]
    return isinstance(rounds, list) and all(set(each) == {"mean", "std", "images"} for each in rounds)


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
    track: str | None = None,
) -> None:
    """Train one arm with one seed, and predict the validation and test sets in the same process.

    Parameters
    ----------
    pack
        Folder that the step `pack` wrote.
    split
        split.parquet.
    index
        Folder that the step `index` wrote.
    weights
        weights.json.
    standard
        standard.json.
    spec
        The section `train`.
    image
        The section `image`.
    loss
        Binary cross-entropy, or its weighted form.
    seed
        Of initial weights, order of the batches and augmentation.
    output
        Folder of the run: model.keras, training.json, history.csv, predictions.parquet.
    track
        Data set under whose name MLflow gets the run; by default nothing is tracked.
    """
    refuse_foreign_folder(output, partial(is_run_file, output))
    refuse_unknown_backend()
    from radpipe.training import loop  # noqa: PLC0415 (importing Keras costs 8 s that no other step pays)

    weighed = outputs.read_json(weights)
    measured = outputs.read_json(standard)
    weighing.refuse_unknown(spec.rare.findings, weighed)
    cases, labels = read_used(split, pack / "rows.parquet", index, tuple(weighed["targets"]))
    tables = build_rounds(cases.rename(columns={"image_id": "id"}))
    entries = weighed.get("rounds", [weighed["targets"]])
    inputs = [
        loop.Inputs(pack / "pixels.npy", image, each, used, labels, weighing.tabulate(entry), weighed["kind"])
        for used, entry, each in zip(tables, entries, measured.get("rounds", [measured]), strict=True)
    ]
    key = loop.compute_run_key(inputs, spec, loss, seed)
    with recording.record_training(track, loss, seed, key, spec.model_dump()) as on_epoch:
        if "rounds" in weighed:
            loop.cross_validate(inputs, spec, loss, seed, output, on_epoch)
        else:
            loop.train(inputs[0], spec, loss, seed, output, on_epoch)
