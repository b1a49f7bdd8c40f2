"""Which runs there are, and that they can be compared."""

import re
from collections.abc import Mapping

from radpipe.config.runs import in_order
from radpipe.errors import DataError
from radpipe.predictions import Predictions

Runs = Mapping[tuple[str, int], Predictions]  # (arm, seed) -> predictions


def arms_of(runs: Runs) -> tuple[str, ...]:
    """Return the arms, the reference first."""
    return in_order(arm for arm, _ in runs)


def parse_run(name: str) -> tuple[str, int]:
    """Read the arm and the seed from the name of a run's folder, `wbce_s0`."""
    match = re.fullmatch(r"(\w+)_s(\d+)", name)
    if match is None:
        raise DataError(f"{name}: no run, expected a folder named <loss>_s<seed>, such as wbce_s0")
    return match[1], int(match[2])


def refuse_unpaired(runs: Runs) -> None:
    """Paired differences need two arms with the same seeds.

    Raises
    ------
    DataError
        If there are more arms, or an arm lacks a seed of the other.
    """
    seeds = {arm: sorted(seed for other, seed in runs if other == arm) for arm in arms_of(runs)}
    if len(seeds) > 2:
        raise DataError(f"compare: found {len(seeds)} arms, {', '.join(seeds)}, expected one or two")
    if len(seeds) == 2 and len({tuple(found) for found in seeds.values()}) > 1:
        words = "; ".join(f"{arm}: {', '.join(map(str, found))}" for arm, found in seeds.items())
        raise DataError(f"compare: the arms have different seeds ({words}), expected the same of both")


def refuse_different_cases(runs: Runs) -> None:
    """Paired differences need the same cases, in the same order, and the same findings; and test cases."""
    (first, reference), *others = runs.items()
    if not (reference.cases["split"] == "test").any():
        raise DataError(f"the predictions of {_name(first)} hold no case of the test part, expected some")
    for run, predictions in others:
        same = reference.cases[["id", "split"]].equals(predictions.cases[["id", "split"]])
        if not same or reference.targets != predictions.targets:
            raise DataError(
                f"compare: the predictions of {_name(run)} and {_name(first)} hold other cases or findings, "
                "expected the same in the same order: train both arms on one split"
            )


def _name(run: tuple[str, int]) -> str:
    return f"{run[0]}_s{run[1]}"
