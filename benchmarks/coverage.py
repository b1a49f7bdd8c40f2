"""Simulate cohorts whose truth is known, and count how often each kind of interval holds it.

Images of one patient resemble each other: a patient's tendency raises both the chance of the finding and
the scores of all images. Patients have 1 to 40 images, 4 on average. Two models score the same images.
The chosen interval should hold the truth in 94 to 96 of 100 cohorts where the minimum of patients is
reached. Prints the tables of docs/intervals.md. `--cohorts 50` is a quick look.
"""

import argparse
import itertools
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from radpipe.evaluation.intervals.delong import compute_delong
from radpipe.evaluation.intervals.limits import (
    compute_limits,
    compute_limits_from_error,
    count_effective_patients,
)
from radpipe.evaluation.intervals.ranking import compute_ranking_draws
from radpipe.evaluation.intervals.resampling import (
    draw_multiplicities,
    sum_by_patient,
    sum_by_resample,
)
from radpipe.evaluation.metrics import sigmoid

LEVEL = 0.95
RESAMPLES = 400
SETTINGS = (
    (100, 0.03),
    (100, 0.1),
    (200, 0.03),
    (200, 0.1),
    (500, 0.03),
    (500, 0.1),
    (1000, 0.01),
    (1000, 0.03),
)
POPULATION = 300_000  # patients, for the truth
FEWEST = 50  # intervals for a percentage
BINS = (2, 5, 10, 15, 20, 30, 50, 100, 1000)
FIRST, SECOND, GAP = "first", "second", "difference"
METRICS = ("auroc", "average_precision", "brier", "recall@0.5", "f1@0.5", "recall@matched_fpr")
CHOSEN = "chosen"
DASH = "\N{EN DASH}"
Draws = dict[tuple[str, str], NDArray[np.float64]]  # (metric, model or difference) -> (resamples,)
Ends = tuple[float, float]


class Cohort(NamedTuple):
    """Labels, log odds of both models, and the patient of each image."""

    labels: NDArray[np.float64]
    logits: dict[str, NDArray[np.float64]]
    codes: NDArray[np.intp]


class Outcome(NamedTuple):
    """Whether an interval held the truth; None: there was no interval."""

    patients: int
    prevalence: float
    positives: int
    kind: str
    key: tuple[str, str]
    held: bool | None


def draw(rng: np.random.Generator, patients: int, intercept: float) -> Cohort:
    """Draw a cohort; half the variance of the scores within a class lies between patients."""
    codes = np.repeat(np.arange(patients), np.minimum(rng.geometric(1 / 4, patients), 40))
    tendency = rng.normal(size=patients)
    labels = (rng.random(len(codes)) < sigmoid(intercept + 2 * tendency[codes])).astype(np.float64)
    habit = 0.5 * tendency + np.sqrt(0.75) * rng.normal(size=patients)
    common = 0.75 * habit[codes] + 0.5 * rng.normal(size=len(codes))
    logits = {}
    for model, gain, threshold in ((FIRST, 1.5, 1.5), (SECOND, 1.6, 0.8)):
        own = 0.25 * rng.normal(size=patients)[codes] + 0.35 * rng.normal(size=len(codes))
        logits[model] = 2 * (gain * labels + common + own - threshold)
    return Cohort(labels, logits, codes)


def solve(prevalence: float) -> float:
    """Find the intercept that gives a prevalence."""
    tendency = np.random.default_rng(1).normal(size=200_000)
    low, high = -15.0, 5.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(middle + 2 * tendency).mean() < prevalence else (low, middle)
    return low


def measure(cohort: Cohort, codes: NDArray[np.intp], multiplicities: NDArray[np.unsignedinteger]) -> Draws:
    """Compute every metric in each resample of the patients, or of the images as if they were patients."""
    labels = cohort.labels
    found = {}
    counts = {}
    for model, logits in cohort.logits.items():
        called = logits >= 0
        squares = (sigmoid(logits) - labels) ** 2
        columns = np.stack([labels, 1 - labels, labels * called, (1 - labels) * called, squares], axis=1)
        counts[model] = sum_by_resample(multiplicities, sum_by_patient(columns, codes)).T
    with np.errstate(invalid="ignore"):
        rate = counts[SECOND][3] / counts[SECOND][1]
        for model, (positive, negative, hits, alarms, squares) in counts.items():
            ranked = compute_ranking_draws(labels, cohort.logits[model], codes, multiplicities, [rate])
            found["auroc", model] = ranked["auroc"]
            found["average_precision", model] = ranked["average_precision"]
            found["brier", model] = squares / (positive + negative)
            found["recall@0.5", model] = hits / positive
            found["f1@0.5", model] = 2 * hits / (positive + hits + alarms)
            found["recall@matched_fpr", model] = ranked["recalls"][0]
    return found | {(metric, GAP): found[metric, SECOND] - found[metric, FIRST] for metric in METRICS}


