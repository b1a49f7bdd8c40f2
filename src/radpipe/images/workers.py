"""Jobs -> workers, a few groups at a time, and their results back in order."""

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

import cv2

GROUP = 16  # jobs given to a worker at once
WAITING = 3  # groups per worker that are under way, so that none is idle while results are written

Job = TypeVar("Job")
Result = TypeVar("Result")


def open_pool(workers: int, processes: bool) -> Executor:
    """Start workers: threads where decoding releases the interpreter lock, as OpenCV does; else processes.

    Processes are spawned, not forked: threads may be at work here, and a fork would copy their locks.
    """
    if processes:
        return ProcessPoolExecutor(workers, get_context("spawn"), isolate_worker)
    return ThreadPoolExecutor(workers)


def isolate_worker() -> None:
    """Keep OpenCV from starting threads in a worker; leave an interruption to the parent."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def map_in_order(
    pool: Executor, workers: int, work: Callable[[Sequence[Job]], Result], todo: Sequence[Job]
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
