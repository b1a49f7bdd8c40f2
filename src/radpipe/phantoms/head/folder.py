"""A synthetic twin of the RSNA haemorrhage set: its files, columns and oddities, and the truth beside."""

from collections import deque
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.head.dicom import SCANNERS, encode
from radpipe.phantoms.head.drawing import Place, draw_slice
from radpipe.phantoms.head.oddities import KEPT
from radpipe.phantoms.head.population import NAMES, TARGETS
from radpipe.phantoms.head.selection import draw_population
from radpipe.phantoms.head.tables import Names, draw_names, write_entries
from radpipe.phantoms.shared.folder import in_batches, publish, write_truth
from radpipe.phantoms.shared.oddities import damage
from radpipe.phantoms.shared.population import Population

FOLDER = "stage_2_train"


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write the phantom; `radpipe.phantoms.registry` says what all of them promise."""
    population = draw_population(spec)
    publish(spec, output, partial(write_files, population, spec, threads))


def write_files(population: Population, spec: PhantomSpec, threads: int, folder: Path) -> dict[str, int]:
    """Write pictures and tables; return the counts of the receipt."""
    names = draw_names(population, spec.seed)
    (folder / FOLDER).mkdir()
    write_images(folder / FOLDER, population, names, spec, threads)
    repeated = write_entries(folder, population, names.images)
    images = pd.Series(names.images, name="image_id").sort_values()
    write_truth(folder, images, population.truth, TARGETS)
    return count_rows(population) | {"repeated rows": repeated}


def count_rows(population: Population) -> dict[str, int]:
    """Count patients, studies, images, positives, and the rows of each oddity."""
    images = population.images
    totals = {"patients": int(images["patient"].nunique()), "studies": int(images["study"].nunique())}
    positives = dict(zip(TARGETS, population.labels.sum(axis=0).tolist(), strict=True))
    oddities = {kind: len(rows) for kind, rows in population.oddities.items()}
    return totals | {"images": len(images)} | positives | oddities


def write_images(folder: Path, population: Population, names: Names, spec: PhantomSpec, threads: int) -> None:
    """Draw and write every slice."""
    write = partial(write_image, folder, population, names, spec)
    deque(in_batches(write, range(len(names.images)), threads), maxlen=0)


def write_image(folder: Path, population: Population, names: Names, spec: PhantomSpec, row: int) -> None:
    """Write the slice of one row: its own header around the picture that it shows, be it a copy."""
    own = population.images.iloc[row]
    shown = population.images.iloc[int(own["source"])]
    place = Place(int(shown["patient"]), int(shown["study"]), int(shown["number"]), float(shown["height"]))
    strengths = dict(zip(NAMES, population.strengths[row].tolist(), strict=True))
    oddity = find_oddity(population, row)
    pixels = draw_slice(spec.seed, place, strengths, spec.size)
    if oddity == "constant":
        pixels = np.zeros_like(pixels)
    facts = {
        "SOPInstanceUID": names.instances[row],
        "PatientID": names.patients[int(own["patient"]) - 1],
        "StudyInstanceUID": names.studies[int(own["study"]) - 1],
        "SeriesInstanceUID": names.series[int(own["study"]) - 1],
    }
    content = encode(pixels, SCANNERS[int(shown["scanner"])], facts, float(own["height"]))
    damaged = damage(content, oddity, len(content) - round((1 - KEPT) * pixels.nbytes))
    if damaged is not None:
        (folder / f"{names.images[row]}.dcm").write_bytes(damaged)


def find_oddity(population: Population, row: int) -> str | None:
    """Return what is wrong with the file of a row."""
    return next((kind for kind, rows in population.oddities.items() if row in rows), None)
