"""The metrics of every run as rows: finding, metric, arm, seed, value."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radpipe.config import EvaluateSpec
from radpipe.metrics import RANKED, RATES, recall_at
from radpipe.predictions import Predictions

MATCHED = "recall@matched_fpr"
AVERAGES, SCORE = ("macro", "pooled"), "score"  # they stand where a finding does


def tabulate(run: tuple[str, int], metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Turn one run's metrics into rows: finding, metric, arm, seed, value."""
    rows = []
    for finding in (*metrics["findings"], *AVERAGES):
        entry = metrics["findings"].get(finding) or metrics[finding]
        rows += [(finding, name, entry[name]) for name in RANKED]
        for point, suffix in (("at_half", "0.5"), ("at_chosen", "chosen")):
            rows += [(finding, f"{name}@{suffix}", entry[point][name]) for name in RATES]
    if metrics["score"]:
        values = {metrics["score"]["name"]: metrics["score"]["value"], **metrics["score"]["parts"]}
        rows += [(SCORE, name, value) for name, value in values.items()]
    return _labelled(rows, run)


def rates_to_match(
    evaluations: Mapping[tuple[str, int], Mapping[str, Any]], spec: EvaluateSpec, arms: tuple[str, ...]
) -> dict[tuple[str, int], dict[str, dict[str, float]]]:
    """List, for each run, the false-positive rates at which each finding's curve is read.

    Both arms of a seed are read at the rate that the second, the weighted one, has at 0.5, and at the wanted
    specificities.
    """
    wanted = {f"recall@specificity{value:.2f}": 1 - value for value in spec.specificities}
    rates = {}
    for arm, seed in evaluations:
        second = evaluations[arms[1], seed] if len(arms) > 1 else None
        rates[arm, seed] = {
            finding: {**({MATCHED: _false_positive_rate(second, finding)} if second else {}), **wanted}
            for finding in (*evaluations[arm, seed]["findings"], "pooled")
        }
    return rates


def read_curves(
    run: tuple[str, int], predictions: Predictions, rates: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Read one run's ROC curves at given false-positive rates; macro is the mean over the findings."""
    test = predictions.part("test")
    columns = {target: (test.labels[:, j], test.logits[:, j]) for j, target in enumerate(test.targets)}
    columns["pooled"] = (test.labels.ravel(), test.logits.ravel())
    rows = []
    for finding, (labels, logits) in columns.items():
        recalls = recall_at(labels, logits, list(rates[finding].values()))
        rows += [(finding, name, value) for name, value in zip(rates[finding], recalls, strict=True)]
    table = pd.DataFrame(rows, columns=["finding", "metric", "value"])
    means = table[table["finding"] != "pooled"].groupby("metric", sort=False)["value"].mean()
    rows += [("macro", str(name), value) for name, value in means.items()]
    return _labelled(rows, run)


def _false_positive_rate(metrics: Mapping[str, Any], finding: str) -> float:
    entry = metrics["findings"].get(finding) or metrics[finding]
    specificity = entry["at_half"]["specificity"]
    return float("nan") if specificity is None else 1 - specificity


def _labelled(rows: list[tuple[str, str, Any]], run: tuple[str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["finding", "metric", "value"])
    return table.assign(arm=run[0], seed=run[1], value=pd.to_numeric(table["value"]))
