"""Predictions -> the cases worth a look: the surest, right and wrong, and those on which the arms disagree.

All of it goes by order, not by probability: a weighted loss shifts every probability, but not the order of
the cases. A threshold is not needed, and a finding that no threshold calls has its cases too.
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


def choose(arms: Mapping[str, Predictions], wanted: int) -> pd.DataFrame:
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
        for kind, arm, order in orders(first.labels[:, j], logits, wanted, patients):
            lines += [(finding, kind, arm, int(position)) for position in order]
    return pd.DataFrame(lines, columns=COLUMNS)


def orders(
    labels: NDArray[np.float32],
    logits: Mapping[str, NDArray[np.float32]],
    wanted: int,
    patients: pd.Series,
) -> Iterator[tuple[str, str, NDArray[np.intp]]]:
    """Yield kind, arm and the positions chosen of one finding."""
    for arm, values in logits.items():
        used = np.zeros(len(labels), bool)
        for kind, (label, highest) in KINDS.items():
            order = np.argsort(-values if highest else values, kind="stable")
            chosen = first_of_each(order[(labels == label)[order] & ~used[order]], patients, wanted)
            used[chosen] = True
            yield kind, arm, chosen
    if len(logits) > 1:
        apart = disagree(labels, logits)
        order = np.argsort(-apart, kind="stable")
        yield DISAGREEMENT, "", first_of_each(order[apart[order] > 0], patients, wanted)


def disagree(labels: NDArray[np.float32], logits: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
    """Measure by how much the arms order a case differently.

    Returns
    -------
    (cases,) float64
        |ln(place by one arm / place by the other)|, 0 where the label is unknown. Third against three
        hundredth counts as much as first against hundredth, and far more than the same distance among the
        many cases that both arms hold for healthy.
    """
    logarithms = [np.log(places(labels, values)) for values in logits.values()]
    apart: NDArray[np.float64] = np.nan_to_num(np.ptp(logarithms, axis=0))
    return apart


def places(labels: NDArray[np.float32], logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the place of each case with a known label, 1 for the highest logit; NaN for the others.

    Equal logits share the better place.
    """
    known = ~np.isnan(labels)
    found = np.full(len(labels), np.nan)
    found[known] = rankdata(-logits[known], method="min")
    return found


def first_of_each(order: NDArray[np.intp], patients: pd.Series, wanted: int) -> NDArray[np.intp]:
    """Keep the first case of each patient, and of these the first ones."""
    repeated = patients.iloc[order].duplicated().to_numpy()
    return order[~repeated][:wanted]


def describe(
    arms: Mapping[str, Predictions], shown: pd.DataFrame, pairs: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """Gather what is known of the chosen cases, finding by finding.

    Parameters
    ----------
    shown
        From `choose`.
    pairs : DataFrame
        finding and position of each case once; its index is the place of the map.
    """
    first = next(iter(arms.values()))
    rows = first.cases["row"].to_numpy()
    described = {}
    for j, finding in enumerate(first.targets):
        labels = first.labels[:, j]
        order = {arm: places(labels, each.logits[:, j]) for arm, each in arms.items()}
        mine = pairs[pairs["finding"] == finding]
        groups = shown[shown["finding"] == finding].groupby(["kind", "arm"], sort=False)["position"]
        described[finding] = {
            "known": int((~np.isnan(labels)).sum()),
            "positives": int((labels == 1).sum()),
            "groups": [
                {"kind": kind, "arm": arm, "rows": rows[positions].tolist()}
                for (kind, arm), positions in groups
            ],
            "cases": [
                {
                    "row": int(rows[position]),
                    "label": int(labels[position]),
                    "map": place,
                    "probability": {
                        arm: round(float(sigmoid(each.logits[position, j])), 6) for arm, each in arms.items()
                    },
                    "place": {arm: int(each[position]) for arm, each in order.items()},
                }
                for place, position in zip(mine.index.to_list(), mine["position"], strict=True)
            ],
        }
    return described
