"""One run's predictions -> its metrics per finding and averaged, and its curves.

Every number is of the test part; thresholds are chosen on the validation part.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from radpipe.config.evaluation import EvaluateSpec
from radpipe.evaluation.competition_scores.predicted import score
from radpipe.evaluation.metrics import (
    RANKED,
    RATES,
    UNKNOWN,
    count_outcomes,
    ranking,
    rates,
    sigmoid,
    undefined_because,
)
from radpipe.evaluation.rounds import auroc_by_round
from radpipe.evaluation.thresholds import choose_threshold, describe_rule
from radpipe.predictions import Predictions

HALF = 0.5
MOST_POINTS = 500  # of a curve, for the page


def evaluate(predictions: Predictions, spec: EvaluateSpec) -> dict[str, Any]:
    """Compute the content of metrics.json: per finding, macro, weighted, pooled, the score, the rounds."""
    val, test = predictions.of_split("val"), predictions.of_split("test")
    thresholds = choose_thresholds(val, spec)
    ranked = pd.DataFrame([ranking(test.labels[:, j], test.logits[:, j]) for j in range(len(test.targets))])
    probabilities = sigmoid(test.logits)
    at = {"at_half": np.full(len(thresholds), HALF), "at_chosen": thresholds}
    counts = {name: count_outcomes(test.labels, probabilities, cut) for name, cut in at.items()}
    support = count_support(test)
    return {
        "threshold_rule": {"rule": spec.threshold, "words": describe_rule(spec)},
        "val": _size(val),
        "test": _size(test),
        "findings": describe_findings(test, ranked, support, at, counts),
        "macro": average(ranked, counts, np.ones(len(test.targets))),
        "weighted": average(ranked, counts, support["positives"].to_numpy()),
        "pooled": pool(test, counts),
        "score": score(spec.score, test),
        **({"rounds": by_round} if (by_round := auroc_by_round(predictions)) else {}),
    }


def describe_findings(
    test: Predictions,
    ranked: pd.DataFrame,
    support: pd.DataFrame,
    thresholds: dict[str, NDArray[np.float64]],
    counts: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    """Gather the numbers of each finding; `thresholds` and `counts` are by the name of the cut."""
    tables = {name: rates(table) for name, table in counts.items()}
    return {
        target: {
            "support": {str(name): int(value) for name, value in support.iloc[j].items()},
            "undefined": undefined_because(test.labels[:, j]),
            **_numbers(ranked.iloc[j]),
            **{
                name: {"threshold": _null(thresholds[name][j]), **_numbers(table.iloc[j])}
                for name, table in tables.items()
            },
        }
        for j, target in enumerate(test.targets)
    }


def choose_thresholds(val: Predictions, spec: EvaluateSpec) -> NDArray[np.float64]:
    """Choose one probability per finding on the validation part; NaN where none can be chosen."""
    probabilities = sigmoid(val.logits)
    chosen = [choose_threshold(val.labels[:, j], probabilities[:, j], spec) for j in range(len(val.targets))]
    return np.array(chosen, np.float64)


def count_support(part: Predictions) -> pd.DataFrame:
    """Count positives, negatives, unknown cases and patients with a positive case, per finding."""
    positive = part.labels == 1
    patients = pd.DataFrame(positive).groupby(part.cases["patient_id"].to_numpy()).any().sum()
    return pd.DataFrame(
        {
            "positives": positive.sum(axis=0),
            "negatives": (part.labels == 0).sum(axis=0),
            "unknown": np.isnan(part.labels).sum(axis=0),
            "positive_patients": patients.to_numpy(),
        }
    )


def average(ranked: pd.DataFrame, counts: dict[str, pd.DataFrame], weights: NDArray[Any]) -> dict[str, Any]:
    """Average over the findings that have a ranking; `over` says how many of how many those are.

    Where a rate is 0 / 0 for some of them (precision, when nothing was found), `<rate>_over` says over how
    many its mean is.
    """
    usable = ranked["auroc"].notna().to_numpy()
    share = np.where(usable, weights, 0)

    def mean(table: pd.DataFrame) -> dict[str, float | None]:
        defined = table[share > 0].notna().sum()
        means = {str(name): _null(_weighted_mean(table[name].to_numpy(), share)) for name in table}
        fewer = {f"{name}_over": int(k) for name, k in defined.items() if k < (share > 0).sum()}
        return means | fewer

    tables = {name: mean(rates(table)) for name, table in counts.items()}
    return {"over": int(usable.sum()), "of": len(usable), **mean(ranked), **tables}


def pool(test: Predictions, counts: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Take all known pairs of case and finding as one list, as the published detection rates do."""
    tables = {name: rates(table.sum().to_frame().T) for name, table in counts.items()}
    return {
        "over": int((~np.isnan(test.labels)).sum()),
        **_numbers(ranking(test.labels.ravel(), test.logits.ravel())),
        **{name: _numbers(table.iloc[0]) for name, table in tables.items()},
    }


def trace_curves(predictions: Predictions) -> pd.DataFrame:
    """Trace the ROC and precision-recall curves of the test part, of each finding and pooled.

    Returns
    -------
    DataFrame
        finding, curve (roc: x = false-positive rate, y = recall; pr: x = recall, y = precision),
        x, y, threshold [probability] float64; at most 500 points a curve, ends kept.
    """
    test = predictions.of_split("test")
    columns = {target: (test.labels[:, j], test.logits[:, j]) for j, target in enumerate(test.targets)}
    columns["pooled"] = (test.labels.ravel(), test.logits.ravel())
    curves = [curve for name, (labels, logits) in columns.items() for curve in _trace(name, labels, logits)]
    return pd.concat(curves, ignore_index=True) if curves else _curve("", "", [], [], [])


def _trace(name: str, labels: NDArray[np.float32], logits: NDArray[np.float32]) -> list[pd.DataFrame]:
    known = ~np.isnan(labels)
    truth, scores = labels[known], sigmoid(logits[known])
    if undefined_because(truth):
        return []
    fpr, tpr, cuts = roc_curve(truth, scores)
    precision, recall, levels = precision_recall_curve(truth, scores, drop_intermediate=True)
    return [
        _curve(name, "roc", fpr, tpr, np.minimum(cuts, 1.0)),
        _curve(name, "pr", recall, precision, np.append(levels, 1.0)),
    ]


def _curve(finding: str, curve: str, x: Any, y: Any, threshold: Any) -> pd.DataFrame:
    table = pd.DataFrame({"finding": finding, "curve": curve, "x": x, "y": y, "threshold": threshold})
    kept = np.unique(np.linspace(0, len(table) - 1, min(len(table), MOST_POINTS)).round().astype(int))
    return table.iloc[kept]


def _weighted_mean(values: NDArray[Any], weights: NDArray[Any]) -> float:
    known = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else UNKNOWN


def _size(part: Predictions) -> dict[str, int]:
    return {"images": len(part.cases), "patients": int(part.cases["patient_id"].nunique())}


def _numbers(values: Any) -> dict[str, float | None]:
    return {name: _null(values[name]) for name in (*RANKED, *RATES) if name in values}


def _null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
