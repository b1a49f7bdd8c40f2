"""What several sections ask of the results: means over the seeds, what is undefined, how certain it is."""

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from radpipe.report.results import Results, RunResults


def say_intervals(results: Results) -> str | None:
    """Say how the intervals were made; None where there are none."""
    made = results.comparison["intervals"]
    if made["method"] == "none":
        return None
    how = {"bootstrap": f"bootstrap of patients, {made['resamples']:,} times", "delong": "DeLong's method"}
    training = "with" if made["training_variance"] else "without"
    return f"{name_interval(results)}s: {how[made['method']]}, {training} the variance of training"


def name_interval(results: Results) -> str:
    """Name the interval by its level."""
    level = 100 * float(results.comparison["intervals"]["level"])
    return f"{level:.3g}\N{NARROW NO-BREAK SPACE}% interval"


def mean(runs: tuple[RunResults, ...], *path: str) -> float | None:
    """Average one number of metrics.json over the seeds; None if it is undefined in one of them."""
    values = [_follow(run.metrics, path) for run in runs]
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def undefined(results: Results) -> dict[str, str]:
    """Say of each finding without a ranking why it has none."""
    findings = results.runs[0].metrics["findings"]
    return {name: str(entry["undefined"]) for name, entry in findings.items() if entry["undefined"]}


def explain(results: Results) -> dict[str, str]:
    """Mark each finding without a ranking, and each without intervals."""
    without = dict.fromkeys(results.comparison["intervals"]["without"], "no interval")
    return without | {name: f"undefined: {why}" for name, why in undefined(results).items()}


def over(results: Results) -> str:
    """Say over how many findings the macro values are."""
    macro = results.runs[0].metrics["macro"]
    return f"mean of {macro['over']} of {macro['of']} findings"


def _follow(values: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    """Follow a path into metrics.json; None where it ends early."""
    found: Any = values
    for key in path:
        found = (found or {}).get(key)
    return None if found is None else float(found)
