"""The comparison in words."""

from collections.abc import Mapping
from typing import Any

from radpipe.evaluation.arms import spoken
from radpipe.evaluation.comparison.values import MATCHED


def say(entries: Mapping[str, Mapping[str, Any]], arms: tuple[str, ...]) -> str:
    """Put the comparison into words, with numbers and without a verdict that needs an interval."""
    pooled, macro = entries["pooled"], entries["macro"]
    auroc, recall, negatives = macro["auroc"], pooled["recall@0.5"], pooled["specificity@0.5"]
    if MATCHED not in pooled or auroc["difference"] is None:
        return "No comparison: it needs two arms and a finding with both classes."
    matched, (first, second) = pooled[MATCHED], arms
    return (
        f"At threshold 0.5 {spoken(second)} finds {recall[second]:.1%} of the positives and "
        f"{negatives[second]:.1%} of the negatives, {spoken(first)} {recall[first]:.1%} and "
        f"{negatives[first]:.1%}; at the same false-positive rate they find {matched[second]:.1%} and "
        f"{matched[first]:.1%}, and the macro AUROC is {auroc[second]:.3f} against {auroc[first]:.3f} "
        f"({auroc['difference']:+.3f})."
    )
