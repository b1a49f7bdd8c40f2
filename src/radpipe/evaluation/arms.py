"""The arms of a comparison: the first is the reference, every difference is the second minus the first."""

from collections.abc import Iterable

PLAIN = "bce"
WEIGHTED = "wbce"
SPOKEN = {PLAIN: "the plain loss", WEIGHTED: "the weighted loss"}


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return each arm once: the plain loss before the weighted one, other models in the order given."""
    known = dict.fromkeys(names)
    return tuple(sorted(known, key=lambda name: [*SPOKEN, name].index(name)))


def spoken(arm: str) -> str:
    """Name an arm within a sentence."""
    return SPOKEN.get(arm, arm)
