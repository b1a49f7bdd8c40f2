"""Sections of params.yaml for tests: those of the phantom, with what a test changes."""

from pathlib import Path

from radpipe.config import parameters

CHEST = parameters.read(Path(__file__).parents[1] / "params.yaml").datasets["phantom_chest"]
NO_LINKS = CHEST.find_section("links")
# What every reader asks of its options.
PATIENTS = {"patient_ids": "ask", "unknown_patients": "refuse"}


def evaluating(**changes):
    return CHEST.evaluate.model_copy(update=changes)


def comparing(resamples=200, **changes):
    """Return the plan of a comparison, with few resamples of few patients."""
    few = {"resamples": resamples, "min_positive_patients": 10}
    intervals = CHEST.compare.intervals.model_copy(update=few)
    return CHEST.compare.model_copy(update={"intervals": intervals, **changes})
