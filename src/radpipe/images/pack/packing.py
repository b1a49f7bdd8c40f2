"""Many files -> one memory-mapped array: each image is decoded once, whatever is trained on it later.

Threads for PNG and JPEG: OpenCV and hashlib release the interpreter lock, and nothing is copied.
Processes for DICOM, whose headers Python reads: a fifth of the time of a slice, so that threads would
stop scaling at some cores. A worker writes its pixels straight into the file: memory does not grow
with their number, and nothing but outcomes is sent between processes.
"""

import math
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from radpipe.config.data import ImageSpec
from radpipe.errors import DataError
from radpipe.images.files.headers import read_kind
from radpipe.images.files.reading import hash_pixels, read_image
from radpipe.images.pack import journal
from radpipe.images.pack.journal import Outcome, Source
from radpipe.images.prepare.crop import Mark, find_region
from radpipe.images.prepare.square import prepare
from radpipe.images.problems import REJECTED_COLUMNS, ImageProblem
from radpipe.images.validate.paths import Locate, build_locator, list_paths
from radpipe.images.workers import map_in_order, open_pool
from radpipe.outputs.locks import hold
from radpipe.outputs.writing import name_failed_write, read_array

WORTH_PROCESSES = 2048  # files; starting processes costs as much as packing some hundred slices
SAMPLE = 16  # files that the kind of worker is chosen by
JOURNALED = 256  # images after which the journal is written: what an interruption costs at most


@dataclass(frozen=True)
class Job:
    """What every worker knows: where images are, and the file and byte that their pixels go to."""

    source: Source
    image: ImageSpec
    pixels: Path
    offset: int


class Task(NamedTuple):
    """One image to pack: its row in the pixels, its path, and the mark that it is cropped around."""

    pixel_row: int
    path: str | None
    mark: Mark | None


def pack(
    accepted: pd.DataFrame, source: Source, image: ImageSpec, output: Path, threads: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decode every accepted image into `output`/pixels.npy; resume after an interruption.

    Parameters
    ----------
    accepted : DataFrame
        image_id, row, path (relative to the root); x and y [px] where `image.crop` is set.
    source : Source
        Where the images are, and how large one may be.
    image : ImageSpec
        How an image becomes a square.
    output : Path
        Folder that gets pixels.npy: (accepted images, size, size, channels) uint8, in the order of
        `accepted`; zero where an image was rejected.
    threads : int
        Images decoded at the same time.

    Returns
    -------
    rows : DataFrame
        image_id, row, pixel_row (int64), sha256 (of the source pixels); width, height [px of the image];
        and what of it is kept: crop_left, crop_top, crop_width, crop_height [px of the image] (int32).
    rejected : DataFrame
        row, path, reason, detail of images that cannot be used.

    Raises
    ------
    DataError
        If the disk has no room for the pixels, or the crop has no marks.
    """
    tasks = build_tasks(accepted, image)
    key = journal.compute_key(accepted, source, image)
    with hold(journal.PLACE / key, "the packed images"):
        folder = journal.open_folder(key, (len(accepted), *compute_shape(image)))
        done = set(journal.read(folder)["pixel_row"])
        todo = [task for task in tasks if task.pixel_row not in done]
        refuse_full_disk(folder, len(todo) * math.prod(compute_shape(image)))
        offset = read_array(folder / journal.PIXELS).offset
        job = Job(source, image, folder / journal.PIXELS, offset)
        with name_failed_write(folder / journal.PIXELS), limit_threads():
            pack_tasks(job, todo, len(tasks), threads)
        outcomes = journal.read(folder)
        journal.finish(folder, output)
    return tabulate_outcomes(accepted, outcomes)


def build_tasks(accepted: pd.DataFrame, image: ImageSpec) -> list[Task]:
    """Return a task for each image; raise DataError if marks are needed and the table has none."""
    marks: list[Mark | None] = [None] * len(accepted)
    if image.crop is not None:
        if not {"x", "y"} <= set(accepted):
            raise DataError(
                "image.crop is set, but the index has no columns x and y: with these options its rows are no"
                " marks. Set image.crop to null, or the options of the reader so that each row is a mark"
            )
        places = accepted[["x", "y"]].astype("float64").itertuples(index=False, name=None)
        marks = [None if math.isnan(x + y) else (x, y) for x, y in places]
    return [Task(*task) for task in zip(range(len(accepted)), list_paths(accepted), marks, strict=True)]


def compute_shape(image: ImageSpec) -> tuple[int, int, int]:
    """Return the shape of one packed image."""
    return image.size, image.size, image.channels


def refuse_full_disk(folder: Path, needed: int) -> None:
    """Raise DataError unless `needed` bytes are free: better now than in some hours."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(
            f"{journal.PLACE}: {free / 1e9:.1f} GB free, expected {needed / 1e9:.1f} GB for the packed"
            " images. Make room, or set a smaller image.size"
        )


