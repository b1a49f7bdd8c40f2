"""Facts for the cards, and the words they are written with."""

from collections.abc import Iterable

Facts = dict[str, str]  # name -> text; unknown facts are absent
NOT_REPORTED = "not reported"


def join_words(words: Iterable[str], between: str = ", ") -> str:
    """Join the words that are not empty."""
    return between.join(word for word in words if word)


def format_quantity(number: int, name: str) -> str:
    """Return a number with its noun: 1 image, 2 images."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
