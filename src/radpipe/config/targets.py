"""How targets belong together: classes of one grade, left and right. Their names contain all of it.

With `targets.kind: binary` each target is a question of its own. With `categorical` the targets
`<grade>:<class>` of a grade exclude each other: one of them is 1, and their probabilities add up to 1.
"""

from collections.abc import Sequence

ALL = "all"  # of targets.include
SIDES = {"left_": "right_", "right_": "left_"}


def group(targets: Sequence[str]) -> dict[str, list[int]]:
    """Return the positions of the classes of each grade, in the order of the targets.

    The grade is the text before the last colon. Targets without one are the classes of one grade
    without a name.
    """
    grades: dict[str, list[int]] = {}
    for position, target in enumerate(targets):
        grades.setdefault(target.rpartition(":")[0], []).append(position)
    return grades


def find_lone_classes(targets: Sequence[str]) -> list[str]:
    """Return the grades that have a single class."""
    return [name for name, at in group(targets).items() if len(at) < 2]


def refuse_lone_classes(targets: Sequence[str]) -> None:
    """Raise ValueError if a grade has a single class: of categorical targets one is present."""
    lone = find_lone_classes(targets)
    if lone:
        raise ValueError(f"kind is categorical, but of {lone} there is a single class, expected two or more")


def mirror(targets: Sequence[str]) -> list[int | None]:
    """Return the position of the target that each target is in the mirror image of the patient.

    `left_...` and `right_...` change places; None where the other side is no target, so that nothing is
    known of it. All other targets stay.

    Examples
    --------
    >>> mirror(["left_canal", "right_canal", "heart"])
    [1, 0, 2]
    """
    positions = {target: position for position, target in enumerate(targets)}
    return [positions.get(_swap_side(target)) for target in targets]


def _swap_side(target: str) -> str:
    side = next((side for side in SIDES if target.startswith(side)), "")
    return SIDES.get(side, "") + target.removeprefix(side)
