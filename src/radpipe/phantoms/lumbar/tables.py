"""The names and tables of the lumbar phantom, spelled as RSNA publishes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.driver import Boxes, Contents, Names
from radpipe.phantoms.lumbar.anatomy import Spine, draw_study_spine, find_place, map_to_pixels
from radpipe.phantoms.lumbar.plan import Mark, Study, find_marks, plan_studies
from radpipe.phantoms.lumbar.population import (
    CONDITIONS,
    GRADES,
    LEVELS,
    GradedPopulation,
)

TRAIN = "train.csv"
COORDINATES = "train_label_coordinates.csv"
SERIES = "train_series_descriptions.csv"
WORDS = np.array(["Normal/Mild", "Moderate", "Severe"], object)
MARK_COLUMNS = ["study_id", "series_id", "instance_number", "condition", "level", "x", "y"]
HAND = 1.0  # [mm]; how exactly a mark is set


@dataclass(frozen=True)
class LumbarNames(Names):
    """The study ids, and all that is planned of each study."""

    studies: list[Study]


def name_rows(population: GradedPopulation, spec: PhantomSpec) -> LumbarNames:
    """Plan every study; ids mean nothing, as published."""
    studies = plan_studies(population, spec.size, spec.seed)
    return LumbarNames(pd.Series([study.study_id for study in studies], name="study_id"), studies)


def write_tables(
    folder: Path, contents: Contents[GradedPopulation, LumbarNames], boxes: Mapping[int, Boxes]
) -> dict[str, int]:
    """Write the grades, what each series is, and the marks."""
    write_grades(folder, contents.population, contents.names.rows)
    write_series(folder, contents.names.studies)
    write_marks(folder, contents)
    return {}


def write_grades(folder: Path, population: GradedPopulation, names: pd.Series) -> None:
    """Write one row per study, one column per grade, empty where it is not graded."""
    words = np.where(population.graded, WORDS[population.labels], "").reshape(len(names), -1)
    table = pd.DataFrame(words, columns=list(GRADES))
    table.insert(0, str(names.name), names)
    table.to_csv(folder / TRAIN, index=False)


def write_series(folder: Path, studies: Sequence[Study]) -> None:
    """Write what each series is."""
    rows = [(study.study_id, series.series_id, series.view) for study in studies for series in study.series]
    table = pd.DataFrame(rows, columns=["study_id", "series_id", "series_description"])
    table.to_csv(folder / SERIES, index=False)


def write_marks(folder: Path, contents: Contents[GradedPopulation, LumbarNames]) -> None:
    """Write where each published grade is seen."""
    seed = contents.spec.seed
    # Four words, and another last one than that of the plan.
    rng = np.random.default_rng([seed, 0, 0, 2])
    rows = []
    for study in contents.names.studies:
        spine = draw_study_spine(seed, study)
        marks = find_marks(study, contents.population.graded[study.number])
        rows += [set_mark(study, spine, mark, rng) for mark in marks]
    pd.DataFrame(rows, columns=MARK_COLUMNS).to_csv(folder / COORDINATES, index=False)


def set_mark(study: Study, spine: Spine, mark: Mark, rng: np.random.Generator) -> tuple[object, ...]:
    """Return the line of one mark, set by hand."""
    name = CONDITIONS[mark.condition]
    place = np.array(find_place(spine, name, mark.level)) + rng.normal(0, HAND, 2)
    x, y = map_to_pixels(mark.series, spine.shift, float(place[0]), float(place[1]))
    level = LEVELS[mark.level].replace("_", "/").upper()
    condition = name.replace("_", " ").title()
    ids = (study.study_id, mark.series.series_id, mark.slice.instance)
    return *ids, condition, level, round(x, 4), round(y, 4)


def count_rows(contents: Contents[GradedPopulation, LumbarNames]) -> dict[str, int]:
    """Count studies, series, images and marks, published grades by severity, and those that are missing."""
    population = contents.population
    studies = contents.names.studies
    series = [series for study in studies for series in study.series]
    known = population.labels[population.graded]
    return {
        "studies": len(studies),
        "series": len(series),
        "images": sum(len(each.slices) for each in series),
        "marks": sum(len(find_marks(study, population.graded[study.number])) for study in studies),
        "normal or mild": int((known == 0).sum()),
        "moderate": int((known == 1).sum()),
        "severe": int((known == 2).sum()),
        "not graded": int((~population.graded).sum()),
        "studies with two axial series": int(population.images["split_axial"].sum()),
    }
