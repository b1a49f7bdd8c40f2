"""A synthetic twin of the RSNA 2024 lumbar set: its files and oddities, and the truth beside them."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.lumbar.anatomy import Spine, draw_spine
from radpipe.phantoms.lumbar.dicom import encode
from radpipe.phantoms.lumbar.drawing import draw
from radpipe.phantoms.lumbar.plan import Study, plan_studies
from radpipe.phantoms.lumbar.population import GRADES, Population, draw_population
from radpipe.phantoms.lumbar.tables import write_grades, write_marks, write_series
from radpipe.phantoms.shared.folder import in_batches, publish, write_truth

GAINS = 600, 2600  # stored value of the brightest tissue


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write the phantom, a patient being a study; `phantoms.registry` says what all of them promise."""
    population = draw_population(spec)
    publish(spec, output, partial(write_files, population, spec, threads))


def write_files(population: Population, spec: PhantomSpec, threads: int, folder: Path) -> dict[str, int]:
    """Write pictures and tables; return the counts of the receipt."""
    studies = plan_studies(population, spec.size, spec.seed)
    write = partial(write_study, folder / "train_images", spec.seed)
    images = sum(in_batches(write, studies, threads))
    write_grades(folder, population, studies)
    columns = [f"{grade}:{name}" for grade in GRADES for name in ("moderate", "severe")]
    names = pd.Series([study.study_id for study in studies], name="study_id")
    write_truth(folder, names, population.truth.reshape(len(studies), -1), columns)
    series = write_series(folder, studies)
    marked = [(study, spine_of(spec.seed, study)) for study in studies if study.marked]
    marks = write_marks(folder, population, marked, spec.seed)
    totals = {"studies": len(studies), "series": series, "images": images, "marks": marks}
    return totals | count_grades(population)


def spine_of(seed: int, study: Study) -> Spine:
    """Draw the spine of a study; the generator's key is the study's alone (populations have 0 there)."""
    return draw_spine(np.random.default_rng([seed, study.number + 1, 0]))


def count_grades(population: Population) -> dict[str, int]:
    """Count published grades by severity, those that are missing, and each oddity."""
    known = population.grades[population.graded]
    return {
        "normal or mild": int((known == 0).sum()),
        "moderate": int((known == 1).sum()),
        "severe": int((known == 2).sum()),
        "not graded": int((~population.graded).sum()),
        "studies with two axial series": int(population.split_axial.sum()),
        **{kind: len(studies) for kind, studies in population.oddities.items()},
    }


def write_study(folder: Path, seed: int, study: Study) -> int:
    """Draw and write the images of one study; return how many there are."""
    spine = spine_of(seed, study)
    rng = np.random.default_rng([seed, study.number + 1, 1])
    for series in study.series:
        place = folder / str(study.study_id) / str(series.series_id)
        place.mkdir(parents=True)
        gain = float(np.exp(rng.uniform(*np.log(GAINS))))
        for each in series.slices:
            picture = draw(series, each, spine, study.strengths, rng)
            content = encode(picture, study, series, each, gain)
            cut = study.truncated and series.view == "Sagittal T2/STIR" and each.place == 0
            content = content[: len(content) * 3 // 5] if cut else content
            (place / f"{each.instance}.dcm").write_bytes(content)
    return sum(len(series.slices) for series in study.series)
