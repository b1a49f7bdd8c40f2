"""One run's predictions -> its metrics per finding and averaged, and its curves.

Every number is of the test set; thresholds are chosen on the validation set.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from radpipe.config.evaluation import EvaluateSpec
from radpipe.evaluation.competition_scores.predicted import compute_score
from radpipe.evaluation.metrics import (
    RANKED,
    RATES,
    UNKNOWN,
    compute_ranking,
    compute_rates,
    count_outcomes,
    find_missing_class,
    nan_to_none,
    sigmoid,
)
from radpipe.evaluation.rounds import compute_auroc_by_round
from radpipe.evaluation.thresholds import choose_threshold, format_rule
from radpipe.predictions import Predictions

HALF = 0.5
MOST_POINTS = 500  # of a curve, for the page


def evaluate(predictions: Predictions, spec: EvaluateSpec) -> dict[str, Any]:
    """Compute the content of metrics.json: per finding, macro, weighted, pooled, the score, the rounds."""
    val = predictions.select_split("val")
    test = predictions.select_split("test")
    thresholds = choose_thresholds(val, spec)
    ranked = pd.DataFrame(
        [compute_ranking(test.labels[:, j], test.logits[:, j]) for j in range(len(test.targets))]
    )
    probabilities = sigmoid(test.logits)
    at = {"at_half": np.full(len(thresholds), HALF), "at_chosen": thresholds}
    counts = {name: count_outcomes(test.labels, probabilities, cut) for name, cut in at.items()}
    support = count_support(test)
    found = {
        "threshold_rule": {"rule": spec.threshold, "words": format_rule(spec)},
        "val": _count_cases(val),
        "test": _count_cases(test),
        "findings": describe_findings(test, ranked, support, at, counts),
        "macro": average_metrics(ranked, counts, np.ones(len(test.targets))),
        "weighted": average_metrics(ranked, counts, support["positives"].to_numpy()),
        "pooled": pool_findings(test, counts),
        "score": compute_score(spec.score, test),
    }
    by_round = compute_auroc_by_round(predictions)
    return found | ({"rounds": by_round} if by_round else {})


def describe_findings(
    test: Predictions,
    ranked: pd.DataFrame,
    support: pd.DataFrame,
    thresholds: dict[str, NDArray[np.float64]],
    counts: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    """Gather the numbers of each finding; `thresholds` and `counts` are by the name of the cut.

    `thresholds`: (findings,) float64 each.
    """
    tables = {name: compute_rates(table) for name, table in counts.items()}
    return {
        target: {
            "support": {str(name): int(value) for name, value in support.iloc[j].items()},
            "undefined": find_missing_class(test.labels[:, j]),
            **_select_metrics(ranked.iloc[j]),
            **{
                name: {"threshold": nan_to_none(thresholds[name][j]), **_select_metrics(table.iloc[j])}
                for name, table in tables.items()
            },
        }
        for j, target in enumerate(test.targets)
    }


def choose_thresholds(val: Predictions, spec: EvaluateSpec) -> NDArray[np.float64]:
    """Choose one probability per finding on the validation set; NaN where none can be chosen.

    Returned (findings,) float64.
    """
    probabilities = sigmoid(val.logits)
    chosen = [choose_threshold(val.labels[:, j], probabilities[:, j], spec) for j in range(len(val.targets))]
    return np.array(chosen, np.float64)


def count_support(test: Predictions) -> pd.DataFrame:
    """Count positives, negatives, unknown cases and patients with a positive case, per finding."""
    positive = test.labels == 1
    patients = pd.DataFrame(positive).groupby(test.cases["patient_id"].to_numpy()).any().sum()
    return pd.DataFrame(
        {
            "positives": positive.sum(axis=0),
            "negatives": (test.labels == 0).sum(axis=0),
            "unknown": np.isnan(test.labels).sum(axis=0),
            "positive_patients": patients.to_numpy(),
        }
    )


def average_metrics(
    ranked: pd.DataFrame, counts: dict[str, pd.DataFrame], weights: NDArray[Any]
) -> dict[str, Any]:
    """Average over the findings that have a ranking; `over` is how many of how many those are.

    Where a rate is 0 / 0 for some of them (precision, when nothing was flagged), `<rate>_over` is how many
    its mean is over.

    `weights` (findings,) int64 or float64.
    """
    usable = ranked["auroc"].notna().to_numpy()
    share = np.where(usable, weights, 0)

    def average_columns(table: pd.DataFrame) -> dict[str, float | None]:
        defined = table[share > 0].notna().sum()
        means = {
            str(name): nan_to_none(_compute_weighted_mean(table[name].to_numpy(), share)) for name in table
        }
        fewer = {f"{name}_over": int(k) for name, k in defined.items() if k < (share > 0).sum()}
        return means | fewer

    tables = {name: average_columns(compute_rates(table)) for name, table in counts.items()}
    return {"over": int(usable.sum()), "of": len(usable), **average_columns(ranked), **tables}


def pool_findings(test: Predictions, counts: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Compute the metrics of all known pairs of case and finding as one list, as published rates are."""
    tables = {name: compute_rates(table.sum().to_frame().T) for name, table in counts.items()}
    return {
        "over": int((~np.isnan(test.labels)).sum()),
        **_select_metrics(compute_ranking(test.labels.ravel(), test.logits.ravel())),
        **{name: _select_metrics(table.iloc[0]) for name, table in tables.items()},
    }


