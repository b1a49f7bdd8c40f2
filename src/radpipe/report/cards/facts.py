"""How a card writes what it knows."""

from collections.abc import Iterable

Facts = dict[str, str]  # name -> words; what is not known is absent
NOT_REPORTED = "not reported"


def join(words: Iterable[str], between: str = ", ") -> str:
    """Join what is not empty."""
    return between.join(word for word in words if word)


def several(number: int, name: str) -> str:
    """Count things: 1 image, 2 images."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
