"""How targets belong together: a binary target stands alone, the classes of a grade share one softmax."""

from collections.abc import Sequence


def grade_of(target: str) -> str:
    """Return the grade of a class: what stands before the colon of `<grade>:<class>`, or nothing."""
    return target.rpartition(":")[0]


def group(targets: Sequence[str]) -> dict[str, list[int]]:
    """Return the positions of the classes of each grade, in the order of the targets.

    Targets without a colon are the classes of one grade without a name.
    """
    grades: dict[str, list[int]] = {}
    for position, target in enumerate(targets):
        grades.setdefault(grade_of(target), []).append(position)
    return grades
