"""The AUROC of a cross-validation round by round, beside that of all its predictions joined.

Joined, the scores of different networks are ranked against each other: where one network has higher scores
than another for the same patients, that AUROC is lower, though each network ranks its own patients well. The
mean over the rounds ranks within each network alone, over fewer patients at a time.

References
----------
Forman and Scholz, ACM SIGKDD Explorations 12(1), 2010, "Apples-to-apples in cross-validation studies".
"""

from typing import Any

import numpy as np

from radpipe.evaluation.metrics import average_known, compute_ranking, nan_to_none
from radpipe.predictions import ROUND, Predictions


def compute_auroc_by_round(predictions: Predictions) -> dict[str, Any] | None:
    """Compute the AUROC of each finding among the test cases of each round.

    Returns
    -------
    dict or None
        count (of rounds); findings: finding -> values (of each round, None where a class is absent), mean
        and over, the rounds that it is over; macro: mean over the findings that have one, over. None for
        predictions outside a cross-validation.
    """
    test = predictions.select_split("test")
    if ROUND not in test.cases:
        return None
    number = test.cases[ROUND].to_numpy()
    chosen = [number == each for each in np.unique(number)]
    areas = {
        target: [compute_ranking(test.labels[rows, j], test.logits[rows, j])["auroc"] for rows in chosen]
        for j, target in enumerate(test.targets)
    }
    findings = {
        target: {"values": [nan_to_none(value) for value in values], **_average(values)}
        for target, values in areas.items()
    }
    macro = _average([average_known(values)[0] for values in areas.values()])
    return {"count": len(chosen), "findings": findings, "macro": macro}


def _average(values: list[float]) -> dict[str, Any]:
    mean, over = average_known(values)
    return {"mean": nan_to_none(mean), "over": over}
