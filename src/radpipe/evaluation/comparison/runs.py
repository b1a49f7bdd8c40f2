"""Which runs there are, and that they can be compared."""

from radpipe.config.runs import format_run_name
from radpipe.errors import DataError
from radpipe.evaluation.arms import in_order
from radpipe.evaluation.estimates import Runs


def arms_of(runs: Runs) -> tuple[str, ...]:
    """Return the arms, the reference first."""
    return in_order(arm for arm, _ in runs)


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
        raise DataError(
            f"the predictions of {format_run_name(*first)} hold no case of the test part, expected some"
        )
    for run, predictions in others:
        same = reference.cases[["id", "split"]].equals(predictions.cases[["id", "split"]])
        if not same or reference.targets != predictions.targets:
            raise DataError(
                f"compare: the predictions of {format_run_name(*run)} and {format_run_name(*first)} hold "
                "other cases or findings, expected the same in the same order: train both arms on one split"
            )
