"""The number of a row on the page -> the file, patient and study that it stands for, from local results."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from radpipe.config.parameters import read
from radpipe.errors import ConfigError, DataError
from radpipe.outputs.writing import read_json, read_parquet

IDS = {"patient_id": "patient", "study_id": "study", "series_id": "series", "image_id": "image"}
REJECTED = ("validate", "pack")  # steps that reject images
WIDTH = 9  # characters before what is said


def find(dataset: str, rows: Sequence[int], params: Path) -> None:
    """Print what some rows of a data set stand for.

    Parameters
    ----------
    dataset
        Name in params.yaml.
    rows
        Numbers, as the page and the lists of rejected images give them: rows of index/images.parquet, from 0.

    Raises
    ------
    ConfigError
        If there is no such data set.
    DataError
        If it has no index yet, or no such row.
    """
    parameters = read(params)
    if dataset not in parameters.datasets:
        expected = f"expected one of {[*parameters.datasets]}"
        raise ConfigError(f"--dataset {dataset}: no data set of {params}, {expected}")
    folder = Path("results", dataset)
    table = folder / "index/images.parquet"
    if not table.is_file():
        raise DataError(f"{table}: not found; run `snakemake {table}` first")
    images = read_parquet(table)
    beyond = [row for row in rows if not 0 <= row < len(images)]
    if beyond:
        raise DataError(f"row {beyond[0]}: {table} has rows 0 to {len(images) - 1}")
    root = Path(parameters.datasets[dataset].root)
    splits = read_splits(folder)
    rejected = read_rejected(folder)
    for row in rows:
        print(f"row {row}")
        known = describe_row(images.iloc[row], root, splits)
        for what, words in (*known, *(("rejected", words) for words in rejected.get(row, []))):
            print(f"  {what:{WIDTH}}{words}")


def describe_row(image: pd.Series, root: Path, splits: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is known of an image: a name and a word each."""
    path = image["path"]
    if pd.isna(path):
        yield "file", f"none below {root}"
    else:
        yield "file", f"{root / path}" + ("" if (root / path).is_file() else " (not there now)")
    for column, what in IDS.items():
        if column in image and not pd.isna(image[column]):
            yield what, str(image[column])
    if image["patient_id"] in splits:
        yield "split", splits[image["patient_id"]]


def read_splits(folder: Path) -> dict[str, str]:
    """Return the set, or the fold, of each patient; none before the split."""
    path = folder / "split.parquet"
    if not path.is_file():
        return {}
    table = read_parquet(path).set_index("patient_id")
    if "fold" in table:
        return {str(patient): f"fold {fold}" for patient, fold in table["fold"].items()}
    return {str(patient): str(split) for patient, split in table["split"].items()}


def read_rejected(folder: Path) -> dict[int, list[str]]:
    """Return why rows were rejected, and by which step."""
    found: dict[int, list[str]] = {}
    for step in REJECTED:
        path = folder / step / "rejected.csv"
        if path.is_file():
            for each in pd.read_csv(path, dtype={"detail": "str"}, na_filter=False).to_dict("records"):
                words = f"by {step}: {each['reason']}" + (f", {each['detail']}" if each["detail"] else "")
                found.setdefault(int(each["row"]), []).append(words)
    summary = folder / "split.json"
    if summary.is_file():
        for entry in read_json(summary)["excluded"]:
            found.setdefault(int(entry["row"]), []).append(f"by split: {entry['reason']}")
    return found