def percentile(point: float, draws: NDArray[np.float64]) -> Ends:
    """Take the quantiles of the resamples: Efron and Tibshirani 1993, chapter 13."""
    low, high = np.nanquantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def bca(point: float, draws: NDArray[np.float64], left_out: NDArray[np.float64]) -> Ends:
    """Correct the percentiles for bias and skewness: Efron and Tibshirani 1993, section 14.3."""
    draws = draws[~np.isnan(draws)]
    gaps = np.nanmean(left_out) - left_out[~np.isnan(left_out)]
    below = (np.mean(draws < point) + np.mean(draws <= point)) / 2
    bias = ndtri(np.clip(below, 0.5 / len(draws), 1 - 0.5 / len(draws)))
    skew = (gaps**3).sum() / (6 * max((gaps**2).sum() ** 1.5, 1e-300))
    reach = bias + ndtri([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    low, high = np.quantile(draws, ndtr(bias + reach / (1 - skew * reach)))
    return float(low), float(high)


def intervals(cohort: Cohort, seed: int) -> Iterator[tuple[str, tuple[str, str], Ends]]:
    """Yield each kind of interval of each metric: kind, metric, ends."""
    patients = int(cohort.codes[-1]) + 1
    everyone = np.arange(len(cohort.labels))
    points = measure(cohort, cohort.codes, np.ones((1, patients), np.uint16))
    by_patient = measure(cohort, cohort.codes, draw_multiplicities(patients, RESAMPLES, seed))
    by_image = measure(cohort, everyone, draw_multiplicities(len(everyone), RESAMPLES, seed))
    left_out = measure(cohort, cohort.codes, (1 - np.eye(patients)).astype(np.uint16))
    carriers = count_effective_patients(cohort.labels, cohort.codes)
    errors = {model: compute_delong(cohort.labels, logits)[1] for model, logits in cohort.logits.items()}
    errors[GAP] = errors[SECOND] - errors[FIRST]
    for key, (point,) in points.items():
        rate = key[1] != GAP
        yield CHOSEN, key, compute_limits(point, by_patient[key], LEVEL, bounded=rate, patients=carriers)
        yield "normal quantile", key, compute_limits(point, by_patient[key], LEVEL, bounded=rate)
        yield "no log odds either", key, compute_limits(point, by_patient[key], LEVEL)
        yield "percentile", key, percentile(point, by_patient[key])
        yield "BCa", key, bca(point, by_patient[key], left_out[key])
        yield "images: percentile", key, percentile(point, by_image[key])
        yield "images: normal quantile", key, compute_limits(point, by_image[key], LEVEL, bounded=rate)
        if key[0] == "auroc":
            error = float(np.sqrt((errors[key[1]] ** 2).sum()))
            yield "DeLong", key, compute_limits_from_error(point, error, LEVEL, bounded=rate)


def simulate(patients: int, prevalence: float, cohorts: int) -> list[Outcome]:
    """Draw the cohorts of one setting, and hold every interval against the truth."""
    intercept = solve(prevalence)
    population = draw(np.random.default_rng(99), POPULATION, intercept)
    truth = measure(population, population.codes, np.ones((1, POPULATION), np.uint16))
    rng = np.random.default_rng([patients, int(1000 * prevalence)])
    outcomes = []
    for seed in range(cohorts):
        cohort = draw(rng, patients, intercept)
        positives = len(np.unique(cohort.codes[cohort.labels == 1]))
        if positives >= BINS[0]:
            for kind, key, ends in intervals(cohort, seed):
                held = None if np.isnan(ends[0]) else bool(ends[0] <= truth[key][0] <= ends[1])
                outcomes.append(Outcome(patients, prevalence, positives, kind, key, held))
    return outcomes


def share(outcomes: Iterable[Outcome]) -> str:
    """Show how often the truth was held; in brackets how often there was no interval."""
    held = [outcome.held for outcome in outcomes]
    known = [each for each in held if each is not None]
    if len(known) < FEWEST:
        return DASH
    none = 1 - len(known) / len(held)
    return f"{100 * np.mean(known):.1f}" + (f" ({100 * none:.0f} none)" if none >= 0.005 else "")


def show_settings(outcomes: list[Outcome], key: tuple[str, str]) -> None:
    """Print what each kind of interval of one metric covers in each setting."""
    mine = [outcome for outcome in outcomes if outcome.key == key]
    kinds = list(dict.fromkeys(outcome.kind for outcome in mine))
    lines = []
    for patients, prevalence in SETTINGS:
        here = [each for each in mine if (each.patients, each.prevalence) == (patients, prevalence)]
        if here:
            positives = np.median([each.positives for each in here])
            shares = [share(each for each in here if each.kind == kind) for kind in kinds]
            lines.append([str(patients), f"{100 * prevalence:g} %", f"{positives:.0f}", *shares])
    print(f"{key[0]}, {key[1]}\n")
    show_table(["patients", "prevalence", "with the finding", *kinds], lines)


def show_counts(outcomes: list[Outcome]) -> None:
    """Print what the chosen interval of each metric covers, by the number of patients with the finding."""
    chosen = [outcome for outcome in outcomes if outcome.kind == CHOSEN]
    ranges = list(itertools.pairwise(BINS))
    lines = []
    for model, metric in itertools.product((FIRST, SECOND, GAP), METRICS):
        mine = [outcome for outcome in chosen if outcome.key == (metric, model)]
        shares = [share(each for each in mine if low <= each.positives < high) for low, high in ranges]
        lines.append([f"{metric}, {model}", *shares])
    show_table(["chosen interval", *(f"{low}{DASH}{high - 1}" for low, high in ranges)], lines)


def show_table(head: list[str], lines: list[list[str]]) -> None:
    """Print a table in Markdown."""
    for line in (head, ["---"] * len(head), *lines):
        print("| " + " | ".join(line) + " |")
    print()


def show(outcomes: list[Outcome]) -> None:
    """Print all tables."""
    for key in (("auroc", FIRST), ("auroc", GAP), ("recall@0.5", FIRST), ("recall@matched_fpr", GAP)):
        show_settings(outcomes, key)
    show_counts(outcomes)


def main() -> None:
    """Simulate all settings, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=2000)
    cohorts = parser.parse_args().cohorts
    show([each for setting in SETTINGS for each in simulate(*setting, cohorts)])
    print(f"{cohorts} cohorts a line, {RESAMPLES} resamples each; {time.process_time():.0f} s of processor")


if __name__ == "__main__":
    main()