@contextmanager
def limit_threads() -> Iterator[None]:
    """Keep OpenCV from starting threads of its own beside ours."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def pack_tasks(job: Job, todo: Sequence[Task], total: int, threads: int) -> None:
    """Pack the images of `todo`; what is finished is in the journal, also after an interruption."""
    finished: list[Outcome] = []

    def save() -> None:
        sync(job.pixels)  # the journal must never know of pixels that the disk does not have
        journal.append(job.pixels.parent, finished)
        finished.clear()

    pool = open_pool(threads, threads > 1 and len(todo) >= WORTH_PROCESSES and is_mostly_dicom(job, todo))
    with tqdm(total=total, initial=total - len(todo), desc="pack", unit="image", disable=None) as progress:
        try:
            for outcomes in map_in_order(pool, threads, partial(pack_group, job), todo):
                finished += outcomes
                progress.update(len(outcomes))
                if len(finished) >= JOURNALED:
                    save()
        finally:
            save()


def is_mostly_dicom(job: Job, todo: Sequence[Task]) -> bool:
    """Return, by a sample of files from the whole table, whether most are DICOM."""
    locate = build_locator(job.source.root, job.source.links)
    found = 0
    sample = todo[:: max(1, len(todo) // SAMPLE)]
    for task in sample:
        try:
            found += read_kind(locate(task.path)[0]) == "dicom"
        except ImageProblem:
            continue
    return 2 * found > len(sample)


def sync(path: Path) -> None:
    """Wait until what was written to a file, by any process, is on the disk."""
    file = os.open(path, os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def pack_group(job: Job, group: Sequence[Task]) -> list[Outcome]:
    """Pack some images."""
    locate = build_locator(job.source.root, job.source.links)
    file = os.open(job.pixels, os.O_WRONLY)
    try:
        return [pack_one(job, task, locate, file) for task in group]
    finally:
        os.close(file)


def pack_one(job: Job, task: Task, locate: Locate, file: int) -> Outcome:
    """Decode one image and write its pixels, or say why not."""
    try:
        picture = read_image(locate(task.path)[0], job.source.max_pixels)
        square = prepare(picture, job.image, task.mark)
    except ImageProblem as problem:
        return task.pixel_row, "", *[0] * len(journal.PLACES), problem.reason, problem.detail
    # A write, not a memory map: mapped pages count as memory, and a full disk would kill the process.
    write_pixels(file, square, job.offset + task.pixel_row * square.size)
    mark = task.mark if job.image.crop else None
    places = (*picture.stored.shape[::-1], *find_region(picture, job.image.crop, mark))
    return task.pixel_row, hash_pixels(picture, mark), *places, "", ""


def write_pixels(file: int, square: NDArray[np.uint8], start: int) -> None:
    """Write all bytes of an image to a place of a file: a call may write only some, and say no more of it.

    `square` (height, width, channels) uint8.
    """
    rest = np.ascontiguousarray(square).data.cast("B")
    while rest:
        written = os.pwrite(file, rest, start)
        rest = rest[written:]
        start += written


def tabulate_outcomes(accepted: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide what was journaled into the rows packed and the rows rejected, in the order of `accepted`."""
    outcomes = outcomes.drop_duplicates("pixel_row").sort_values("pixel_row", ignore_index=True)
    table = accepted[["image_id", "row", "path"]].reset_index(drop=True).join(outcomes)
    packed = table["reason"] == ""
    rows = table.loc[packed, ["image_id", "row", "pixel_row", "sha256", *journal.PLACES]]
    rejected = table.loc[~packed, list(REJECTED_COLUMNS)]
    return rows.reset_index(drop=True), rejected.reset_index(drop=True)