def trace_curves(predictions: Predictions) -> pd.DataFrame:
    """Trace the ROC and precision-recall curves of the test set, of each finding and pooled.

    Returns
    -------
    DataFrame
        finding, curve (roc: x = false-positive rate, y = recall; pr: x = recall, y = precision),
        x, y, threshold [probability] float64; at most 500 points per curve, ends kept.
    """
    test = predictions.select_split("test")
    columns = {target: (test.labels[:, j], test.logits[:, j]) for j, target in enumerate(test.targets)}
    columns["pooled"] = (test.labels.ravel(), test.logits.ravel())
    curves = [
        curve for name, (labels, logits) in columns.items() for curve in _trace_finding(name, labels, logits)
    ]
    return pd.concat(curves, ignore_index=True) if curves else _tabulate_curve("", "", [], [], [])


def _trace_finding(name: str, labels: NDArray[np.float32], logits: NDArray[np.float32]) -> list[pd.DataFrame]:
    known = ~np.isnan(labels)
    truth = labels[known]
    scores = sigmoid(logits[known])
    if find_missing_class(truth):
        return []
    fpr, tpr, cuts = roc_curve(truth, scores)
    precision, recall, levels = precision_recall_curve(truth, scores, drop_intermediate=True)
    return [
        _tabulate_curve(name, "roc", fpr, tpr, np.minimum(cuts, 1.0)),
        _tabulate_curve(name, "pr", recall, precision, np.append(levels, 1.0)),
    ]


def _tabulate_curve(finding: str, curve: str, x: Any, y: Any, threshold: Any) -> pd.DataFrame:
    table = pd.DataFrame({"finding": finding, "curve": curve, "x": x, "y": y, "threshold": threshold})
    kept = np.unique(np.linspace(0, len(table) - 1, min(len(table), MOST_POINTS)).round().astype(int))
    return table.iloc[kept]


def _compute_weighted_mean(values: NDArray[Any], weights: NDArray[Any]) -> float:
    known = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else UNKNOWN


def _count_cases(split: Predictions) -> dict[str, int]:
    return {"images": len(split.cases), "patients": int(split.cases["patient_id"].nunique())}


def _select_metrics(values: Any) -> dict[str, float | None]:
    return {name: nan_to_none(values[name]) for name in (*RANKED, *RATES) if name in values}
