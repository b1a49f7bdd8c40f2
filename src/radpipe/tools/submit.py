"""A table of probabilities -> the submission file of a competition."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, NonNegativeInt, ValidationError

from radpipe.data.cells import parse_numbers
from radpipe.data.readers.registry import READERS
from radpipe.errors import ConfigError, DataError
from radpipe.outputs.receipts import is_remembered, refuse_foreign_file, remember
from radpipe.outputs.writing import build_rejected_path, read_json, write_table
from radpipe.tools.external.tables import read_table

PREVALENCE = "prevalence"


class Counted(BaseModel):
    """What weights.json says of a finding; `reason` if it was dropped."""

    positives: NonNegativeInt
    negatives: NonNegativeInt
    reason: str = ""


class Weights(BaseModel):
    """What a submission takes from weights.json."""

    targets: dict[str, Counted]
    dropped: dict[str, Counted]


NO_WEIGHTS = Weights(targets={}, dropped={})


def submit(
    predictions: Path, reader: str, output: Path, weights: Path | None = None, constants: Sequence[str] = ()
) -> None:
    """Write the submission file; images that could not be used get the mean of the others.

    Parameters
    ----------
    predictions
        Written by `predict`, with the list of rejected files beside it.
    reader
        The competition.
    output
        CSV.
    weights
        weights.json of the run: it knows which findings were dropped, why, and how frequent they are.
    constants
        NAME=number or NAME=prevalence: what all images get for a finding that was dropped.

    Raises
    ------
    ConfigError
        If no submission file is known of this reader, or a constant is none.
    DataError
        If a table was not written by `predict`, or lacks a finding that has no constant.
    """
    known = {name: each.to_submission for name, each in READERS.items() if each.to_submission}
    if reader not in known:
        raise ConfigError(f"--reader {reader}: no submission file is known, expected one of {[*known]}")
    table = read_probabilities(predictions)
    refuse_one_name(predictions, table.index)
    counts = NO_WEIGHTS if weights is None else read_weights(weights)
    given = [read_constant(text, counts, READERS[reader].submitted) for text in constants]
    refuse_twice(predictions, [*table.columns, *(name for name, _ in given)])
    refuse_absent(predictions, READERS[reader].submitted, [*table.columns, *dict(given)], counts)
    table = table.assign(**dict(given))
    unusable = read_rejected(build_rejected_path(predictions))
    means = pd.DataFrame([table.mean()] * len(unusable), unusable)
    filled = pd.concat([table, means])
    submission = known[reader](filled)
    refuse_foreign_file(output, is_remembered)
    write_table(output, submission)
    remember(output)
    print(f"submission  {len(filled)} images, of which {len(unusable)} could not be used and got the mean")


def read_weights(path: Path) -> Weights:
    """Read weights.json of a run."""
    try:
        return Weights.model_validate(read_json(path, expected="weights.json of the run"))
    except (ValueError, OSError, RecursionError) as error:
        where = f", at {error.errors()[0]['loc']}" if isinstance(error, ValidationError) else ""
        raise DataError(
            f"{path}: not the weights.json of a run ({type(error).__name__}{where}); give the one in the "
            "folder of the dataset"
        ) from None


def read_constant(text: str, counts: Weights, names: Sequence[str]) -> tuple[str, float]:
    """Read NAME=number or NAME=prevalence."""
    name, _, value = text.partition("=")
    if name not in names:
        raise ConfigError(f"--constant {text}: expected NAME=number, and one of {', '.join(names)} as NAME")
    if value == PREVALENCE:
        entry = {**counts.targets, **counts.dropped}.get(name)
        if entry is None or not entry.positives + entry.negatives:
            needed = f"needs --weights, a weights.json that counts labels of {name}"
            raise ConfigError(f"--constant {text}: {needed}")
        return name, entry.positives / (entry.positives + entry.negatives)
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ConfigError(f"--constant {text}: expected a number from 0 to 1, or {PREVALENCE}")
    return name, number


def refuse_twice(predictions: Path, names: Sequence[str]) -> None:
    """Stop if a finding has a constant and predictions, or two constants: neither is dropped in silence."""
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise ConfigError(
            f"--constant {twice[0]}: {predictions} has this column, or it is given twice; a constant stands "
            "for a finding without predictions only"
        )


def refuse_absent(predictions: Path, wanted: Sequence[str], known: Sequence[str], counts: Weights) -> None:
    """Stop if a finding of the submission has neither predictions nor a constant; say why it was dropped."""
    absent = [name for name in wanted if name not in known]
    if absent:
        dropped = counts.dropped
        reasons = [f"{name} was dropped: {dropped[name].reason}" for name in absent if name in dropped]
        why = "; ".join(reasons) or "weights.json of the run says why (--weights)"
        raise DataError(
            f"{predictions}: no column {', '.join(absent)}; {why}. Give --constant "
            f"{absent[0]}={PREVALENCE} with --weights, or --constant {absent[0]}=0.01"
        )


def read_probabilities(path: Path) -> pd.DataFrame:
    """Read a table of probabilities; the name of an image's file without its folder and suffix is its id."""
    text = read_table(path)
    columns = text.cells.columns.drop("id")
    numbers = {column: parse_numbers(text, column, "a probability from 0 to 1") for column in columns}
    return pd.DataFrame(numbers).set_axis(name_images(text.cells["id"]))


def read_rejected(path: Path) -> pd.Index:
    """Read the ids of the images that could not be used."""
    try:
        table = pd.read_csv(path, dtype={"id": str}, na_filter=False)
        return name_images(table["id"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: no list of rejected files of `radpipe predict` ({type(error).__name__})"
        ) from None


def refuse_one_name(path: Path, names: pd.Index) -> None:
    """Stop if two images have one name: a submission knows no folders."""
    twice = names[names.duplicated()]
    if len(twice):
        raise DataError(
            f"{path}: {len(twice)} images have the name of another one in another folder, for example "
            f"{twice[0]!r}; predict one folder at a time"
        )


def name_images(ids: pd.Series) -> pd.Index:
    """Return the names of files without their folders and suffixes."""
    return pd.Index([Path(name).stem for name in ids], dtype="str")
