"""Training labels -> class weights, and the findings that are too rare for them.

In a cross-validation each round has the weights of its own training patients. A finding that is too rare
in one round is dropped in all: their networks answer the same questions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config import targets as groups
from radpipe.config.data import Kind, TargetsSpec
from radpipe.config.targets import group
from radpipe.errors import ConfigError, DataError

COUNTS = ("negatives", "positives", "negative_patients", "positive_patients")


def compute_weights(labels: pd.DataFrame, patient_id: pd.Series, kind: Kind = "binary") -> pd.DataFrame:
    """Compute the weight of an absent and of a present finding from the training set.

    Parameters
    ----------
    labels
        (training images, findings) float32; NaN = unknown, which does not count.
    patient_id
        Of the same images.
    kind
        categorical: of the K classes of a grade only the present one weighs, N / (K * N+).

    Returns
    -------
    DataFrame
        One row per finding: absent, present (weights, float64), negatives, positives (images),
        negative_patients, positive_patients. A finding without one class has an infinite weight.

    References
    ----------
    ``absent = (1 / N-) * (N / 2)`` and ``present = (1 / N+) * (N / 2)``, N = N- + N+, in this order of
    operations: it reproduces the published weights of ChestX-ray14 to the last digit. For K classes see
    scikit-learn's compute_class_weight, "balanced".

    Examples
    --------
    One of four images has the finding: 4 / (2 * 3) where it is absent, 4 / (2 * 1) where it is present.

    >>> labels = pd.DataFrame({"Mass": [1, 0, 0, 0]})
    >>> compute_weights(labels, pd.Series(list("abcd"))).loc["Mass", ["absent", "present"]].round(3).tolist()
    [0.667, 2.0]
    """
    positive = labels == 1
    negative = labels == 0
    positives = positive.sum()
    negatives = negative.sum()
    categorical = kind == "categorical"
    share = (positives + negatives) / (count_classes(labels.columns.to_list()) if categorical else 2)
    groups = patient_id.to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        absent = 0.0 * share if categorical else (1 / negatives) * share
        weights = {"absent": absent, "present": (1 / positives) * share}
    return pd.DataFrame(
        {
            **weights,
            "negatives": negatives,
            "positives": positives,
            "negative_patients": negative.groupby(groups).any().sum(),
            "positive_patients": positive.groupby(groups).any().sum(),
        }
    )


def count_classes(targets: Sequence[str]) -> list[int]:
    """Return, for each target, how many classes its grade has."""
    sizes = {position: len(at) for at in group(targets).values() for position in at}
    return [sizes[position] for position in range(len(targets))]


def drop_rare(
    table: pd.DataFrame, spec: TargetsSpec, rounds: Sequence[pd.DataFrame] = ()
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Separate the findings that too few training patients have, or lack; of a class, the whole grade.

    Parameters
    ----------
    table
        From `compute_weights`.
    spec
        The section `targets`.
    rounds
        Of a cross-validation: the tables of its rounds, which decide in place of `table`.

    Returns
    -------
    DataFrame, dict
        The rows of `table` that stay; and why each other finding was dropped.

    Raises
    ------
    DataError
        If one is too rare and `targets.too_rare` is stop, or none is left.
    """
    reasons = find_rare(rounds or [table], spec.min_positive_patients)
    if spec.kind == "categorical":
        reasons |= find_incomplete_grades(table.index.to_list(), reasons)
    named = "; ".join(f"{finding}: {reason}" for finding, reason in reasons.items())
    if reasons and spec.too_rare == "stop":
        raise DataError(f"too rare (targets.too_rare is stop): {named}; leave them out of targets.include")
    if len(reasons) == len(table):
        raise DataError(f"no finding is left to learn: {named}")
    return table.drop(index=list(reasons)), reasons


def find_rare(tables: Sequence[pd.DataFrame], least: int) -> dict[str, str]:
    """Return why each finding is too rare that fewer than `least` training patients have, or lack.

    Of several tables, those of rounds, the one with the fewest patients is named.
    """
    reasons = {}
    for finding in map(str, tables[0].index):
        for kind, words in (("positive", "with"), ("negative", "without")):
            patients = [int(table[f"{kind}_patients"].loc[finding]) for table in tables]
            fewest = min(patients)
            where = f" in round {patients.index(fewest)}" if len(tables) > 1 else ""
            if fewest < least:
                reasons[finding] = f"{fewest} training patients {words} it{where}, expected {least} or more"
    return reasons


def find_incomplete_grades(targets: Sequence[str], reasons: dict[str, str]) -> dict[str, str]:
    """Return why the other classes of each dropped class go as well: the rest of a grade is no grade."""
    further: dict[str, str] = {}
    for at in group(targets).values():
        names = [targets[position] for position in at]
        rare = next((name for name in names if name in reasons), None)
        if rare is not None:
            others = [name for name in names if name not in reasons]
            further |= dict.fromkeys(others, f"a class of its grade, {rare}, is too rare")
    return further


def refuse_lone_classes(spec: TargetsSpec, labels: pd.DataFrame) -> None:
    """Stop if a grade of categorical targets has a single class among the findings of the tables."""
    try:
        if spec.kind == "categorical":
            groups.refuse_lone_classes([str(name) for name in labels.columns])
    except ValueError as error:
        raise ConfigError(f"targets: {error}") from None


def refuse_unknown(findings: Sequence[str], weights: Mapping[str, Any]) -> None:
    """Stop if a finding that is to be repeated is none of weights.json, kept or dropped."""
    known = [*weights["targets"], *weights["dropped"]]
    foreign = [name for name in findings if name not in known]
    if foreign:
        raise ConfigError(f"train.rare.findings: {', '.join(foreign)} not among the findings {known}")


def to_json(
    kept: pd.DataFrame, table: pd.DataFrame, reasons: dict[str, str], rounds: Sequence[pd.DataFrame] = ()
) -> dict[str, Any]:
    """Arrange weights.json.

    Of a cross-validation, `targets` are the weights of all patients, for readers: `rounds` holds those
    that the network of each round is trained with, in their order.
    """
    counted = {name: table[name].to_dict() for name in COUNTS}
    return {
        "targets": _build_entries(kept),
        "dropped": {
            finding: {"reason": reason, **{name: int(counted[name][finding]) for name in COUNTS}}
            for finding, reason in reasons.items()
        },
        **({"rounds": [_build_entries(each.loc[kept.index]) for each in rounds]} if rounds else {}),
    }


def tabulate(entries: Mapping[str, Mapping[str, float]]) -> NDArray[np.float64]:
    """Turn the targets of weights.json, or one of its rounds, into (2, targets): absent, present."""
    return np.array([[entry["absent"], entry["present"]] for entry in entries.values()]).T


def _build_entries(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {
        str(finding): {
            **{name: float(row[name]) for name in ("absent", "present")},
            **{name: int(row[name]) for name in COUNTS},
        }
        for finding, row in table.iterrows()
    }
