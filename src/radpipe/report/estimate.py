"""Numbers that know their interval, for the cells of tables."""

from collections.abc import Sequence
from typing import Any


class Estimate(float):
    """A number with the ends of its interval, None where it has none."""

    ends: Sequence[float] | None

    def __new__(cls, value: float, ends: Sequence[float] | None = None) -> "Estimate":
        """Return the number with its interval."""
        estimate = super().__new__(cls, value)
        estimate.ends = ends
        return estimate


def ends_of(value: Any) -> Sequence[float] | None:
    """Return the interval of a value that knows one."""
    return value.ends if isinstance(value, Estimate) else None
