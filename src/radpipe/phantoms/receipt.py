"""The receipt of a phantom: what was asked for, what was drawn, and every file with its content."""

from collections.abc import Mapping
from pathlib import Path

from radpipe.config import PhantomSpec
from radpipe.outputs import RECEIPT, describe_file, write_json


def write_receipt(folder: Path, spec: PhantomSpec, counts: Mapping[str, int]) -> None:
    """Write phantom.json, the last file of a phantom, with all that lies below the folder by then."""
    files = sorted(describe(path, folder) for path in folder.rglob("*") if path.is_file())
    write_json(folder / RECEIPT, {"spec": spec.model_dump(), "counts": counts, "files": files})


def describe(path: Path, folder: Path) -> tuple[str, int, str]:
    """Return a file's name relative to the folder, its size [bytes] and its sha256."""
    return path.relative_to(folder).as_posix(), path.stat().st_size, describe_file(path)["sha256"]
