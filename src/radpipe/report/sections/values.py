"""Values that several sections need: means over the seeds, undefined findings, the name of the interval."""

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from radpipe.report.results import Results, RunResults


def format_interval_method(results: Results) -> str | None:
    """Return how the intervals were computed; None if there are none."""
    made = results.comparison["intervals"]
    if made["method"] == "none":
        return None
    methods = {
        "bootstrap": f"bootstrap of patients, {made['resamples']:,} times",
        "delong": "DeLong's method",
    }
    training = "with" if made["training_variance"] else "without"
    return f"{format_interval_name(results)}s: {methods[made['method']]}, {training} the variance of training"


def format_interval_name(results: Results) -> str:
    """Return the name of the interval with its level."""
    level = 100 * float(results.comparison["intervals"]["level"])
    return f"{level:.3g}\N{NARROW NO-BREAK SPACE}% interval"


def compute_mean(runs: tuple[RunResults, ...], *path: str) -> float | None:
    """Return the mean of one number of metrics.json over the seeds; None if one seed lacks it."""
    values = [_follow(run.metrics, path) for run in runs]
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def find_undefined(results: Results) -> dict[str, str]:
    """Return the findings without a ranking, each with its reason."""
    findings = results.runs[0].metrics["findings"]
    return {name: str(entry["undefined"]) for name, entry in findings.items() if entry["undefined"]}


def format_notes(results: Results) -> dict[str, str]:
    """Return a note for each finding without a ranking, and for each without intervals."""
    without = dict.fromkeys(results.comparison["intervals"]["without"], "no interval")
    return without | {name: f"undefined: {why}" for name, why in find_undefined(results).items()}


def format_macro_count(results: Results) -> str:
    """Return over how many findings the macro values are averaged."""
    macro = results.runs[0].metrics["macro"]
    return format_average(macro["over"], macro["of"])


def format_average(over: int, of: int) -> str:
    """Return over how many of the findings a mean is."""
    return f"mean of {over} of {of} findings"


def capitalize_first(name: str) -> str:
    """Return a name with its first letter in upper case, the others as they are."""
    return name[:1].upper() + name[1:]


def _follow(values: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    """Follow a path into metrics.json; None where it ends early."""
    found: Any = values
    for key in path:
        found = (found or {}).get(key)
    return None if found is None else float(found)
