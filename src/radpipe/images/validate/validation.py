"""Images of the index -> accepted, or rejected with a reason; no pixel is decoded."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from tqdm import tqdm

from radpipe.config.data import LinkSpec, ValidateSpec
from radpipe.images.files.headers import (
    read_header,
    refuse_large,
    refuse_other_modality,
    refuse_several_frames,
)
from radpipe.images.problems import REJECTED_COLUMNS, ImageProblem
from radpipe.images.validate.paths import build_locator, list_paths

GROUP = 512  # images given to a thread at once

Image = tuple[str | None, str]  # its path, and the modality expected, empty for any


class Facts(NamedTuple):
    """What one check found: size [px], bytes, whom the header names; or the reason of a rejection."""

    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    patient_id: str | None = None
    study_id: str | None = None
    reason: str | None = None
    detail: str | None = None


PathCheck = Callable[[str | None, str], Facts]
TYPES = {"width": "Int32", "height": "Int32", "bytes": "Int64", "patient_id": "str", "study_id": "str"}


def validate(
    images: pd.DataFrame, root: Path, spec: ValidateSpec, links: LinkSpec, threads: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Divide the images of an index into those that can be used and those that cannot.

    Parameters
    ----------
    images : DataFrame
        The index: image_id and path (text, relative to `root`, or missing); its index is the row. A DICOM
        file of another modality than its expected_modality, if there is one, is rejected, and so is an image
        that is marked as nameless: its header names neither patient nor study.
    root : Path
        Images outside this folder are rejected, see `radpipe.images.validate.paths`.
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
    headers : DataFrame
        row, path, patient_id, study_id (text, missing where the header does not say) of the accepted images
        whose header was read and names a patient or a study.
    """
    modalities = images.get("expected_modality", pd.Series("", images.index)).fillna("")
    facts = apply_check(
        list(zip(list_paths(images), modalities, strict=True)), build_check(root, spec, links), threads
    )
    table = pd.DataFrame(facts, columns=list(Facts._fields), index=images.index).astype(TYPES)
    marks = [name for name in ("x", "y") if name in images]
    table = images[["image_id", "path", *marks]].assign(row=images.index.astype("int64")).join(table)
    nameless = images.get("nameless", pd.Series(False, images.index)) & table["reason"].isna()
    table.loc[nameless, ["reason", "detail"]] = ["no patient", "the header names neither patient nor study"]
    rejected = table["reason"].notna()
    accepted = table.loc[~rejected, ["image_id", "row", "path", *marks, "width", "height", "bytes"]]
    refused = table.loc[rejected, list(REJECTED_COLUMNS)]
    named = table[["patient_id", "study_id"]].notna().any(axis=1)
    headers = table.loc[~rejected & named, ["row", "path", "patient_id", "study_id"]]
    return accepted.reset_index(drop=True), refused.reset_index(drop=True), headers.reset_index(drop=True)


def build_check(root: Path, spec: ValidateSpec, links: LinkSpec) -> PathCheck:
    """Return the function that checks one path as closely as the level says."""
    locate = build_locator(root, links)

    def accept(*_: str | None) -> Facts:
        return Facts()

    def exists(path: str | None, _: str) -> Facts:
        return Facts(bytes=locate(path)[1].st_size)

    def decode(path: str | None, modality: str) -> Facts:
        place, status = locate(path)
        header = read_header(place)
        refuse_other_modality(header, modality)
        refuse_large(header, spec.max_pixels)
        refuse_several_frames(header)
        return Facts(header.width, header.height, status.st_size, header.patient_id, header.study_id)

    levels: dict[str, PathCheck] = {"none": accept, "exists": exists, "decode": decode}
    return levels[spec.level]


def apply_check(images: Sequence[Image], check: PathCheck, threads: int) -> list[Facts]:
    """Apply `check` to every image, in order; a problem is a fact like any other."""

    def check_group(group: Sequence[Image]) -> list[Facts]:
        return [check_image(image, check) for image in group]

    groups: Iterator[Sequence[Image]] = (
        images[start : start + GROUP] for start in range(0, len(images), GROUP)
    )
    facts: list[Facts] = []
    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=len(images), desc="validate", unit="image", disable=None) as progress,
    ):
        for found in pool.map(check_group, groups):
            facts += found
            progress.update(len(found))
    return facts


def check_image(image: Image, check: PathCheck) -> Facts:
    """Check one image; return its facts, or the reason of its rejection."""
    try:
        return check(*image)
    except ImageProblem as problem:
        return Facts(reason=problem.reason, detail=problem.detail)
