"""All runs of a data set -> what weighting the loss bought: WBCE minus BCE, at equal footing too.

At threshold 0.5 a weighted loss finds more because it calls more: its probabilities are shifted. The
honest question is what it finds at the same false-positive rate, so every difference is also read there.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from radpipe.config import CompareSpec, EvaluateSpec
from radpipe.errors import DataError
from radpipe.evaluation import evaluate
from radpipe.metrics import RANKED, RATES, recall_at
from radpipe.predictions import Predictions

PLAIN, WEIGHTED = "bce", "wbce"
MATCHED = "recall@matched_fpr"
AVERAGES, SCORE = ("macro", "pooled"), "score"  # they stand where a finding does
HEADLINES = ("auroc", "average_precision", "brier", "recall@0.5", "specificity@0.5", MATCHED)
Runs = Mapping[tuple[str, int], Predictions]  # (loss, seed) -> predictions


def compare(runs: Runs, spec: EvaluateSpec, plan: CompareSpec) -> dict[str, Any]:
    """Compute the content of compare.json; without both arms there are means and no differences.

    Raises
    ------
    DataError
        If two runs do not hold the same cases and findings.
    """
    refuse_different_cases(runs)
    evaluations = {run: evaluate(predictions, spec) for run, predictions in runs.items()}
    values = pd.concat([tabulate(run, evaluations[run]) for run in runs])
    matched = [read_curves(run, runs[run], rates) for run, rates in rates_to_match(evaluations, spec).items()]
    table = pd.concat([values, *matched]).set_index(["finding", "metric", "loss", "seed"])["value"]
    targets = next(iter(runs.values())).targets
    entries = {name: _entries(table.loc[name]) for name in table.index.unique("finding")}
    return {
        "format": 1,
        "arms": sorted({loss for loss, _ in runs}),
        "seeds": sorted({seed for _, seed in runs}),
        "sentence": say(entries),
        "detection": detection(entries["pooled"]),
        "findings": {target: entries[target] for target in targets},
        "macro": {"over": _over(evaluations), "of": len(targets), **entries["macro"]},
        "pooled": entries["pooled"],
        "score": entries.get(SCORE),
    }


def parse_run(name: str) -> tuple[str, int]:
    """Read the arm and the seed from the name of a run's folder, `wbce_s0`."""
    match = re.fullmatch(r"(\w+)_s(\d+)", name)
    if match is None:
        raise DataError(f"{name}: no run, expected a folder named <loss>_s<seed>, such as wbce_s0")
    return match[1], int(match[2])


def refuse_different_cases(runs: Runs) -> None:
    """Paired differences need the same cases, in the same order, and the same findings."""
    (first, reference), *others = runs.items()
    for run, predictions in others:
        same = reference.cases[["id", "split"]].equals(predictions.cases[["id", "split"]])
        if not same or reference.targets != predictions.targets:
            raise DataError(
                f"compare: the predictions of {_name(run)} and {_name(first)} hold other cases or findings, "
                "expected the same in the same order: train both arms on one split"
            )


def tabulate(run: tuple[str, int], metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Turn one run's metrics into rows: finding, metric, loss, seed, value."""
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
    evaluations: Mapping[tuple[str, int], Mapping[str, Any]], spec: EvaluateSpec
) -> dict[tuple[str, int], dict[str, dict[str, float]]]:
    """List, for each run, the false-positive rates at which each finding's curve is read.

    Both arms of a seed are read at the rate that the weighted arm has at 0.5, and at the wanted
    specificities.
    """
    wanted = {f"recall@specificity{value:.2f}": 1 - value for value in spec.specificities}
    rates = {}
    for loss, seed in evaluations:
        weighted = evaluations.get((WEIGHTED, seed))
        rates[loss, seed] = {
            finding: {**({MATCHED: _false_positive_rate(weighted, finding)} if weighted else {}), **wanted}
            for finding in (*evaluations[loss, seed]["findings"], "pooled")
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


def detection(pooled: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """Shares of the positives and of the negatives found, pooled, at 0.5: the published table."""
    return {
        loss: {
            "positives_found": pooled["recall@0.5"][loss],
            "negatives_found": pooled["specificity@0.5"][loss],
        }
        for loss in (PLAIN, WEIGHTED)
        if loss in pooled["recall@0.5"]
    }


def flatten(comparison: Mapping[str, Any]) -> dict[str, float | None]:
    """Choose the numbers for metrics.json: `<finding>/<metric>/<arm>`, the score and averages first."""
    arms = [*comparison["arms"], *(["difference"] if len(comparison["arms"]) > 1 else [])]
    scores = (comparison[SCORE] or {}).items()
    flat = {f"{SCORE}/{metric}/{arm}": entry[arm] for metric, entry in scores for arm in arms}
    for name, entry in [(name, comparison[name]) for name in AVERAGES] + [*comparison["findings"].items()]:
        for metric in HEADLINES:
            if metric in entry:
                flat.update({f"{name}/{metric}/{arm}": entry[metric][arm] for arm in arms})
    return flat


def say(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Put the comparison into words, with numbers and without a verdict that needs an interval."""
    pooled, macro = entries["pooled"], entries["macro"]
    auroc, recall, negatives = macro["auroc"], pooled["recall@0.5"], pooled["specificity@0.5"]
    if MATCHED not in pooled or auroc["difference"] is None:
        return "No comparison: it needs both arms, bce and wbce, and a finding with both classes."
    matched = pooled[MATCHED]
    return (
        f"At threshold 0.5 the weighted loss finds {recall[WEIGHTED]:.1%} of the positives and "
        f"{negatives[WEIGHTED]:.1%} of the negatives, the plain loss {recall[PLAIN]:.1%} and "
        f"{negatives[PLAIN]:.1%}; at the same false-positive rate they find {matched[WEIGHTED]:.1%} and "
        f"{matched[PLAIN]:.1%}, and the macro AUROC is {auroc[WEIGHTED]:.3f} against {auroc[PLAIN]:.3f} "
        f"({auroc['difference']:+.3f})."
    )


def _entries(table: pd.Series) -> dict[str, dict[str, Any]]:
    return {str(metric): _entry(table.loc[metric]) for metric in table.index.unique("metric")}


def _entry(values: pd.Series) -> dict[str, Any]:
    """Mean per arm over the seeds, and the paired difference seed by seed, of one metric."""
    arms = values.reset_index().pivot_table(index="seed", columns="loss", values="value", dropna=False)
    entry: dict[str, Any] = {str(loss): _null(arms[loss].mean(skipna=False)) for loss in arms}
    if not {PLAIN, WEIGHTED} <= set(arms):
        return {**entry, "difference": None, "per_seed": []}
    difference = arms[WEIGHTED] - arms[PLAIN]
    per_seed = [_null(value) for value in difference]
    return {**entry, "difference": _null(difference.mean(skipna=False)), "per_seed": per_seed}


def _false_positive_rate(metrics: Mapping[str, Any], finding: str) -> float:
    entry = metrics["findings"].get(finding) or metrics[finding]
    specificity = entry["at_half"]["specificity"]
    return float("nan") if specificity is None else 1 - specificity


def _labelled(rows: list[tuple[str, str, Any]], run: tuple[str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["finding", "metric", "value"])
    return table.assign(loss=run[0], seed=run[1], value=pd.to_numeric(table["value"]))


def _over(evaluations: Mapping[Any, Mapping[str, Any]]) -> int:
    return int(next(iter(evaluations.values()))["macro"]["over"])


def _name(run: tuple[str, int]) -> str:
    return f"{run[0]}_s{run[1]}"


def _null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
