"""Images to pack -> workers, a few groups at a time, and their results back in order."""

import math
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple, TypeVar

import cv2
import pandas as pd

from radpipe.config import ImageSpec
from radpipe.errors import DataError
from radpipe.images.crop import Mark
from radpipe.images.paths import paths_of

GROUP = 16  # images given to a worker at once
WAITING = 3  # groups per worker that are under way, so that none is idle while the journal is written

Result = TypeVar("Result")


class Task(NamedTuple):
    """One image to pack: its row in the pixels, its path, and the mark that it is cropped around."""

    pixel_row: int
    path: str | None
    mark: Mark | None


def tasks_of(accepted: pd.DataFrame, image: ImageSpec) -> list[Task]:
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
    return [Task(*task) for task in zip(range(len(accepted)), paths_of(accepted), marks, strict=True)]


def open_pool(workers: int, processes: bool) -> Executor:
    """Start workers: threads where decoding releases the interpreter lock, as OpenCV does; else processes.

    Processes are spawned, not forked: threads may be at work here, and a fork would copy their locks.
    """
    if processes:
        return ProcessPoolExecutor(workers, get_context("spawn"), start_alone)
    return ThreadPoolExecutor(workers)


def start_alone() -> None:
    """Keep OpenCV from starting threads in a worker; leave an interruption to the parent."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def in_order(
    pool: Executor, workers: int, work: Callable[[Sequence[Task]], Result], todo: Sequence[Task]
) -> Iterator[Result]:
    """Yield what `work` makes of each group of `todo`; only a few groups are under way at any time."""
    waiting: deque[Future[Result]] = deque()
    try:
        for start in range(0, len(todo), GROUP):
            waiting.append(pool.submit(work, todo[start : start + GROUP]))
            if len(waiting) >= WAITING * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
