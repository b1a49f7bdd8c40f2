"""The numbers of compare.json that tools put side by side, flat, under names that sort the first ones first.

=====================================  ==================================================================
name                                   number
=====================================  ==================================================================
all/endpoint/<metric>/<what>           the endpoint named beforehand: each arm, difference, and the low
                                       and high end of the interval of the difference
all/macro/<metric>/<what>              mean over the findings: each arm and the difference
all/macro/ece@<variant>/<arm>          expected calibration error: trained, undone, platt
all/pooled/<metric>/<what>             all findings as one list
all/score/<name>/<what>                the score of the data set, where there is one
finding/<finding>/<metric>/<what>      the same metrics of one finding
=====================================  ==================================================================

<what> is an arm, or `difference`: the second arm minus the first. A number that is not known is null.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from radpipe.config.metrics import select_metrics
from radpipe.evaluation.comparison.entries import SCORE
from radpipe.evaluation.comparison.values import AVERAGES

METRICS = tuple(select_metrics("headline_metrics"))
Named = Iterator[tuple[str, float | None]]


def select_headline_metrics(comparison: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the numbers of metrics.json by their names."""
    arms = comparison["arms"]
    what = [*arms, "difference"] if len(arms) > 1 else arms
    flat = dict(_flatten_endpoint(comparison["endpoint"], what))
    for name in AVERAGES:
        flat.update(_flatten_entries(f"all/{name}", comparison[name], METRICS, what))
        if name == "macro":
            flat.update(_flatten_calibration(comparison["calibration"]["arms"]))
    scores = comparison[SCORE] or {}
    flat.update(_flatten_entries(f"all/{SCORE}", scores, tuple(scores), what))
    for name, entries in comparison["findings"].items():
        flat.update(_flatten_entries(f"finding/{name}", entries, METRICS, what))
    return flat


def _flatten_endpoint(endpoint: Mapping[str, Any] | None, what: list[str]) -> Named:
    if endpoint is not None:
        low, high = endpoint["interval"] or (None, None)
        values = {**{key: endpoint[key] for key in what}, "low": low, "high": high}
        yield from ((f"all/endpoint/{endpoint['metric']}/{key}", value) for key, value in values.items())


def _flatten_entries(
    prefix: str, entries: Mapping[str, Any], metrics: tuple[str, ...], what: list[str]
) -> Named:
    for metric in metrics:
        if metric in entries:
            yield from ((f"{prefix}/{metric}/{key}", entries[metric][key]) for key in what)


def _flatten_calibration(arms: Mapping[str, Any]) -> Named:
    for arm, variants in arms.items():
        for variant, found in variants.items():
            yield f"all/macro/ece@{variant}/{arm}", found["macro"]["ece"]["value"]
