"""Predictions -> one of the scores by name, with what it is made of."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.targets import group
from radpipe.errors import ConfigError
from radpipe.evaluation.competition_scores import classes, hemorrhage, lumbar
from radpipe.evaluation.metrics import nan_to_none, sigmoid
from radpipe.predictions import Predictions

Score = dict[str, Any]
LOWER = "lower"
HIGHER = "higher"
FLOOR = 1e-3  # [probability]; costs an answer that is sure and right at most 0.002, caps a wrong one at 6.9


def compute_score(name: str, predictions: Predictions) -> Score | None:
    """Compute the score of a data set.

    Parameters
    ----------
    name
        A key of SCORES, or `none`.
    predictions
        Of the cases that count.

    Returns
    -------
    dict
        name; value; better (lower, higher); over and of: how many of how many targets it is over; parts; of
        classes that exclude each other their confusion: classes, and counts (true class x most probable one).
        Undefined numbers are None. None for the name `none`.

    Raises
    ------
    ConfigError
        If no target belongs to this score.
    """
    if name == "none":
        return None
    found = SCORES[name](predictions)
    if not found["over"]:
        raise ConfigError(
            f"evaluate.score: {name} knows none of the targets {list(predictions.targets)}; set it to none"
        )
    parts = {part: nan_to_none(value) for part, value in found["parts"].items()}
    return {"name": name, **found, "value": nan_to_none(found["value"]), "parts": parts}


def score_hemorrhage(predictions: Predictions) -> Score:
    """Compute the weighted log loss; the parts are the log losses of the targets."""
    probabilities = sigmoid(predictions.logits)
    losses = {
        name: hemorrhage.compute_log_loss(predictions.labels[:, j], probabilities[:, j])
        for j, name in enumerate(predictions.targets)
        if name in hemorrhage.WEIGHTS
    }
    value = hemorrhage.average_log_losses(losses)
    return {
        "value": value,
        "better": LOWER,
        "over": len(losses),
        "of": len(hemorrhage.WEIGHTS),
        "parts": losses,
    }


def score_lumbar(predictions: Predictions) -> Score:
    """Compute the mean of four weighted log losses; the parts are these, accuracy and macro F1.

    A study's prediction is the mean over its images with the grade.
    """
    grades = tabulate_grades(predictions)
    parts = lumbar.compute_lumbar_score(grades)
    value = parts.pop("score")
    truth = grades["severity"].to_numpy(np.int64)
    chosen = grades[list(lumbar.SEVERITIES)].to_numpy().argmax(axis=1)
    rates = {
        "accuracy": classes.compute_accuracy(truth, chosen),
        "macro_f1": classes.compute_macro_f1(truth, chosen),
    }
    return {
        "value": value,
        "better": LOWER,
        "over": grades["grade"].nunique(),
        "of": lumbar.GRADES,
        "parts": parts | rates,
        "confusion": _describe_confusion(truth, chosen, lumbar.SEVERITIES),
    }


def score_classes(predictions: Predictions) -> Score:
    """Compute macro F1 of the most probable class, all grades as one list; the part is accuracy."""
    truth = np.empty(0, np.int64)
    chosen = np.empty(0, np.int64)
    grades = {grade: at for grade, at in group(predictions.targets).items() if len(at) > 1}
    words = predictions.targets
    names = {tuple(words[j].removeprefix(f"{grade}:") for j in at) for grade, at in grades.items()}
    for at in grades.values():
        labels = predictions.labels[:, at]
        known = (labels == 1).sum(axis=1) == 1
        truth = np.append(truth, labels[known].argmax(axis=1))
        chosen = np.append(chosen, predictions.logits[known][:, at].argmax(axis=1))
    found: Score = {
        "value": classes.compute_macro_f1(truth, chosen),
        "better": HIGHER,
        "over": len(grades),
        "of": len(grades),
        "parts": {"accuracy": classes.compute_accuracy(truth, chosen)},
    }
    if len(names) == 1:
        found["confusion"] = _describe_confusion(truth, chosen, names.pop())
    return found


def tabulate_grades(predictions: Predictions) -> pd.DataFrame:
    """Return one row per study and known grade.

    Targets are `<condition>_<level>:<class>`, either all three classes or, cumulative, `moderate` (or worse)
    and `severe`; other grades are left out. A study is a patient.

    Returns
    -------
    DataFrame
        study_id, grade, condition, severity, normal_mild, moderate, severe.
    """
    tables = [
        table
        for grade, at in group(predictions.targets).items()
        if (table := _tabulate_one_grade(predictions, grade, at)) is not None
    ]
    columns = ["study_id", "grade", "condition", "severity", *lumbar.SEVERITIES]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _tabulate_one_grade(predictions: Predictions, grade: str, at: list[int]) -> pd.DataFrame | None:
    names = [predictions.targets[j].removeprefix(f"{grade}:") for j in at]
    if set(names) not in ({*lumbar.SEVERITIES}, {*lumbar.SEVERITIES[1:]}):
        return None
    at = [at[names.index(name)] for name in lumbar.SEVERITIES if name in names]
    known = ~np.isnan(predictions.labels[:, at]).any(axis=1)
    study_id = predictions.cases["patient_id"].to_numpy()[known]
    labels = pd.DataFrame(predictions.labels[known][:, at]).groupby(study_id).first().to_numpy()
    means = pd.DataFrame(sigmoid(predictions.logits[known][:, at])).groupby(study_id).mean()
    # Counted from the last class: the severity is how many cumulative targets hold, or which class does.
    cumulative = len(at) < len(lumbar.SEVERITIES)
    severity = labels.sum(axis=1) if cumulative else labels.argmax(axis=1)
    three = repair_cumulative(means.to_numpy()) if cumulative else means.to_numpy()
    table = pd.DataFrame(three, columns=list(lumbar.SEVERITIES)).assign(severity=severity, grade=grade)
    return table.assign(study_id=means.index, condition=grade.rsplit("_", 2)[0])


def repair_cumulative(cumulative: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn P(moderate or worse) and P(severe) into the probabilities of the three classes.

    Two outputs that are learned apart can contradict each other: severe cannot be likelier than moderate
    or worse, and is lowered to it before differences are taken. That leaves nothing for moderate, and a
    contradiction is no proof against it: each class gets at least `FLOOR`, and the three are renormalised.
    Else one such case costs 36, the log loss at the smallest number that scikit-learn tells from 0, which
    is 33 times as much as knowing nothing, log(3).

    Parameters
    ----------
    cumulative : (..., 2) float
        P(moderate or worse), P(severe).

    Returns
    -------
    (..., 3) float64
        P(normal or mild), P(moderate), P(severe); none below 0.0009, their sum 1.
    """
    worse = np.asarray(cumulative[..., 0], np.float64)
    severe = np.minimum(worse, cumulative[..., 1])
    three = np.stack([1 - worse, worse - severe, severe], axis=-1).clip(FLOOR)
    return np.asarray(three / three.sum(axis=-1, keepdims=True), np.float64)


def _describe_confusion(
    truth: NDArray[np.int64], chosen: NDArray[np.int64], names: Sequence[str]
) -> dict[str, Any]:
    counts = classes.count_confusion(truth, chosen, len(names))
    return {"classes": list(names), "counts": counts.tolist()}


SCORES: dict[str, Callable[[Predictions], Score]] = {
    "hemorrhage": score_hemorrhage,
    "lumbar": score_lumbar,
    "classes": score_classes,
}
