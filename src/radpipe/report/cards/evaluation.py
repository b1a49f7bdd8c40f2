"""What the run knows of its test."""

from collections.abc import Mapping
from typing import Any

from radpipe.report.cards.facts import Facts, join, several
from radpipe.report.results import Results
from radpipe.report.sections.outcomes import HEADLINES
from radpipe.report.sections.values import over
from radpipe.report.tables import change, percent

ENDPOINTS = {
    "auroc": "macro AUROC",
    "average_precision": "macro average precision",
    "recall@matched_fpr": "macro recall at the same false-positive rate",
}


def evaluation_facts(results: Results) -> Facts:
    """Collect what is known of the metrics, their certainty and their limits."""
    found = results.comparison
    metrics = results.runs[0].metrics
    rule = metrics["threshold_rule"].get("words", metrics["threshold_rule"]["rule"])
    chosen = f" and at one chosen on validation cases, {rule}" if metrics["val"]["images"] else ""
    test = metrics["test"]
    return {
        "goal": goal(results),
        "output": f"A probability for each of {len(results.targets)} findings; positive at 0.5{chosen}",
        "cases": f"{several(test['images'], 'image')} of {several(test['patients'], 'patient')}",
        "metrics": "AUROC, average precision, Brier score; recall, specificity, precision, F1 and accuracy",
        "performance": performance(results),
        "sample": "All usable cases; no size was calculated beforehand",
        "limits": "In the section How to read this",
        "use": "Research. Not a medical device",
        **uncertainty(found),
        **calibration(results),
        **subgroups(found),
        **explanation(results),
    }


def explanation(results: Results) -> Facts:
    """Say which failures are shown, and how it is shown where the networks looked."""
    if results.data is None or not results.data.explained["cases"]:
        return {}
    explained = results.data.explained
    facts = {"failures": "The surest errors of each finding are in the section Look at the cases"}
    if explained["without"]:
        return facts
    layers = join(dict.fromkeys(explained["layers"].values()))
    game = explained["pointing"]
    arms = [arm for arm in results.arms if game and arm.key in game["arms"]]
    hits = join(f"{arm.name} {percent(game['arms'][arm.key]['share'])}" for arm in arms)
    pointing = f"maps that point into a box: {hits} of {game['n']}" if game else ""
    return {**facts, "explained": join([f"Grad-CAM at the last feature map ({layers})", pointing], "; ")}


def goal(results: Results) -> str:
    """Name the question, with the endpoint and its margin where they were named beforehand."""
    endpoint = results.settings.get("compare", {}).get("endpoint")
    named = f"; endpoint {ENDPOINTS[endpoint['metric']]}, margin {endpoint['margin']:g}" if endpoint else ""
    if not results.compared:
        return "Measuring one model"
    first, second = results.arms
    return f"Comparing {second.name} with {first.name} on the same cases{named}"


def performance(results: Results) -> str:
    """Give the macro values of each arm, with their intervals where there are any."""
    macro = results.comparison["macro"]
    words = []
    for metric in ("auroc", "average_precision"):
        values = [f"{arm.name} {_estimate(macro[metric], arm.key)}" for arm in results.arms]
        words.append(f"{HEADLINES[metric]} {join(values)}")
        if results.compared and macro[metric].get("difference") is not None:
            words[-1] += f", difference {_estimate(macro[metric], 'difference')}"
    return f"Macro, {over(results)}: {join(words, '; ')}"


def uncertainty(found: Mapping[str, Any]) -> Facts:
    """Say how the intervals were made."""
    intervals = found.get("intervals")
    if not intervals or intervals["method"] == "none":
        return {}
    methods = {"bootstrap": f"{intervals['resamples']:,} resamples of", "delong": "DeLong's method on"}
    training = "with" if intervals["training_variance"] else "without"
    return {
        "uncertainty": f"{intervals['level']:.0%} intervals from {methods[intervals['method']]} "
        f"{several(intervals['patients'], 'patient')}, {training} the variance of training"
    }


def calibration(results: Results) -> Facts:
    """Give the Brier scores, and say how probabilities were corrected."""
    found = results.comparison
    brier = found["macro"].get("brier", {})
    values = [f"{arm.name} {_estimate(brier, arm.key)}" for arm in results.arms]
    variants = found.get("calibration", {}).get("variants", {})
    corrected = {"updating": join(list(variants.values())[1:])} if len(variants) > 1 else {}
    return {"calibration": f"Brier score, macro: {join(values)}", **corrected}


def subgroups(found: Mapping[str, Any]) -> Facts:
    """Name the columns that divide the test part."""
    columns = (found.get("subgroups") or {}).get("columns", {})
    return {"subgroups": f"By {join(columns)}: recall and AUROC"} if columns else {}


def _estimate(entry: Mapping[str, Any], key: str) -> str:
    value, ends = entry.get(key), (entry.get("interval") or {}).get(key)
    if value is None:
        return "undefined"
    show = change if key == "difference" else "{:.3f}".format
    return show(value) + (f" ({show(ends[0])} to {show(ends[1])})" if ends else "")
