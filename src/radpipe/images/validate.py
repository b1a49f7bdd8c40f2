"""Images of the index -> accepted, or rejected with a reason; no pixel is decoded."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from radpipe.config import ValidateSpec
from radpipe.images.headers import check_frames, check_size, read_header
from radpipe.images.paths import locator, paths_of
from radpipe.images.problems import REJECTED_COLUMNS, ImageProblem

GROUP = 512  # paths given to a thread at once

Fact = tuple[int | None, int | None, int | None, str | None, str | None]
FACTS = ("width", "height", "bytes", "reason", "detail")


def validate(
    images: pd.DataFrame, root: Path, spec: ValidateSpec, threads: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide the images of an index into those that can be used and those that cannot.

    Parameters
    ----------
    images : DataFrame
        The index: image_id and path (text, relative to `root`, or missing); its index is the row.
    root : Path
        Images outside this folder are rejected, see `radpipe.images.paths`.
    spec : ValidateSpec
        The level: `decode` reads the headers, which `pack` later decodes; `exists` looks at the path;
        `none` accepts everything unseen.
    threads : int
        Files looked at at the same time.

    Returns
    -------
    accepted : DataFrame
        image_id, row (int64), path, x and y [px] if the index has them, width, height [px] (Int32), bytes
        (Int64); missing if not read.
    rejected : DataFrame
        row, path, reason, detail.
    """
    facts = look(paths_of(images), checker(root, spec), threads)
    table = pd.DataFrame(facts, columns=list(FACTS), index=images.index)
    table = table.astype({"width": "Int32", "height": "Int32", "bytes": "Int64"})
    marks = [name for name in ("x", "y") if name in images]
    table = images[["image_id", "path", *marks]].assign(row=images.index.astype("int64")).join(table)
    rejected = table["reason"].notna()
    accepted = table.loc[~rejected, ["image_id", "row", "path", *marks, "width", "height", "bytes"]]
    refused = table.loc[rejected, list(REJECTED_COLUMNS)]
    return accepted.reset_index(drop=True), refused.reset_index(drop=True)


def checker(root: Path, spec: ValidateSpec) -> Callable[[str | None], Fact]:
    """Return the function that looks at one path as closely as the level says."""
    locate = locator(root)

    def accept(_: str | None) -> Fact:
        return None, None, None, None, None

    def exists(path: str | None) -> Fact:
        return None, None, locate(path)[1].st_size, None, None

    def decode(path: str | None) -> Fact:
        place, status = locate(path)
        header = read_header(place)
        check_size(header, spec.max_pixels)
        check_frames(header)
        return header.width, header.height, status.st_size, None, None

    return {"none": accept, "exists": exists, "decode": decode}[spec.level]


def look(paths: Sequence[str | None], check: Callable[[str | None], Fact], threads: int) -> list[Fact]:
    """Apply `check` to every path, in order; a problem is a fact like any other."""

    def check_group(group: Sequence[str | None]) -> list[Fact]:
        return [fact_of(path, check) for path in group]

    groups: Iterator[Sequence[str | None]] = (
        paths[start : start + GROUP] for start in range(0, len(paths), GROUP)
    )
    facts: list[Fact] = []
    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=len(paths), desc="validate", unit="image", disable=None) as progress,
    ):
        for found in pool.map(check_group, groups):
            facts += found
            progress.update(len(found))
    return facts


def fact_of(path: str | None, check: Callable[[str | None], Fact]) -> Fact:
    """Look at one path."""
    try:
        return check(path)
    except ImageProblem as problem:
        return None, None, None, problem.reason, problem.detail
