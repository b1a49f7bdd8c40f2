"""Many files -> one memory-mapped array: each image is decoded once, whatever is trained on it later.

Threads, not processes: OpenCV and hashlib release the interpreter lock, and nothing is copied. A
thread writes its pixels straight into the file, so that memory does not grow with their number.
"""

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from radpipe.config import ImageSpec
from radpipe.errors import DataError
from radpipe.images import journal
from radpipe.images.files import pixel_hash, read_grey
from radpipe.images.journal import Outcome
from radpipe.images.paths import Locate, locator, paths_of
from radpipe.images.problems import REJECTED_COLUMNS, ImageProblem
from radpipe.images.resize import to_square

GROUP = 16  # images given to a thread at once
WAITING = 3  # groups per thread that are under way, so that none is idle while the journal is written
JOURNALED = 256  # images after which the journal is written: what a kill costs at most


@dataclass(frozen=True)
class Job:
    """What every thread knows: where images are, and the open file that their pixels go to."""

    locate: Locate
    paths: Sequence[str | None]
    image: ImageSpec
    max_pixels: int
    file: int
    offset: int


def pack(
    accepted: pd.DataFrame, root: Path, image: ImageSpec, max_pixels: int, output: Path, threads: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decode every accepted image into `output`/pixels.npy; go on where a killed pack has stopped.

    Parameters
    ----------
    accepted : DataFrame
        image_id, row, path (relative to `root`).
    root : Path
        Folder of the images.
    image : ImageSpec
        How an image becomes a square.
    max_pixels : int
        Largest image decoded [px].
    output : Path
        Folder that gets pixels.npy: (accepted images, size, size, 1) uint8, in the order of
        `accepted`; zero where an image was rejected.
    threads : int
        Images decoded at the same time.

    Returns
    -------
    rows : DataFrame
        image_id, row, pixel_row (int64), sha256 (of the source pixels), width, height [px] (int32).
    rejected : DataFrame
        row, path, reason, detail of images that cannot be used.

    Raises
    ------
    DataError
        If the disk has no room for the pixels.
    """
    key = journal.key_of(accepted, root, image, max_pixels)
    folder = journal.open_folder(key, (len(accepted), image.size, image.size, 1))
    todo = np.setdiff1d(np.arange(len(accepted)), journal.read(folder)["pixel_row"]).tolist()
    check_room(folder, len(todo) * image.size**2)
    with open_pixels(folder) as (file, offset), one_thread_per_image():
        job = Job(locator(root), paths_of(accepted), image, max_pixels, file, offset)
        work(job, todo, folder, threads)
    outcomes = journal.read(folder)
    journal.finish(folder, output)
    return tables(accepted, outcomes)


def check_room(folder: Path, needed: int) -> None:
    """Raise DataError unless `needed` bytes are free: better now than in some hours."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(
            f"{journal.PLACE}: {free / 1e9:.1f} GB free, expected {needed / 1e9:.1f} GB for the packed"
            " images. Make room, or set a smaller image.size"
        )


@contextmanager
def open_pixels(folder: Path) -> Iterator[tuple[int, int]]:
    """Yield the open file of the pixels and the byte at which they begin."""
    offset = np.load(folder / journal.PIXELS, mmap_mode="r").offset
    file = os.open(folder / journal.PIXELS, os.O_RDWR)
    try:
        yield file, offset
    finally:
        os.close(file)


@contextmanager
def one_thread_per_image() -> Iterator[None]:
    """Keep OpenCV from starting threads of its own beside ours."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def work(job: Job, todo: Sequence[int], folder: Path, threads: int) -> None:
    """Pack the images of `todo`; what is finished is in the journal, also after an interruption."""
    finished: list[Outcome] = []

    def save() -> None:
        os.fsync(job.file)  # the journal must never know of pixels that the disk does not have
        journal.append(folder, finished)
        finished.clear()

    done = len(job.paths) - len(todo)
    with tqdm(total=len(job.paths), initial=done, desc="pack", unit="image", disable=None) as progress:
        try:
            for outcomes in in_order(lambda group: pack_group(job, group), todo, threads):
                finished += outcomes
                progress.update(len(outcomes))
                if len(finished) >= JOURNALED:
                    save()
        finally:
            save()


def in_order(
    task: Callable[[Sequence[int]], list[Outcome]], todo: Sequence[int], threads: int
) -> Iterator[list[Outcome]]:
    """Yield what `task` makes of each group of `todo`; only a few groups are under way at any time."""
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for start in range(0, len(todo), GROUP):
            waiting.append(pool.submit(task, todo[start : start + GROUP]))
            if len(waiting) >= WAITING * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def pack_group(job: Job, group: Sequence[int]) -> list[Outcome]:
    """Pack some images."""
    return [pack_one(job, pixel_row) for pixel_row in group]


def pack_one(job: Job, pixel_row: int) -> Outcome:
    """Decode one image and write its pixels, or say why not."""
    try:
        grey = read_grey(job.locate(job.paths[pixel_row])[0], job.max_pixels)
    except ImageProblem as problem:
        return pixel_row, "", 0, 0, problem.reason, problem.detail
    square = to_square(grey, job.image)
    # A write, not a memory map: mapped pages count as memory, and a full disk would kill the process.
    os.pwrite(job.file, square.data, job.offset + pixel_row * square.size)
    return pixel_row, pixel_hash(grey), grey.shape[1], grey.shape[0], "", ""


def tables(accepted: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide what was journaled into the rows packed and the rows rejected, in the order of `accepted`."""
    outcomes = outcomes.drop_duplicates("pixel_row").sort_values("pixel_row", ignore_index=True)
    table = accepted[["image_id", "row", "path"]].reset_index(drop=True).join(outcomes)
    packed = table["reason"] == ""
    rows = table.loc[packed, ["image_id", "row", "pixel_row", "sha256", "width", "height"]]
    rejected = table.loc[~packed, list(REJECTED_COLUMNS)]
    return rows.reset_index(drop=True), rejected.reset_index(drop=True)
