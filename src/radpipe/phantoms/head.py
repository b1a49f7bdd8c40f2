"""A synthetic twin of the RSNA haemorrhage set: its files, columns and oddities, and the truth beside."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from radpipe.config import PhantomSpec
from radpipe.outputs import whole
from radpipe.phantoms.chest import BATCH
from radpipe.phantoms.head_dicom import SCANNERS, encode
from radpipe.phantoms.head_drawing import Place, draw_slice
from radpipe.phantoms.head_oddities import damage
from radpipe.phantoms.head_population import NAMES, TARGETS, Population
from radpipe.phantoms.head_selection import draw_population
from radpipe.phantoms.head_tables import Names, draw_names, write_entries, write_truth
from radpipe.phantoms.receipt import write_receipt

FOLDER = "stage_2_train"


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write a raw folder, whole or not at all; `phantom.json`, its receipt, is written last.

    The content depends on `spec` alone, not on `threads`.

    Raises
    ------
    ConfigError
        If no population of so few patients can be split.
    """
    population = draw_population(spec)
    names = draw_names(population, spec.seed)
    with whole(output) as draft:
        (draft / FOLDER).mkdir(parents=True)
        write_images(draft / FOLDER, population, names, spec, threads)
        repeated = write_entries(draft, population, names.images)
        write_truth(draft, population, names.images)
        counts = count_rows(population) | {"repeated rows": repeated}
        write_receipt(draft, spec, counts)


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
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(names.images), BATCH):
            rows = range(start, min(start + BATCH, len(names.images)))
            deque(pool.map(write, rows), maxlen=0)


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
    damaged = damage(content, pixels.nbytes, oddity)
    if damaged is not None:
        (folder / f"{names.images[row]}.dcm").write_bytes(damaged)


def find_oddity(population: Population, row: int) -> str | None:
    """Return what is wrong with the file of a row."""
    return next((kind for kind, rows in population.oddities.items() if row in rows), None)
