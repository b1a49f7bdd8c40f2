"""The verdict on the prespecified endpoint; all other comparisons are exploratory."""

from collections.abc import Mapping
from typing import Any

from radpipe.config.evaluation import CompareSpec
from radpipe.config.metrics import select_metrics
from radpipe.evaluation.arms import format_arm

BETTER = "better"
WORSE = "worse"
SLIGHTLY = ", but by less than the margin"
EQUIVALENT = "no difference larger than the margin"
OPEN = "inconclusive"
MINUS = "\N{MINUS SIGN}"
EXPLORATORY = (
    "All other comparisons are exploratory: they were not named beforehand, and nothing corrects for how "
    "many they are."
)


def compute_endpoint(
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
        How the intervals were computed.

    Returns
    -------
    dict
        metric, margin, each arm's value, difference, interval, verdict (None without an interval),
        sentence, exploratory. None of one arm.
    """
    if len(arms) < 2:
        return None
    metric = plan.endpoint.metric
    margin = plan.endpoint.margin
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
        "sentence": format_verdict(entry, verdict, arms, plan, intervals),
        "exploratory": EXPLORATORY,
    }


def decide(low: float, high: float, margin: float) -> str:
    """Return the verdict on the interval of a difference; more is better.

    =======================================  ============================================
    interval                                 verdict
    =======================================  ============================================
    above 0 / below 0                        better / worse
    above 0 / below 0, within the margin     better / worse, but by less than the margin
    contains 0, within the margin            no difference larger than the margin
    contains 0, extends beyond the margin    inconclusive
    =======================================  ============================================

    Within the margin: both ends between -margin and margin.

    References
    ----------
    Piaggio et al., JAMA 308, 2012, figure 1: how an interval and a margin are read together.
    """
    inside = -margin <= low and high <= margin
    if low > 0 or high < 0:
        verdict = BETTER if low > 0 else WORSE
        return verdict + SLIGHTLY if inside else verdict
    return EQUIVALENT if inside else OPEN


def format_verdict(
    entry: Mapping[str, Any],
    verdict: str | None,
    arms: tuple[str, ...],
    plan: CompareSpec,
    intervals: Mapping[str, Any],
) -> str:
    """Return the endpoint in words, with all that its verdict depends on."""
    first, second = arms
    name = select_metrics("endpoint")[plan.endpoint.metric].phrase
    if entry["difference"] is None:
        return f"No verdict: the macro {name} is undefined on one side or on both."
    numbers = (
        f"Macro {name}, the endpoint named beforehand: {entry[second]:.3f} with {format_arm(second)}, "
        f"{entry[first]:.3f} with {format_arm(first)}, difference {_format_signed(entry['difference'])}"
    )
    if verdict is None:
        rare = "macro" in intervals["without"]
        why = "no finding has enough patients for an interval" if rare else "its interval was not computed"
        return f"{numbers}. No verdict: {why}."
    conclusion = _format_conclusion(verdict, format_arm(second), format_arm(first), plan.endpoint.margin)
    low, high = (_format_signed(end) for end in entry["interval"]["difference"])
    training = "with" if intervals["training_variance"] else "without"
    level = f"{100 * plan.intervals.level:.3g}%"
    return (
        f"{conclusion} {numbers} ({level} "
        f"interval {low} to {high} from {intervals['patients']:,} patients, {training} the variance of "
        f"training; margin {plan.endpoint.margin:g})."
    )


def _format_conclusion(verdict: str, second: str, first: str, margin: float) -> str:
    if verdict == EQUIVALENT:
        return f"Between {second} and {first} there is no difference larger than the margin of {margin:g}."
    if verdict == OPEN:
        return f"Inconclusive: the interval holds 0, and differences larger than the margin of {margin:g}."
    beginning = second.replace("the ", "The ", 1) if second.startswith("the ") else second
    more, comma, less = verdict.partition(",")
    return f"{beginning} is {more} than {first}{comma}{less}."


def _format_signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", MINUS)
