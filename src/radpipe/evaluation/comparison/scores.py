"""The score of the data set; where it is a ratio of sums, from each resample of the patients too."""

import numpy as np

from radpipe.evaluation.competition_scores import hemorrhage
from radpipe.evaluation.competition_scores.predicted import score
from radpipe.evaluation.estimates import Resampled, Values
from radpipe.evaluation.intervals.resampling import resample_sums, sum_by_patient
from radpipe.evaluation.metrics import sigmoid
from radpipe.predictions import Predictions


def score_values(name: str, test: Predictions, part: Resampled) -> dict[str, Values]:
    """Compute a score and its parts; empty for the name `none`.

    The haemorrhage score is a mean of mean losses, and has resamples. The others take the mean over a study's
    images or the most probable class before they sum: they are computed from all patients alone.
    """
    found = score(name, test)
    if not found:
        return {}
    values = {name: found["value"], **found["parts"]}
    points = {part_name: np.array([value], np.float64) for part_name, value in values.items()}
    return points | (hemorrhage_values(test, part) if name == "hemorrhage" else {})


def hemorrhage_values(test: Predictions, part: Resampled) -> dict[str, Values]:
    """Compute the weighted log loss and those of the targets in each resample."""
    targets = [target for target in test.targets if target in hemorrhage.WEIGHTS]
    columns = [test.targets.index(target) for target in targets]
    labels = test.labels[:, columns]
    losses = hemorrhage.losses(labels, sigmoid(test.logits[:, columns]))
    known = ~np.isnan(losses)
    sums = sum_by_patient(np.hstack([np.where(known, losses, 0), known]), part.codes)
    totals, counts = np.hsplit(resample_sums(part.multiplicities, sums), 2)
    with np.errstate(invalid="ignore"):  # 0 / 0: nothing is known
        parts = totals / counts
    weights = ~np.isnan(parts) * np.array([hemorrhage.WEIGHTS[target] for target in targets])
    with np.errstate(invalid="ignore"):
        value = (np.nan_to_num(parts) * weights).sum(axis=1) / weights.sum(axis=1)
    return {"hemorrhage": value, **dict(zip(targets, parts.T, strict=True))}
