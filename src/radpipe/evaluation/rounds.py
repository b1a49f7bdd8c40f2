"""The AUROC of a cross-validation round by round, beside that of all its predictions joined.

Joined, the scores of different networks are ranked against each other: where one network scores higher than
another for no reason of the patients, that AUROC suffers, though each network ranks its own patients well.
The mean over the rounds ranks within each network alone, over fewer patients a time.

References
----------
Forman and Scholz, ACM SIGKDD Explorations 12(1), 2010, "Apples-to-apples in cross-validation studies".
"""

from typing import Any

import numpy as np

from radpipe.evaluation.metrics import ranking
from radpipe.predictions import ROUND, Predictions

BY_ROUND = "auroc_by_round"


def auroc_by_round(predictions: Predictions) -> dict[str, Any] | None:
    """Compute the AUROC of each finding in the test part of each round.

    Returns
    -------
    dict or None
        count (of rounds); findings: finding -> values (of each round, None where a class is absent), mean
        and over, the rounds that it is over; macro: mean over the findings that have one, over. None for
        predictions that are of no cross-validation.
    """
    test = predictions.of_split("test")
    if ROUND not in test.cases:
        return None
    number = test.cases[ROUND].to_numpy()
    chosen = [number == each for each in np.unique(number)]
    findings = {
        target: _describe([ranking(test.labels[rows, j], test.logits[rows, j])["auroc"] for rows in chosen])
        for j, target in enumerate(test.targets)
    }
    means = [entry["mean"] for entry in findings.values() if entry["mean"] is not None]
    macro = {"mean": float(np.mean(means)) if means else None, "over": len(means)}
    return {"count": len(chosen), "findings": findings, "macro": macro}


def _describe(values: list[float]) -> dict[str, Any]:
    known = [value for value in values if not np.isnan(value)]
    return {
        "values": [None if np.isnan(value) else value for value in values],
        "mean": float(np.mean(known)) if known else None,
        "over": len(known),
    }
