"""A synthetic twin of the RSNA pneumonia set: its files, columns and oddities, and the truth beside them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from radpipe.config import PhantomSpec
from radpipe.outputs import whole
from radpipe.phantoms.chest import BATCH
from radpipe.phantoms.pneumonia_dicom import encode
from radpipe.phantoms.pneumonia_drawing import Box, draw_radiograph
from radpipe.phantoms.pneumonia_population import CLASSES, Population, draw_population
from radpipe.phantoms.pneumonia_tables import OPACITY, name_files, write_tables
from radpipe.phantoms.receipt import write_receipt

FOLDER = "stage_2_train_images"


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write a raw folder, whole or not at all; `phantom.json`, its receipt, is written last.

    The content depends on `spec` alone, not on `threads`.

    Raises
    ------
    ConfigError
        If no population of so few patients can be split.
    """
    population = draw_population(spec)
    names = name_files(len(population.images), spec.seed)
    with whole(output) as draft:
        (draft / FOLDER).mkdir(parents=True)
        boxes = write_images(draft / FOLDER, population, names, spec, threads)
        drawn = write_tables(draft, population, names, boxes)
        counts = count_rows(population) | {"boxes": drawn}
        write_receipt(draft, spec, counts)


def count_rows(population: Population) -> dict[str, int]:
    """Count patients, images, the images of each class, and the rows of each oddity."""
    totals = {"patients": int(population.images["patient"].nunique()), "images": len(population.images)}
    classes = {name: int((population.labels == i).sum()) for i, name in enumerate(CLASSES)}
    return totals | classes | {kind: len(rows) for kind, rows in population.oddities.items()}


def write_images(
    folder: Path, population: Population, names: Sequence[str], spec: PhantomSpec, threads: int
) -> dict[int, list[Box]]:
    """Draw and write every picture; return the boxes of those with an opacity, by row."""
    write = partial(write_image, folder, population, names, spec)
    boxes: dict[int, list[Box]] = {}
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(names), BATCH):
            rows = range(start, min(start + BATCH, len(names)))
            boxes |= zip(rows, pool.map(write, rows), strict=True)
    return {row: found for row, found in boxes.items() if population.labels[row] == OPACITY}


def write_image(
    folder: Path, population: Population, names: Sequence[str], spec: PhantomSpec, row: int
) -> list[Box]:
    """Draw and write the picture of one row; return the boxes around what it shows."""
    facts = population.images.iloc[row]
    opacity, other = population.strengths[row].tolist()
    strengths = {"Opacity": opacity, facts["sign"]: other}
    picture = draw_radiograph(
        spec.seed, int(facts["patient"]), int(facts["number"]), facts["view"], strengths, spec.size
    )
    content = encode(names[row], facts, picture.pixels)
    if row in population.oddities["truncated"]:
        content = content[: len(content) // 2]
    (folder / f"{names[row]}.dcm").write_bytes(content)
    return picture.boxes
