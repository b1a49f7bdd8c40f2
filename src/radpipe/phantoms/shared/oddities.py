"""What is wrong with a few files and rows of the real data sets: how often, and in which rows."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Rows = dict[str, NDArray[np.int64]]  # by what is wrong with them


def count_oddities(oddities: Mapping[str, int], patients: int, each: int) -> dict[str, int]:
    """Return how many rows each oddity takes: so many for each `each` patients, once at least."""
    times = max(1, round(patients / each))
    return {kind: number * times for kind, number in oddities.items()}


def deal(rows: NDArray[np.int64], counts: Mapping[str, int]) -> Rows:
    """Give each oddity the rows that it takes, from the front."""
    ends = np.cumsum(list(counts.values()))
    return dict(zip(counts, np.split(rows[: ends[-1]], ends[:-1]), strict=True))


def damage(content: bytes, oddity: str | None, kept: int) -> bytes | None:
    """Return the content of a file of an oddity: `kept` bytes of one that is truncated; None: no file."""
    if oddity == "missing":
        return None
    if oddity == "empty":
        return b""
    return content[:kept] if oddity == "truncated" else content
