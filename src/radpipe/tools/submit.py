"""A table of probabilities -> the submission file of a competition."""

from pathlib import Path

import pandas as pd

from radpipe.data.cells import parse_numbers
from radpipe.data.readers.registry import READERS
from radpipe.errors import ConfigError, DataError
from radpipe.outputs.receipts import begins_with, refuse_foreign_file
from radpipe.outputs.writing import build_rejected_path, write_table
from radpipe.tools.external.tables import read_table


def submit(predictions: Path, reader: str, output: Path) -> None:
    """Write the submission file; images that could not be used get the mean of the others.

    Parameters
    ----------
    predictions
        Written by `predict`, with the list of rejected files beside it.
    reader
        The competition.
    output
        CSV.

    Raises
    ------
    ConfigError
        If no submission file is known of this reader.
    DataError
        If a table was not written by `predict`.
    """
    known = {name: each.to_submission for name, each in READERS.items() if each.to_submission}
    if reader not in known:
        raise ConfigError(f"--reader {reader}: no submission file is known, expected one of {[*known]}")
    table = read_probabilities(predictions)
    unusable = read_rejected(build_rejected_path(predictions))
    means = pd.DataFrame([table.mean()] * len(unusable), unusable)
    filled = pd.concat([table, means])
    submission = known[reader](filled)
    refuse_foreign_file(output, begins_with(",".join(submission.columns) + "\n"))
    write_table(output, submission)
    print(f"submission  {len(filled)} images, of which {len(unusable)} could not be used and got the mean")


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


def name_images(ids: pd.Series) -> pd.Index:
    """Return the names of files without their folders and suffixes."""
    return pd.Index([Path(name).stem for name in ids], dtype="str")
