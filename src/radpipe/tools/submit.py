"""A table of probabilities -> the submission file of a competition."""

from pathlib import Path

import pandas as pd

from radpipe.data.readers.registry import READERS
from radpipe.errors import ConfigError, DataError
from radpipe.outputs import build_rejected_path, write_table


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
    unusable = read_probabilities(build_rejected_path(predictions)).index
    means = pd.DataFrame([table.mean()] * len(unusable), unusable)
    filled = pd.concat([table, means])
    write_table(output, known[reader](filled))
    print(f"submission  {len(filled)} images, of which {len(unusable)} could not be used and got the mean")


def read_probabilities(path: Path) -> pd.DataFrame:
    """Read a CSV of ids; the name of an image's file without its folder and suffix is its id."""
    try:
        table = pd.read_csv(path, dtype={"id": str}, na_filter=False).drop(columns="reason", errors="ignore")
        return table.set_index(table.pop("id").map(lambda name: Path(name).stem))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: no table of `radpipe predict` ({type(error).__name__})") from None
