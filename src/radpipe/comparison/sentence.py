"""The comparison in words."""

from collections.abc import Mapping
from typing import Any

from radpipe.comparison.runs import PLAIN, WEIGHTED
from radpipe.comparison.tabulation import MATCHED


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
