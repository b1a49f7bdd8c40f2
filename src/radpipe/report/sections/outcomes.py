"""What the test part says: per arm, and weighted minus plain."""

from collections.abc import Mapping
from typing import Any

from radpipe.evaluation.rounds import BY_ROUND
from radpipe.report.estimate import Estimate, ends_of
from radpipe.report.results import Results
from radpipe.report.sections.values import explain, name_interval, over, say_intervals, undefined
from radpipe.report.tables import Column, Row, Table, change, rows, share, span_of_changes

OVER_ROUNDS = "AUROC, mean over the rounds"
RANKED = {
    "auroc": "AUROC",
    BY_ROUND: OVER_ROUNDS,
    "average_precision": "Average precision",
    "brier": "Brier score",
}
MATCHED = "recall@matched_fpr"
HEADLINES = {
    "auroc": "AUROC",
    BY_ROUND: OVER_ROUNDS,
    "average_precision": "Average precision",
    "recall@0.5": "Recall at threshold 0.5",
    MATCHED: "Recall at the same false-positive rate",
}


def describe_summary(results: Results) -> dict[str, Any]:
    """Gather what stands at the top."""
    return {
        "comparison": results.comparison,
        "headline": headline_table(results),
        "intervals": say_intervals(results),
        "rare_in_macro": rare_in_macro(results),
    }


def describe_curves(results: Results) -> dict[str, Any]:
    """Say that the curves are shown: they are figures alone."""
    return {}


def describe_comparison(results: Results) -> dict[str, Any]:
    """Gather the numbers per finding and what stands between the arms."""
    titles = {"arm": "What the weights changed", "model": "What differs"}
    without = results.comparison["intervals"]["without"]
    title = titles[results.noun] if results.compared else "Numbers per finding"
    return {
        "title": title,
        "comparison_tables": comparison_tables(results),
        "without": {name: why for name, why in without.items() if name in results.targets},
        "rare_in_macro": rare_in_macro(results),
    }


def rare_in_macro(results: Results) -> list[str]:
    """Name the findings of the macro values that have too few patients for an interval of their own."""
    without = results.comparison["intervals"]["without"]
    if results.comparison["intervals"]["method"] == "none" or "macro" in without:
        return []
    return [name for name in without if name not in undefined(results)]


def headline_table(results: Results) -> Table:
    """Show the few macro numbers that answer the question."""
    macro = results.comparison["macro"]
    spread = results.compared and len(results.seeds) > 1
    lines = []
    for metric, name in HEADLINES.items():
        if metric in macro:
            entry = macro[metric]
            lines.append([name, *_values(results, entry), *([_range(entry["per_seed"])] if spread else [])])
    columns = (Column(f"Macro, {over(results)}"), *_columns(results))
    ranges = (Column("Range over seeds", share),) if spread else ()
    return Table("headline", "The numbers that matter first", (*columns, *ranges), rows(lines))


def comparison_table(results: Results, key: str, caption: str, metrics: Mapping[str, str]) -> Table:
    """Show metrics of compare.json per finding, then macro and pooled; of both arms their difference too."""
    data = results.comparison
    notes = explain(results)
    shown = {
        metric: name
        for metric, name in metrics.items()
        if metric in data["pooled"] or metric in data["macro"]
    }
    entries = {**data["findings"], "Macro": data["macro"], "Pooled": data["pooled"]}
    lines = [
        Row(
            (name, *(value for metric in shown for value in _estimates(results, entry.get(metric)))),
            over(results) if name == "Macro" else notes.get(name, ""),
            average=name not in data["findings"],
        )
        for name, entry in entries.items()
    ]
    columns = [column for name in shown.values() for column in arm_columns(results, name)]
    return Table(key, caption, (Column("Finding"), *columns), tuple(lines))


def score_tables(results: Results) -> list[Table]:
    """Show the score of the data set and what it is made of; no table where params.yaml names none."""
    scores = results.comparison.get("score")
    if not scores:
        return []
    score = results.runs[0].metrics["score"]
    known = any(any(entry.get("interval", {}).values()) for entry in scores.values())
    caption = (
        f"Score of the data set ({score['name']}), over {score['over']} of {score['of']} targets; "
        f"the {score['better']} the better{'' if known else '; without intervals'}"
    )
    show, columns = (_values, _columns) if known else (arm_values, arm_columns)
    lines = [(name.replace("_", " "), *show(results, entry)) for name, entry in scores.items()]
    return [Table("score", caption, (Column("Score"), *columns(results, "Test part")), rows(lines))]


def comparison_tables(results: Results) -> list[Table]:
    """Hold the arms against each other: the score, ranking, recall, recall at equal specificity."""
    wanted = [float(value) for value in results.settings["evaluate"]["specificities"]]
    equal = {f"recall@specificity{value:.2f}": f"Recall at specificity {value:.2f}" for value in wanted}
    recalls = {"recall@0.5": "Recall at 0.5", "specificity@0.5": "Specificity at 0.5"}
    matched = {MATCHED: f"Recall at the false-positive rate of {results.arms[-1].name}"}
    return [
        *score_tables(results),
        comparison_table(results, "ranking", "Ranking and calibration", RANKED),
        comparison_table(results, "recall", "What is found", {**recalls, **matched}),
        comparison_table(results, "recall-specificity", "What is found at equal specificity", equal),
    ]


def arm_columns(results: Results, group: str = "") -> tuple[Column, ...]:
    """Return a column for each arm, and one for their difference."""
    columns = tuple(Column(arm.name, share, group, arm.place) for arm in results.arms)
    name = " \N{MINUS SIGN} ".join(arm.name for arm in reversed(results.arms))
    return (*columns, Column("Difference" if group else name, change, group)) if results.compared else columns


def arm_values(results: Results, entry: Mapping[str, Any] | None) -> list[float | None]:
    """Return what compare.json says of one number: of each arm, and their difference."""
    keys = [*(arm.key for arm in results.arms), *(["difference"] if results.compared else [])]
    return [(entry or {}).get(key) for key in keys]


def _columns(results: Results, group: str = "") -> tuple[Column, ...]:
    """Return those of the arms, and one for the interval of the difference."""
    arms = arm_columns(results, group)
    return (*arms, Column(name_interval(results), span_of_changes, group)) if results.compared else arms


def _values(results: Results, entry: Mapping[str, Any] | None) -> list[Any]:
    """Return each arm with its interval, their difference, and the interval of that on its own."""
    *arms, last = _estimates(results, entry)
    if not results.compared:
        return [last]
    return [*arms, None if last is None else float(last), ends_of(last)]


def _estimates(results: Results, entry: Mapping[str, Any] | None) -> list[Estimate | None]:
    """Return what `arm_values` does; each number knows its interval."""
    ends = (entry or {}).get("interval", {})
    keys = [*(arm.key for arm in results.arms), "difference"]
    values = arm_values(results, entry)
    return [
        None if value is None else Estimate(value, ends.get(key))
        for key, value in zip(keys, values, strict=False)
    ]


def _range(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{change(min(known))} to {change(max(known))}" if known else ""
