"""Which series and slices a study has, and which of them carries the mark of each grade."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.lumbar.population import CONDITIONS, LEVELS, GradedPopulation

View = Literal["Sagittal T1", "Sagittal T2/STIR", "Axial T2"]
VIEWS: tuple[View, ...] = ("Sagittal T1", "Sagittal T2/STIR", "Axial T2", "Axial T2")  # the last one in some
OFFSETS = (-20.0, -10.0, 0.0, 10.0, 20.0)  # [mm] of sagittal slices from the midline; left is positive
FORAMEN = 20.0  # [mm] from the midline: the foramina's slices
FIELD = {"Sagittal T1": 220.0, "Sagittal T2/STIR": 220.0, "Axial T2": 110.0}  # [mm] across
SHARE = {"Sagittal T1": (1.0, 0.875), "Sagittal T2/STIR": (0.875, 0.875), "Axial T2": (0.75, 0.75)}  # of size
FIRST_ID, LAST_ID = 4_000_000, 4_300_000_000  # as published


@dataclass(frozen=True)
class Slice:
    """One image.

    Attributes
    ----------
    place
        [mm] from the midline if sagittal, number of the level if axial.
    instance
        Number of the image in its series.
    """

    place: float
    instance: int


@dataclass(frozen=True)
class Series:
    """One series of a study; rows and columns in px, spacing in mm per px."""

    series_id: int
    view: View
    rows: int
    columns: int
    spacing: float
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Study:
    """What is written of one study; `number` counts from 0 and seeds all that is drawn of it."""

    number: int
    study_id: int
    series: tuple[Series, ...]
    marked: bool
    truncated: bool
    strengths: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True)
class Mark:
    """Which image shows a grade: numbers of condition and level, series and slice."""

    condition: int
    level: int
    series: Series
    slice: Slice


def plan_studies(population: GradedPopulation, size: int, seed: int) -> list[Study]:
    """Plan every study; ids and numbers of instances mean nothing, as published."""
    # Four words, so that no key of a population or a study (three words) is the same.
    rng = np.random.default_rng([seed, 0, 0, 1])
    number = len(population.strengths)
    ids = np.sort(rng.choice(LAST_ID - FIRST_ID, number, replace=False) + FIRST_ID)
    odd = {kind: set(rows.tolist()) for kind, rows in population.oddities.items()}
    split_axial = population.images["split_axial"].to_numpy()
    studies = []
    for i in range(number):
        views = VIEWS if split_axial[i] else VIEWS[:3]
        kept = [view for view in views if i not in odd.get(f"without {view}", ())]
        series = tuple(plan_series(kept, size, rng))
        marked = i not in odd["without marks"]
        truncated = i in odd["truncated"]
        studies.append(Study(i, int(ids[i]), series, marked, truncated, population.strengths[i]))
    return studies


def plan_series(views: list[View], size: int, rng: np.random.Generator) -> Iterator[Series]:
    """Plan the series of one study: all slices are one series each, but axial ones may be two."""
    ids = rng.choice(LAST_ID - FIRST_ID, len(views), replace=False) + FIRST_ID
    stacks = np.array_split(np.arange(len(LEVELS)), max(1, views.count("Axial T2")))
    coarse = 1.0 if rng.random() < 0.6 else 0.875  # apparatus differ
    for series_id, view in zip(ids.tolist(), views, strict=True):
        sagittal = view != "Axial T2"
        places = list(OFFSETS) if sagittal else [float(level) for level in stacks.pop(0)]
        if sagittal and rng.random() < 0.5:
            places.reverse()  # some count from the left
        # An axial stack can begin anywhere, beyond 200 too.
        start = int(rng.integers(1, 4)) if sagittal else int(rng.choice([1, 3, 12, 201]))
        step = 3 if sagittal else int(rng.integers(4, 9))
        slices = tuple(Slice(place, start + step * i) for i, place in enumerate(places))
        rows, columns = (round(coarse * share * size) for share in SHARE[view])
        yield Series(int(series_id), view, rows, columns, FIELD[view] / rows, slices)


def find_marks(study: Study, graded: NDArray[np.bool_]) -> list[Mark]:
    """Return the marks of the grades that are `graded`, (conditions, levels) bool, and have an image."""
    if not study.marked:
        return []
    grades = [(int(condition), int(level)) for condition, level in np.argwhere(graded)]
    found = [(*grade, find_slice(study, *grade)) for grade in grades]
    return [Mark(condition, level, *image) for condition, level, image in found if image is not None]


def find_slice(study: Study, condition: int, level: int) -> tuple[Series, Slice] | None:
    """Find the image that shows a grade; None if the study lacks its series."""
    view, place = find_view(CONDITIONS[condition], level)
    found = [(s, each) for s in study.series if s.view == view for each in s.slices if each.place == place]
    return found[0] if found else None


def find_view(condition: str, level: int) -> tuple[View, float]:
    """Return the view that shows a grade, and the place of the slice."""
    if "subarticular" in condition:
        return "Axial T2", float(level)
    if "foraminal" in condition:
        return "Sagittal T1", FORAMEN if condition.startswith("left") else -FORAMEN
    return "Sagittal T2/STIR", 0.0
