"""Outputs appear whole or not at all: each is written beside its place, then moved there."""

import gzip
import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

RECEIPT = "phantom.json"  # written last by every phantom


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a place to write a file or folder; move it to `path` if nothing was raised, else remove it.

    The place keeps the suffix of `path`, because writers choose the format by it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        yield draft
        if draft.is_dir() and path.is_dir():
            shutil.rmtree(path)  # a folder is replaced by a move only if it is empty
        draft.replace(path)
    finally:
        if draft.is_dir():
            shutil.rmtree(draft)
        draft.unlink(missing_ok=True)


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, values: Any) -> None:
    """Write JSON without NaN: an unknown number is null."""
    text = json.dumps(values, indent=1, allow_nan=False, ensure_ascii=False)
    with whole(path) as draft:
        draft.write_text(text + "\n", encoding="utf-8")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet or, by its suffix, as CSV without the index."""
    with whole(path) as draft:
        if path.suffix == ".csv":
            table.to_csv(draft, index=False)
        else:
            table.to_parquet(draft)


def describe_file(path: Path) -> dict[str, Any]:
    """Name and sha256 of a file that was read: the version of a label table, packed with gzip or not."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    return {"file": path.name, "sha256": digest}


def rejected_beside(output: Path) -> Path:
    """Return where `predict` lists the files that it cannot use."""
    return output.with_name(f"{output.stem}.rejected.csv")
