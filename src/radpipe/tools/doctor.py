"""What a data set needs before anything runs: what is missing on disk, how much room, how long."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.columns import find_unused
from radpipe.config.parameters import Dataset, Parameters
from radpipe.config.targets import ALL, find_lone_classes, group
from radpipe.data.index import Index
from radpipe.data.readers.registry import read_source
from radpipe.errors import ConfigError, DataError
from radpipe.evaluation.competition_scores.predicted import compute_score
from radpipe.predictions import Predictions

IMAGES_PER_PATIENT = {"chest": 3, "head": 16, "lumbar": 15, "pneumonia": 3}  # of a phantom, about
# Per core, 1024 px PNG; benchmarks/pack.py measures it. Smaller files are faster.
DECODED_PER_SECOND = 80
# Multiply-adds per second and core that small convolutions reach in training; benchmarks/training.py.
TRAINED_PER_SECOND = 1.5e10
FILTERS = (16, 32, 64, 128)
GIGA = 1e9
GUESSED = 1000  # rows by which a score is tried


def check_dataset(name: str, parameters: Parameters) -> tuple[list[str], list[str]]:
    """Check one data set.

    Returns
    -------
    lines, problems
        What was found, and what has to be put right before a run.
    """
    dataset = parameters.datasets[name]
    problems: list[str] = []
    if dataset.phantom is not None:
        drawn = parameters.phantoms[dataset.phantom]
        images = drawn.patients * IMAGES_PER_PATIENT[drawn.kind]
        lines = [f"{name}: a phantom of about {images:,} images; the workflow makes it"]
    else:
        lines, images = check_data(name, dataset, problems)
    if images == 0:
        return lines, problems
    if dataset.validation.level == "none":
        lines.append("  tables only (validate.level none): no image is looked at, packed or learned")
        return lines, problems
    runs = len(parameters.losses) * len(parameters.seeds)
    room = images * dataset.image.size**2 * dataset.image.channels
    free = shutil.disk_usage(Path.cwd()).free
    lines += [
        f"  disk space: {room / GIGA:.2f} GB below results/{name}/pack, {free / GIGA:.0f} GB are free",
        *(f"  time: {line}" for line in estimate_times(dataset, images, runs)),
    ]
    lines += check_weights(name, dataset.train.weights, problems)
    if room > free:
        problems.append(f"{name}: the packed images need {room / GIGA:.1f} GB, {free / GIGA:.1f} GB are free")
    return lines, problems


def check_data(name: str, dataset: Dataset, problems: list[str]) -> tuple[list[str], int]:
    """Read the tables and find the images, as the step `index` does; add what is missing to `problems`."""
    root = Path(dataset.root)
    lines = [f"{name}: reader {dataset.reader}, root {root}"]
    if not root.is_dir():
        problems.append(f"{name}: no folder {root}; put the data there, or correct datasets.{name}.root")
        return lines, 0
    try:
        index = read_source(dataset)
    except (DataError, ConfigError) as error:
        problems.append(f"{name}: {error}")
        return lines, 0
    tables = ", ".join(path.name for path in index.tables)
    lines.append(f"  tables: {tables}; {len(index.images):,} rows are used")
    lines += [f"  note: {note}: {count:,}" for note, count in index.notes.items() if count]
    unused = find_unused(dataset.model_dump(mode="json"))
    lines += [f"  note: metadata without a role in this run: {', '.join(unused)}"] if unused else []
    lines += check_files(name, dataset, index, problems)
    asked = (*check_targets(dataset, index), *check_columns(dataset, index), *check_labels(dataset, index))
    problems += [f"{name}: {problem}" for problem in asked]
    return lines, len(index.images)


def check_files(name: str, dataset: Dataset, index: Index, problems: list[str]) -> list[str]:
    """Return how many images have their file; too many without one are a problem, unless none is needed."""
    lacking = index.images["path"].isna()
    lines = [f"  images: {int((~lacking).sum()):,} of them have their file below root"]
    spec = dataset.validation
    if spec.level == "none" or lacking.mean() <= spec.max_rejected_share:
        return lines
    first = index.images.loc[lacking, "image_id"].iloc[0]
    problems.append(
        f"{name}: {int(lacking.sum()):,} images are missing, more than validate.max_rejected_share allows; "
        f"the first is {first}, looked for below {dataset.root}. Add them, or set images_on_disk_only to "
        "work with the part that is there"
    )
    return lines


def check_targets(dataset: Dataset, index: Index) -> Iterator[str]:
    """Yield which findings the sections ask for that the tables do not have: steps say so hours later."""
    names = index.labels.columns.to_list()
    include = choose_findings(dataset, index)
    for key, wanted in (("targets.include", include), ("train.rare.findings", dataset.train.rare.findings)):
        unknown = [each for each in wanted if each not in names]
        if unknown:
            yield f"{key}: {', '.join(unknown)} not among the findings {', '.join(names)}"
    if dataset.targets.kind == "categorical":
        lone = find_lone_classes(include)
        if lone:
            yield f"targets: kind is categorical, but of {lone} there is a single class"


def check_labels(dataset: Dataset, index: Index) -> Iterator[str]:
    """Yield what the labels of all rows cannot give: a score, exclusive classes, patients enough."""
    include = [name for name in choose_findings(dataset, index) if name in index.labels]
    labels = index.labels.loc[index.images["unit_id"], include].reset_index(drop=True)
    try:
        compute_score(dataset.evaluate.score, guess(index, labels))
    except ConfigError as error:
        yield str(error)
    if dataset.targets.kind == "categorical":
        for grade, at in group(include).items():
            known = labels.iloc[:, at].dropna()
            wrong = int((known.sum(axis=1) != 1).sum())
            if wrong:
                found = f"{wrong:,} rows have none or several classes of {grade or 'the findings'}"
                yield f"targets: kind is categorical, but {found}"
    rare = find_hopeless(dataset, index.images["patient_id"], labels)
    if rare and (dataset.targets.too_rare == "stop" or len(rare) == len(include)):
        yield (
            f"targets: fewer than min_positive_patients {dataset.targets.min_positive_patients} patients are "
            f"expected in the training set with, or without, {', '.join(rare)}; lower it, or leave them out"
        )


def choose_findings(dataset: Dataset, index: Index) -> list[str]:
    """Return the findings that are wanted."""
    include = dataset.targets.include
    return index.labels.columns.to_list() if include == ALL else list(include)


def guess(index: Index, labels: pd.DataFrame) -> Predictions:
    """Return predictions of the first rows that say nothing: they tell whether a score has its targets."""
    first = labels.head(GUESSED)
    cases = index.images[["image_id", "patient_id"]].head(GUESSED).rename(columns={"image_id": "id"})
    cases = cases.reset_index(drop=True).assign(split="test", row=range(len(first)))
    values = first.to_numpy(np.float32)
    return Predictions(cases, tuple(map(str, first.columns)), values, np.zeros_like(values))


def find_hopeless(dataset: Dataset, patients: pd.Series, labels: pd.DataFrame) -> list[str]:
    """Return the findings that too few patients have, or lack, for the share that is trained on."""
    split = dataset.split
    share = 1 - 2 / split.folds if split.folds else (1 - split.test) * (1 - split.val)
    held = patients.reset_index(drop=True)
    counts = {
        name: min(held[labels[name] == value].nunique() for value in (0, 1)) * share
        for name in labels.columns
    }
    return [str(name) for name, count in counts.items() if count < dataset.targets.min_positive_patients]


def check_columns(dataset: Dataset, index: Index) -> Iterator[str]:
    """Yield which columns the sections need that the tables do not have."""
    if dataset.split.method == "official" and index.images["official_split"].isna().all():
        yield "split.method is official, but no published list or column names a split; set it to stratified"
    if dataset.image.crop is not None and not {"x", "y"} <= set(index.images):
        yield "image.crop: the tables have no marks (x and y) to crop around; set it to null"


def check_weights(name: str, weights: str, problems: list[str]) -> list[str]:
    """Return where pretrained weights come from: the training, which needs them, comes hours later."""
    if weights == "none":
        return []
    if weights == "imagenet":
        return ["  weights: imagenet; Keras fetches them when training starts, unless they are in its cache"]
    if not Path(weights).is_file():
        problems.append(f"{name}: train.weights: {weights} not found, expected none, imagenet or a file")
    return [f"  weights: {weights}"]


def estimate_times(dataset: Dataset, images: int, runs: int) -> Iterator[str]:
    """Estimate from rates measured once; the first epoch shows the true one."""
    cores = os.cpu_count() or 1
    packing = format_duration(images / DECODED_PER_SECOND / cores)
    yield f"pack about {packing} on {cores} cores, if images have 1024 px"
    if dataset.train.model != "small_cnn":
        yield f"{runs} runs of {dataset.train.model}: see the first epoch; a GPU is all but needed"
        return
    side = dataset.image.size
    channels = 1
    operations = 0
    for filters in FILTERS:
        operations += side**2 * dataset.train.kernel**2 * channels * filters
        side //= 2
        channels = filters
    folds = dataset.split.folds
    share = 1 - 2 / folds if folds else (1 - dataset.split.test) * (1 - dataset.split.val)
    epoch = 3 * operations * images * share / TRAINED_PER_SECOND / cores  # backward costs twice forward
    total = epoch * dataset.train.epochs * runs * (folds or 1)
    epochs = f"{folds} rounds of up to {dataset.train.epochs}" if folds else f"up to {dataset.train.epochs}"
    yield f"{runs} runs of {epochs} epochs, about {format_duration(total)} on {cores} cores, no GPU"


def format_duration(seconds: float) -> str:
    """Format a duration in seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
