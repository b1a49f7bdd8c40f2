"""The verdict on the endpoint that was named beforehand; whatever else is computed is exploratory."""

from collections.abc import Mapping
from typing import Any

from radpipe.config.evaluation import CompareSpec
from radpipe.evaluation.arms import format_arm
from radpipe.evaluation.comparison.values import MATCHED

BETTER, WORSE = "better", "worse"
SLIGHTLY = ", but by less than the margin"
ALIKE = "no difference larger than the margin"
OPEN = "inconclusive"
MINUS = "\N{MINUS SIGN}"
NAMES = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    MATCHED: "recall at the same false-positive rate",
}
EXPLORATORY = (
    "All other comparisons are exploratory: they were not named beforehand, and nothing corrects for how "
    "many they are."
)


def judge(
    macro: Mapping[str, Any], arms: tuple[str, ...], plan: CompareSpec, intervals: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Compute the section endpoint of compare.json: the verdict from the interval of the difference alone.

    Parameters
    ----------
    macro
        The entries of the macro values.
    arms
        The reference and the other one.
    plan
        The endpoint and its margin.
    intervals
        How the intervals were made.

    Returns
    -------
    dict
        metric, margin, each arm's value, difference, interval, verdict (None without an interval),
        sentence, exploratory. None of one arm.
    """
    if len(arms) < 2:
        return None
    metric, margin = plan.endpoint.metric, plan.endpoint.margin
    entry = macro[metric]
    ends = entry["interval"]["difference"]
    verdict = None if ends is None else decide(ends[0], ends[1], margin)
    return {
        "metric": metric,
        "margin": margin,
        **{arm: entry[arm] for arm in arms},
        "difference": entry["difference"],
        "interval": ends,
        "verdict": verdict,
        "sentence": say_verdict(entry, verdict, arms, plan, intervals),
        "exploratory": EXPLORATORY,
    }


def decide(low: float, high: float, margin: float) -> str:
    """Judge the interval of a difference; more is better.

    =======================================  ============================================
    interval                                 verdict
    =======================================  ============================================
    above 0 / below 0                        better / worse
    above 0 / below 0, within the margin     better / worse, but by less than the margin
    holds 0, within the margin               no difference larger than the margin
    holds 0 and more than the margin         inconclusive
    =======================================  ============================================

    Within the margin: both ends between -margin and margin.

    References
    ----------
    Piaggio et al., JAMA 308, 2012, figure 1: what an interval and a margin say together.
    """
    inside = -margin <= low and high <= margin
    if low > 0 or high < 0:
        return (BETTER if low > 0 else WORSE) + SLIGHTLY * inside
    return ALIKE if inside else OPEN


def say_verdict(
    entry: Mapping[str, Any],
    verdict: str | None,
    arms: tuple[str, ...],
    plan: CompareSpec,
    intervals: Mapping[str, Any],
) -> str:
    """Put the endpoint into words, with all that its verdict rests on."""
    first, second = arms
    name, margin = NAMES[plan.endpoint.metric], plan.endpoint.margin
    if entry["difference"] is None:
        return f"No verdict: the macro {name} is undefined on one side or on both."
    numbers = (
        f"Macro {name}, the endpoint named beforehand: {entry[second]:.3f} with {format_arm(second)}, "
        f"{entry[first]:.3f} with {format_arm(first)}, difference {_signed(entry['difference'])}"
    )
    if verdict is None:
        rare = "macro" in intervals["without"]
        why = "no finding has enough patients for an interval" if rare else "its interval was not computed"
        return f"{numbers}. No verdict: {why}."
    low, high = (_signed(end) for end in entry["interval"]["difference"])
    training = "with" if intervals["training_variance"] else "without"
    level = f"{100 * plan.intervals.level:.3g}%"
    return (
        f"{_conclude(verdict, format_arm(second), format_arm(first), margin)} {numbers} ({level} "
        f"interval {low} to {high} from {intervals['patients']:,} patients, {training} the variance of "
        f"training; margin {margin:g})."
    )


def _conclude(verdict: str, second: str, first: str, margin: float) -> str:
    if verdict == ALIKE:
        return f"Between {second} and {first} there is no difference larger than the margin of {margin:g}."
    if verdict == OPEN:
        return f"Inconclusive: the interval holds 0, and differences larger than the margin of {margin:g}."
    beginning = second.replace("the ", "The ", 1) if second.startswith("the ") else second
    more, comma, less = verdict.partition(",")
    return f"{beginning} is {more} than {first}{comma}{less}."


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", MINUS)
