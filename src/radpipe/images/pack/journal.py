"""What an interrupted `pack` resumes from: the pixels so far, and a journal of the images in them.

The journal is a CSV to which lines are added once the pixels they speak of are on the disk. Its
folder is named after a hash of everything the pixels depend on, so that what was packed from other
files or with other parameters is never taken for done.
"""

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pandas as pd
import pydicom

from radpipe.config.data import ImageSpec, LinkSpec
from radpipe.images.problems import ImageProblem
from radpipe.images.validate.paths import build_locator, list_paths
from radpipe.outputs.writing import name_failed_write, write_whole

PLACE = Path(".radpipe/pack")  # below the current folder
PIXELS = "pixels.npy"
JOURNAL = "journal.csv"
LONGEST_LINE = 4096  # bytes, and more than any line has
FORMAT = 4  # raise it when the same files and parameters give other pixels, or the journal other columns

PLACES = ("width", "height", "crop_left", "crop_top", "crop_width", "crop_height")  # [px of the image]
# Of one image: sha256 or reason is empty.
COLUMNS = {
    "pixel_row": "int64",
    "sha256": "str",
    **dict.fromkeys(PLACES, "int32"),
    "reason": "str",
    "detail": "str",
}
Outcome = tuple[int | str, ...]  # in the order of COLUMNS


@dataclass(frozen=True)
class Source:
    """Where images are: their folder, where links in it may lead, and the largest image decoded [px]."""

    root: Path
    links: LinkSpec
    max_pixels: int


def compute_key(accepted: pd.DataFrame, source: Source, image: ImageSpec) -> str:
    """Hash what the packed pixels depend on; of each file its size, its times of change and its number.

    A file replaced in place with its old size and mtime has another ctime, or another number (inode).
    """
    decoders = [cv2.__version__, pydicom.__version__, imagecodecs.__version__]
    inputs = [FORMAT, decoders, str(source.root.resolve()), source.max_pixels, image.model_dump()]
    digest = hashlib.sha256(json.dumps(inputs).encode())
    locate = build_locator(source.root, source.links)
    marks = accepted.reindex(columns=["x", "y"]).itertuples(index=False, name=None)
    for row, path, mark in zip(accepted["row"], list_paths(accepted), marks, strict=True):
        try:
            status = locate(path)[1]
            state = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
        except ImageProblem as problem:
            state = problem.reason
        digest.update(f"{row}\t{path}\t{mark}\t{state}\n".encode())
    return digest.hexdigest()[:32]


def open_folder(key: str, shape: tuple[int, ...]) -> Path:
    """Return the folder of this pack; make it, with pixels all zero, if there is none."""
    folder = PLACE / key
    if not (folder / PIXELS).exists():
        with write_whole(folder, lambda name: name in (PIXELS, JOURNAL)) as draft:
            draft.mkdir()
            np.lib.format.open_memmap(draft / PIXELS, "w+", np.uint8, shape)
            (draft / JOURNAL).touch()
    return folder


def append(folder: Path, outcomes: Iterable[Outcome]) -> None:
    """Add lines to the journal."""
    with (folder / JOURNAL).open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(outcomes)


def read(folder: Path) -> pd.DataFrame:
    """Read the journal, one line for each image done; a line that an interruption cut short is taken off."""
    journal = folder / JOURNAL
    with journal.open("rb+") as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, end - LONGEST_LINE))
        rest = stream.read()
        stream.truncate(end - len(rest) + rest.rfind(b"\n") + 1)
    return pd.read_csv(journal, names=list(COLUMNS), dtype=COLUMNS, keep_default_na=False)


def finish(folder: Path, output: Path) -> None:
    """Move the pixels to the folder `output`, which may be on another disk; remove the rest."""
    with name_failed_write(output / PIXELS):
        output.mkdir(parents=True, exist_ok=True)
    try:
        (folder / PIXELS).replace(output / PIXELS)
    except OSError:
        with write_whole(output / PIXELS) as draft:
            shutil.copyfile(folder / PIXELS, draft)
    shutil.rmtree(folder)
