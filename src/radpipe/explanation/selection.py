"""Predictions -> the cases shown: the most certain, right and wrong, and those on which the arms disagree.

All of it depends on order, not on probability: a weighted loss shifts every probability, but not the order of
the cases. No threshold is needed, so a finding that is flagged at none has cases too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from radpipe.evaluation.metrics import sigmoid
from radpipe.predictions import Predictions

# Kind -> the label that its cases have, and whether the highest logits come first.
KINDS = {"found": (1, True), "missed": (1, False), "alarm": (0, True)}
DISAGREEMENT = "disagreement"
COLUMNS = ["finding", "kind", "arm", "position"]


def choose_cases(arms: Mapping[str, Predictions], wanted: int) -> pd.DataFrame:
    """Choose cases of each kind for each finding: of different patients, equal ones in their order.

    Parameters
    ----------
    arms
        The same cases in the same order, as each arm predicts them.
    wanted
        At most so many of each kind, arm and finding.

    Returns
    -------
    DataFrame
        finding; kind: `found` (the positives with the highest logits), `missed` (those with the lowest, none
        that was found), `alarm` (the negatives with the highest), `disagreement`; arm, "" where it is about
        both; position of the case.
    """
    first = next(iter(arms.values()))
    patients = first.cases["patient_id"]
    lines = []
    for j, finding in enumerate(first.targets):
        logits = {arm: each.logits[:, j] for arm, each in arms.items()}
        for kind, arm, order in order_cases(first.labels[:, j], logits, wanted, patients):
            lines += [(finding, kind, arm, int(position)) for position in order]
    return pd.DataFrame(lines, columns=COLUMNS)


def order_cases(
    labels: NDArray[np.float32],
    logits: Mapping[str, NDArray[np.float32]],
    wanted: int,
    patients: pd.Series,
) -> Iterator[tuple[str, str, NDArray[np.intp]]]:
    """Yield kind, arm and the positions chosen of one finding.

    `labels` (cases,) float32, `logits` (cases,) float32 of each arm; positions are intp.
    """
    for arm, values in logits.items():
        used = np.zeros(len(labels), bool)
        for kind, (label, highest) in KINDS.items():
            order = np.argsort(-values if highest else values, kind="stable")
            chosen = keep_first_per_patient(order[(labels == label)[order] & ~used[order]], patients, wanted)
            used[chosen] = True
            yield kind, arm, chosen
    if len(logits) > 1:
        apart = measure_disagreement(labels, logits)
        order = np.argsort(-apart, kind="stable")
        yield DISAGREEMENT, "", keep_first_per_patient(order[apart[order] > 0], patients, wanted)


def measure_disagreement(
    labels: NDArray[np.float32], logits: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float64]:
    """Measure by how much the arms order a case differently.

    Returns
    -------
    (cases,) float64
        |ln(place by one arm / place by the other)|, 0 where the label is unknown. Third against three
        hundredth counts as much as first against hundredth, and far more than the same distance among the
        many cases that both arms predict to be negative.
    """
    logarithms = [np.log(rank_cases(labels, values)) for values in logits.values()]
    apart: NDArray[np.float64] = np.nan_to_num(np.ptp(logarithms, axis=0))
    return apart


def rank_cases(labels: NDArray[np.float32], logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the place of each case with a known label, 1 for the highest logit; NaN for the others.

    Equal logits share the better place.

    `labels` and `logits` (cases,) float32; returned (cases,) float64.
    """
    known = ~np.isnan(labels)
    found = np.full(len(labels), np.nan)
    found[known] = rankdata(-logits[known], method="min")
    return found


def keep_first_per_patient(order: NDArray[np.intp], patients: pd.Series, wanted: int) -> NDArray[np.intp]:
    """Keep the first case of each patient, and of these the first ones.

    `order` (cases,) intp, positions; returned (chosen,) intp.
    """
    repeated = patients.iloc[order].duplicated().to_numpy()
    return order[~repeated][:wanted]


def describe_cases(
    arms: Mapping[str, Predictions], shown: pd.DataFrame, pairs: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """Gather what is known of the chosen cases, finding by finding.

    Parameters
    ----------
    shown
        From `choose_cases`.
    pairs : DataFrame
        finding and position of each case once; its index is the place of the map.
    """
    first = next(iter(arms.values()))
    rows = first.cases["row"].to_numpy()
    described = {}
    for j, finding in enumerate(first.targets):
        labels = first.labels[:, j]
        groups = shown[shown["finding"] == finding].groupby(["kind", "arm"], sort=False)["position"]
        described[finding] = {
            "known": int((~np.isnan(labels)).sum()),
            "positives": int((labels == 1).sum()),
            "groups": [
                {"kind": kind, "arm": arm, "rows": rows[positions].tolist()}
                for (kind, arm), positions in groups
            ],
            "cases": _describe_finding(arms, j, pairs[pairs["finding"] == finding]["position"]),
        }
    return described


def _describe_finding(arms: Mapping[str, Predictions], j: int, positions: pd.Series) -> list[dict[str, Any]]:
    """Return what is known of the chosen cases of one finding; the index of `positions` counts the maps."""
    first = next(iter(arms.values()))
    rows = first.cases["row"].to_numpy()
    labels = first.labels[:, j]
    ranks = {arm: rank_cases(labels, each.logits[:, j]) for arm, each in arms.items()}
    return [
        {
            "row": int(rows[position]),
            "label": int(labels[position]),
            "map": place,
            "probability": {
                arm: round(float(sigmoid(each.logits[position, j])), 6) for arm, each in arms.items()
            },
            "place": {arm: int(rank[position]) for arm, rank in ranks.items()},
        }
        for place, position in zip(positions.index.to_list(), positions, strict=True)
    ]
