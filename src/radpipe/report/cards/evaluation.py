"""The facts of the evaluation."""

from collections.abc import Mapping
from typing import Any

from radpipe.config.metrics import select_metrics
from radpipe.report.cards.facts import Facts, format_quantity, join_words
from radpipe.report.results import Results
from radpipe.report.sections.outcomes import HEADLINES
from radpipe.report.sections.values import format_macro_count
from radpipe.report.tables import format_difference, format_percent

ENDPOINTS = {key: f"macro {metric.phrase}" for key, metric in select_metrics("endpoint").items()}


def collect_evaluation_facts(results: Results) -> Facts:
    """Collect the facts of the metrics, their uncertainty and their limits."""
    found = results.comparison
    metrics = results.runs[0].metrics
    rule = metrics["threshold_rule"].get("words", metrics["threshold_rule"]["rule"])
    chosen = f" and at one chosen on validation cases, {rule}" if metrics["val"]["images"] else ""
    images = format_quantity(metrics["test"]["images"], "image")
    patients = format_quantity(metrics["test"]["patients"], "patient")
    return {
        "goal": format_goal(results),
        "output": f"A probability for each of {len(results.targets)} findings; positive at 0.5{chosen}",
        "cases": f"{images} of {patients}",
        "metrics": "AUROC, average precision, Brier score; recall, specificity, precision, F1 and accuracy",
        "performance": format_performance(results),
        "sample": "All usable cases; no size was calculated beforehand",
        "limits": "In the section How to read this",
        "use": "Research. Not a medical device",
        **collect_uncertainty(found),
        **collect_calibration(results),
        **collect_subgroups(found),
        **collect_explanation(results),
    }


def collect_explanation(results: Results) -> Facts:
    """Return which failures are shown, and the method of explanation."""
    if results.data is None or not results.data.explained["cases"]:
        return {}
    explained = results.data.explained
    facts = {"failures": "The surest errors of each finding are in the section Look at the cases"}
    if explained["without"]:
        return facts
    layers = join_words(dict.fromkeys(explained["layers"].values()))
    game = explained["pointing"]
    arms = [arm for arm in results.arms if game and arm.key in game["arms"]]
    hits = join_words(f"{arm.name} {format_percent(game['arms'][arm.key]['share'])}" for arm in arms)
    pointing = f"maps that point into a box: {hits} of {game['n']}" if game else ""
    return {
        **facts,
        "explained": join_words([f"Grad-CAM at the last feature map ({layers})", pointing], "; "),
    }


def format_goal(results: Results) -> str:
    """Return the aim, with the prespecified endpoint and its margin if there is one."""
    endpoint = results.settings.get("compare", {}).get("endpoint")
    suffix = f"; endpoint {ENDPOINTS[endpoint['metric']]}, margin {endpoint['margin']:g}" if endpoint else ""
    if not results.compared:
        return "Measuring one model"
    first, second = results.arms
    return f"Comparing {second.name} with {first.name} on the same cases{suffix}"


def format_performance(results: Results) -> str:
    """Return the macro values of each arm, with their intervals if there are any."""
    macro = results.comparison["macro"]
    words = []
    for metric in ("auroc", "average_precision"):
        values = [f"{arm.name} {_format_estimate(macro[metric], arm.key)}" for arm in results.arms]
        words.append(f"{HEADLINES[metric]} {join_words(values)}")
        if results.compared and macro[metric].get("difference") is not None:
            words[-1] += f", difference {_format_estimate(macro[metric], 'difference')}"
    return f"Macro, {format_macro_count(results)}: {join_words(words, '; ')}"


def collect_uncertainty(found: Mapping[str, Any]) -> Facts:
    """Return how the intervals were computed."""
    intervals = found.get("intervals")
    if not intervals or intervals["method"] == "none":
        return {}
    methods = {"bootstrap": f"{intervals['resamples']:,} resamples of", "delong": "DeLong's method on"}
    training = "with" if intervals["training_variance"] else "without"
    return {
        "uncertainty": f"{100 * intervals['level']:.3g}% intervals from {methods[intervals['method']]} "
        f"{format_quantity(intervals['patients'], 'patient')}, {training} the variance of training"
    }


def collect_calibration(results: Results) -> Facts:
    """Return the Brier scores, and how probabilities were recalibrated."""
    found = results.comparison
    brier = found["macro"].get("brier", {})
    values = [f"{arm.name} {_format_estimate(brier, arm.key)}" for arm in results.arms]
    variants = found.get("calibration", {}).get("variants", {})
    corrected = {"updating": join_words(list(variants.values())[1:])} if len(variants) > 1 else {}
    return {"calibration": f"Brier score, macro: {join_words(values)}", **corrected}


def collect_subgroups(found: Mapping[str, Any]) -> Facts:
    """Return the columns that define the subgroups."""
    columns = (found.get("subgroups") or {}).get("columns", {})
    return {"subgroups": f"By {join_words(columns)}: recall and AUROC"} if columns else {}


def _format_estimate(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    ends = (entry.get("interval") or {}).get(key)
    if value is None:
        return "undefined"
    formatter = format_difference if key == "difference" else "{:.3f}".format
    return formatter(value) + (f" ({formatter(ends[0])} to {formatter(ends[1])})" if ends else "")
