"""The tables of a lumbar phantom, spelled as RSNA publishes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.phantoms.lumbar.anatomy import Spine, mark_place, to_pixels
from radpipe.phantoms.lumbar.plan import Study, find_slice
from radpipe.phantoms.lumbar.population import CONDITIONS, GRADES, LEVELS, Population

TRAIN, COORDINATES, SERIES = "train.csv", "train_label_coordinates.csv", "train_series_descriptions.csv"
WORDS = np.array(["Normal/Mild", "Moderate", "Severe"], object)
MARK_COLUMNS = ["study_id", "series_id", "instance_number", "condition", "level", "x", "y"]
HAND = 1.0  # [mm]; how exactly a mark is set


def write_grades(folder: Path, population: Population, studies: Sequence[Study]) -> None:
    """Write one row per study, one column per grade, empty where it is not graded."""
    words = np.where(population.graded, WORDS[population.grades], "").reshape(len(studies), -1)
    table = pd.DataFrame(words, columns=list(GRADES))
    table.insert(0, "study_id", [study.study_id for study in studies])
    table.to_csv(folder / TRAIN, index=False)


def write_series(folder: Path, studies: Sequence[Study]) -> int:
    """Write what each series is; return how many there are."""
    rows = [(study.study_id, series.series_id, series.view) for study in studies for series in study.series]
    table = pd.DataFrame(rows, columns=["study_id", "series_id", "series_description"])
    table.to_csv(folder / SERIES, index=False)
    return len(rows)


def write_marks(
    folder: Path, population: Population, marked: Sequence[tuple[Study, Spine]], seed: int
) -> int:
    """Write where each published grade is seen; return how many marks there are."""
    # Four words, and another last one than that of the plan.
    rng = np.random.default_rng([seed, 0, 0, 2])
    rows = [
        mark
        for study, spine in marked
        for grade in np.argwhere(population.graded[study.number])
        if (mark := set_mark(study, spine, (int(grade[0]), int(grade[1])), rng)) is not None
    ]
    pd.DataFrame(rows, columns=MARK_COLUMNS).to_csv(folder / COORDINATES, index=False)
    return len(rows)


def set_mark(
    study: Study, spine: Spine, grade: tuple[int, int], rng: np.random.Generator
) -> tuple[object, ...] | None:
    """Set the mark of one grade, (condition, level); None where the study lacks the image for it."""
    found = find_slice(study, *grade)
    if found is None:
        return None
    series, each = found
    name = CONDITIONS[grade[0]]
    place = np.array(mark_place(spine, name, grade[1])) + rng.normal(0, HAND, 2)
    x, y = to_pixels(series, spine.shift, float(place[0]), float(place[1]))
    level = LEVELS[grade[1]].replace("_", "/").upper()
    condition = name.replace("_", " ").title()
    return study.study_id, series.series_id, each.instance, condition, level, round(x, 4), round(y, 4)
