"""The results on the test set: per arm, and weighted minus plain."""

from collections.abc import Mapping
from typing import Any

from radpipe.config.metrics import MATCHED, format_specificity_key, select_metrics
from radpipe.report.results import Results
from radpipe.report.sections.values import (
    find_undefined,
    format_interval_method,
    format_interval_name,
    format_macro_count,
    format_notes,
)
from radpipe.report.tables import (
    Column,
    Estimate,
    Row,
    Table,
    build_rows,
    find_ends,
    format_difference,
    format_difference_interval,
    format_share,
)

HEADLINES = {key: metric.label for key, metric in select_metrics("headline").items()}


def describe_summary(results: Results) -> dict[str, Any]:
    """Return the summary at the top of the page."""
    return {
        "comparison": results.comparison,
        "headline": tabulate_headline(results),
        "intervals": format_interval_method(results),
        "rare_in_macro": list_rare_in_macro(results),
    }


def describe_curves(results: Results) -> dict[str, Any]:
    """Return an empty record: the section consists of figures."""
    return {}


def describe_comparison(results: Results) -> dict[str, Any]:
    """Return the numbers per finding and the differences between the arms."""
    titles = {"arm": "What the weights changed", "model": "What differs"}
    without = results.comparison["intervals"]["without"]
    title = titles[results.noun] if results.compared else "Numbers per finding"
    return {
        "title": title,
        "comparison_tables": tabulate_comparisons(results),
        "without": {name: reason for name, reason in without.items() if name in results.targets},
        "rare_in_macro": list_rare_in_macro(results),
    }


def list_rare_in_macro(results: Results) -> list[str]:
    """List the findings of the macro values that have too few patients for an interval of their own."""
    without = results.comparison["intervals"]["without"]
    if results.comparison["intervals"]["method"] == "none" or "macro" in without:
        return []
    return [name for name in without if name not in find_undefined(results)]


def tabulate_headline(results: Results) -> Table:
    """Tabulate the main macro numbers."""
    macro = results.comparison["macro"]
    spread = results.compared and len(results.seeds) > 1
    lines = []
    for metric, name in HEADLINES.items():
        if metric in macro:
            values = _list_values_with_intervals(results, macro[metric])
            ranges = [_format_range(macro[metric]["per_seed"])] if spread else []
            lines.append([name, *values, *ranges])
    columns = (Column(f"Macro, {format_macro_count(results)}"), *_build_interval_columns(results))
    if spread:
        columns = (*columns, Column("Range over seeds", format_share))
    return Table("headline", "The numbers that matter first", columns, build_rows(lines))


def tabulate_comparison(results: Results, key: str, caption: str, metrics: Mapping[str, str]) -> Table:
    """Tabulate metrics of compare.json per finding, then macro and pooled; of two arms the difference too."""
    data = results.comparison
    notes = format_notes(results)
    shown = {
        metric: name
        for metric, name in metrics.items()
        if metric in data["pooled"] or metric in data["macro"]
    }
    entries = {**data["findings"], "Macro": data["macro"], "Pooled": data["pooled"]}
    lines = [
        Row(
            (name, *(value for metric in shown for value in _build_estimates(results, entry.get(metric)))),
            format_macro_count(results) if name == "Macro" else notes.get(name, ""),
            average=name not in data["findings"],
        )
        for name, entry in entries.items()
    ]
    columns = [column for name in shown.values() for column in build_arm_columns(results, name)]
    return Table(key, caption, (Column("Finding"), *columns), tuple(lines))


def tabulate_scores(results: Results) -> list[Table]:
    """Tabulate the score of the data set and its components; no table if params.yaml names no score."""
    scores = results.comparison.get("score")
    if not scores:
        return []
    score = results.runs[0].metrics["score"]
    known = any(any(entry.get("interval", {}).values()) for entry in scores.values())
    caption = (
        f"Score of the data set ({score['name']}), over {score['over']} of {score['of']} targets; "
        f"the {score['better']} the better{'' if known else '; without intervals'}"
    )
    columns = (_build_interval_columns if known else build_arm_columns)(results, "Test part")
    list_values = _list_values_with_intervals if known else list_arm_values
    lines = [(name.replace("_", " "), *list_values(results, entry)) for name, entry in scores.items()]
    return [Table("score", caption, (Column("Score"), *columns), build_rows(lines))]


def tabulate_comparisons(results: Results) -> list[Table]:
    """Return the tables of the score, ranking, recall, and recall at equal specificity."""
    wanted = [float(value) for value in results.settings["evaluate"]["specificities"]]
    equal = {format_specificity_key(value): f"Recall at specificity {value:.2f}" for value in wanted}
    ranking = {key: metric.label for key, metric in select_metrics("ranking").items()}
    recalls = {key: metric.title for key, metric in select_metrics("recall").items()}
    recalls[MATCHED] = f"Recall at the false-positive rate of {results.arms[-1].name}"
    return [
        *tabulate_scores(results),
        tabulate_comparison(results, "ranking", "Ranking and calibration", ranking),
        tabulate_comparison(results, "recall", "What is found", recalls),
        tabulate_comparison(results, "recall-specificity", "What is found at equal specificity", equal),
    ]


def build_arm_columns(results: Results, group: str = "") -> tuple[Column, ...]:
    """Return a column for each arm, and one for their difference."""
    columns = tuple(Column(arm.name, format_share, group, arm.place) for arm in results.arms)
    name = " \N{MINUS SIGN} ".join(arm.name for arm in reversed(results.arms))
    if not results.compared:
        return columns
    return (*columns, Column("Difference" if group else name, format_difference, group))


def list_arm_values(results: Results, entry: Mapping[str, Any] | None) -> list[float | None]:
    """Return one number of compare.json: of each arm, and their difference."""
    keys = [*(arm.key for arm in results.arms), *(["difference"] if results.compared else [])]
    return [(entry or {}).get(key) for key in keys]


def _build_interval_columns(results: Results, group: str = "") -> tuple[Column, ...]:
    """Return the columns of the arms, and one for the interval of the difference."""
    arms = build_arm_columns(results, group)
    if not results.compared:
        return arms
    return (*arms, Column(format_interval_name(results), format_difference_interval, group))


def _list_values_with_intervals(results: Results, entry: Mapping[str, Any] | None) -> list[Any]:
    """Return the value of each arm, each with its interval, their difference, and its interval separately."""
    *arms, last = _build_estimates(results, entry)
    if not results.compared:
        return [last]
    return [*arms, None if last is None else float(last), find_ends(last)]


def _build_estimates(results: Results, entry: Mapping[str, Any] | None) -> list[Estimate | None]:
    """Return the values of `list_arm_values`, each with its interval."""
    ends = (entry or {}).get("interval", {})
    keys = [*(arm.key for arm in results.arms), "difference"]
    values = list_arm_values(results, entry)
    return [
        None if value is None else Estimate(value, ends.get(key))
        for key, value in zip(keys, values, strict=False)
    ]


def _format_range(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{format_difference(min(known))} to {format_difference(max(known))}" if known else ""
