"""The arms of a comparison: the first is the reference, every difference is the second minus the first."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from radpipe.config.runs import RunName

PLAIN = "bce"
WEIGHTED = "wbce"
PHRASES = {PLAIN: "the plain loss", WEIGHTED: "the weighted loss"}
Value = TypeVar("Value")


def list_arms(runs: Iterable[RunName]) -> tuple[str, ...]:
    """Return each arm once: the plain loss before the weighted one, other models in the order given."""
    arms = dict.fromkeys(arm for arm, _ in runs)
    return tuple(sorted(arms, key=lambda arm: [*PHRASES, arm].index(arm)))


def group_by_arm(values: Mapping[RunName, Value]) -> dict[str, list[Value]]:
    """Return the values of each arm, in the order of `list_arms`; within an arm by seed."""
    return {arm: [values[run] for run in sorted(values) if run[0] == arm] for arm in list_arms(values)}


def format_arm(arm: str) -> str:
    """Name an arm within a sentence."""
    return PHRASES.get(arm, arm)
