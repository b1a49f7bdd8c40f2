"""A trained model and a folder of unlabelled images -> a table of probabilities."""

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from radpipe.config.data import ImageSpec
from radpipe.errors import DataError
from radpipe.evaluation.metrics import sigmoid
from radpipe.images.files.reading import read_image
from radpipe.images.prepare.square import prepare
from radpipe.images.problems import ImageProblem
from radpipe.outputs.receipts import is_remembered, refuse_foreign_file, remember
from radpipe.outputs.writing import (
    build_rejected_path,
    format_first_line,
    format_line,
    read_json,
    write_whole,
)
from radpipe.training import runtime
from radpipe.training.record import hash_model

BATCH = 32  # images in memory at a time
MAX_PIXELS = 25_000_000  # of an image [px]; larger ones are not decoded


@dataclass(frozen=True)
class Trained:
    """A model with what belongs to it in training.json.

    Attributes
    ----------
    model
        Grey levels -> logits.
    targets
        Names of the logits.
    image
        How a file becomes its input.
    """

    model: keras.Model
    targets: list[str]
    image: ImageSpec


@dataclass(frozen=True)
class Loaded:
    """One file: its name relative to the folder, and either its pixels or why there are none."""

    name: str
    pixels: NDArray[np.uint8] | None
    reason: str


def predict(path: Path, folder: Path, output: Path, max_pixels: int = MAX_PIXELS) -> None:
    """Write one line of probabilities per image below a folder; list unusable files beside it.

    Parameters
    ----------
    path
        model.keras, with the training.json that was written beside it.
    folder
        Every file in it, at any depth, is taken for an image.
    output
        CSV, whole or not at all: `id` (path below the folder) and a column per target, as `evaluate`
        reads it. Files that cannot be used are listed in `<output>.rejected.csv` with their reason.
    max_pixels
        Largest image decoded [px].

    Raises
    ------
    DataError
        If the model or what belongs to it cannot be read, or if there is no file.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_symlink() or not file.is_dir())
    refuse_names(files)
    if not files:
        raise DataError(f"{folder}: no file found, expected a folder with images")
    trained = load(path)
    header = ["id", *trained.targets]
    listed = build_rejected_path(output)
    refuse_foreign_file(output, is_remembered)
    refuse_foreign_file(listed, is_remembered)
    loaded = (load_image(file, folder, trained.image, max_pixels) for file in files)
    rejected: list[tuple[str, str]] = []
    with write_whole(listed) as draft_listed, write_whole(output) as draft:  # both, or neither
        with draft.open("w", newline="", encoding="utf-8") as stream:
            stream.write(format_line(header))
            while batch := list(islice(loaded, BATCH)):
                stream.writelines(predict_lines(batch, trained))
                rejected += [(each.name, each.reason) for each in batch if each.pixels is None]
        lines = [format_line(line) for line in [("id", "reason"), *rejected]]
        draft_listed.write_text("".join(lines), encoding="utf-8", newline="")
    remember(output, listed)
    reasons = Counter(reason for _, reason in rejected).most_common()
    counted = ", ".join(f"{reason} {count}" for reason, count in reasons)
    print(f"predict: {len(files) - len(rejected)} images" + (f"; rejected: {counted}" if counted else ""))


def load(path: Path) -> Trained:
    """Read a model and the training.json beside it, which must belong together."""
    described = path.with_name("training.json")
    runtime.prepare_backend(deterministic=False)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no file"
        raise DataError(f"{path}: {found}, expected model.keras with training.json beside it")
    try:
        training = read_json(described, expected="the training.json that was written beside the model")
        targets = read_targets(training["targets"])
        image = ImageSpec.model_validate(training["image"])
    except (ValueError, ValidationError, KeyError, TypeError, OSError, RecursionError) as error:
        raise DataError(f"{described}: not written by `radpipe train` ({type(error).__name__})") from None
    if training.get("model", (found := hash_model(path))) != found:  # older versions wrote no hash
        raise DataError(
            f"{described}: describes another model than {path.name} beside it; copy both from one run"
        )
    if not zipfile.is_zipfile(path):  # Keras would say that there is no such file
        raise DataError(f"{path}: not a model of Keras, or damaged (no zip file, or cut)")
    try:
        model = keras.saving.load_model(path, compile=False)
    except Exception as error:  # a damaged archive raises whatever its bytes lead to
        raise DataError(f"{path}: not a model of Keras, or damaged ({format_first_line(error)})") from None
    refuse_other_shape(path, model, image, len(targets))
    return Trained(model, targets, image)


def read_targets(names: object) -> list[str]:
    """Return the targets of training.json; raise ValueError if they cannot be headings of a table."""
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError("targets are a list of names")
    if len({*names, "id"}) <= len(names):
        raise ValueError("targets are different names, and none is id")
    return names


def refuse_other_shape(path: Path, model: keras.Model, image: ImageSpec, targets: int) -> None:
    """Stop if a model takes other images, or answers of other findings, than its training.json says."""
    ends = [getattr(model, name, None) for name in ("input", "output")]  # None, if the model is not built
    found = [tuple(end.shape) if isinstance(end, keras.KerasTensor) else None for end in ends]
    expected = [(None, image.size, image.size, image.channels), (None, targets)]
    if found != expected:
        raise DataError(
            f"{path}: takes {found[0]} and answers {found[1]}, training.json says {expected[0]} and "
            f"{expected[1]}: images, height, width, channels; images, findings"
        )


def load_image(file: Path, folder: Path, spec: ImageSpec, max_pixels: int) -> Loaded:
    """Read one file as the images of the training were read."""
    name = file.relative_to(folder).as_posix()
    try:
        if file.is_dir():
            raise ImageProblem("unreadable", "a link to a folder, which is not followed")
        return Loaded(name, prepare(read_image(file, max_pixels), spec), "")
    except ImageProblem as problem:
        return Loaded(name, None, problem.reason)


def refuse_names(files: Sequence[Path]) -> None:
    """Stop at a name that no table can hold, before hours of work."""
    for file in files:
        try:
            file.name.encode()
        except UnicodeEncodeError:
            shown = file.name.encode(errors="surrogateescape")
            raise DataError(f"{file.parent}: the name {shown!r} is no UTF-8; rename the file") from None
        if not file.name.strip():
            raise DataError(f"{file.parent}: a file's name is blank ({file.name!r}); rename it")


def predict_lines(batch: list[Loaded], trained: Trained) -> Iterator[str]:
    """Yield the lines of some files in the table, with their probabilities."""
    usable = [each.pixels for each in batch if each.pixels is not None]
    logits = trained.model.predict_on_batch(np.stack(usable)) if usable else []
    if not np.isfinite(logits).all():
        raise DataError("model.keras: answers what is no number for an image; its weights are damaged")
    names = [each.name for each in batch if each.pixels is not None]
    for name, probabilities in zip(names, sigmoid(np.asarray(logits)), strict=True):
        digits = map(repr, probabilities.tolist())  # all digits: fewer would make ties of ranks
        yield format_line([name, *digits])
