"""A synthetic twin of the RSNA 2024 lumbar set: its files and oddities, and the truth beside them."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from radpipe.config import PhantomSpec
from radpipe.outputs import whole
from radpipe.phantoms.lumbar_anatomy import Spine, draw_spine
from radpipe.phantoms.lumbar_dicom import encode
from radpipe.phantoms.lumbar_drawing import draw
from radpipe.phantoms.lumbar_plan import Study, plan_studies
from radpipe.phantoms.lumbar_population import Population, draw_population
from radpipe.phantoms.lumbar_tables import write_grades, write_marks, write_series, write_truth
from radpipe.phantoms.receipt import write_receipt

BATCH = 64  # studies handed out at once: a queue of all of them would grow with their number
GAINS = 600, 2600  # stored value of the brightest tissue


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write a raw folder, whole or not at all; `phantom.json`, its receipt, is written last.

    A patient is a study, as in the published set. The content depends on `spec` alone, not on `threads`.

    Raises
    ------
    ConfigError
        If no population of so few studies has enough severe grades.
    """
    population = draw_population(spec)
    studies = plan_studies(population, spec.size, spec.seed)
    spines = [spine_of(spec.seed, study) for study in studies]
    with whole(output) as draft:
        draft.mkdir()
        images = write_images(draft, studies, spec.seed, threads)
        write_grades(draft, population, studies)
        write_truth(draft, population, studies)
        series = write_series(draft, studies)
        marked = [(study, spine) for study, spine in zip(studies, spines, strict=True) if study.marked]
        marks = write_marks(draft, population, marked, spec.seed)
        counts = {"studies": len(studies), "series": series, "images": images, "marks": marks}
        write_receipt(draft, spec, counts | count_grades(population))


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


def write_images(folder: Path, studies: list[Study], seed: int, threads: int) -> int:
    """Draw and write every image; return how many there are."""
    write = partial(write_study, folder / "train_images", seed)
    images = 0
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(studies), BATCH):
            images += sum(pool.map(write, studies[start : start + BATCH]))
    return images


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
