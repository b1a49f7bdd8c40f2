"""A synthetic twin of NIH ChestX-ray14: the same files, columns and oddities, and the truth beside them."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from radpipe.config import PhantomSpec
from radpipe.outputs import whole
from radpipe.phantoms.chest_drawing import Picture, draw_picture
from radpipe.phantoms.chest_oddities import encode
from radpipe.phantoms.chest_population import NAMES, Population
from radpipe.phantoms.chest_selection import draw_population
from radpipe.phantoms.chest_signs import box_around
from radpipe.phantoms.chest_tables import (
    BOX_LABELS,
    Box,
    name_images,
    write_boxes,
    write_entries,
    write_lists,
    write_truth,
)
from radpipe.phantoms.receipt import write_receipt

FOLDER_IMAGES, LEAST_FOLDERS, MOST_FOLDERS = 10_000, 2, 12  # as published: images_001 to images_012
BATCH = 256  # pictures handed out at once: a queue of all of them would grow with their number
STRONG = 0.7  # evidence from which a sign is boxed


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write a raw folder, whole or not at all; `phantom.json`, its receipt, is written last.

    The content depends on `spec` alone, not on `threads`.

    Raises
    ------
    ConfigError
        If no population of so few patients can be split.
    """
    population = draw_population(spec)
    with whole(output) as draft:
        draft.mkdir()
        boxes = write_images(draft, population, spec, threads)
        write_entries(draft, population, spec.seed)
        write_lists(draft, population.images)
        write_truth(draft, population)
        counts = count_rows(population) | {"boxes": write_boxes(draft, population.images, boxes)}
        write_receipt(draft, spec, counts)


def count_rows(population: Population) -> dict[str, int]:
    """Count patients, rows, and the rows of each oddity."""
    images = population.images
    totals = {"patients": int(images["patient"].nunique()), "images": len(images)}
    return totals | {kind: len(rows) for kind, rows in population.oddities.items()}


def write_images(folder: Path, population: Population, spec: PhantomSpec, threads: int) -> list[Box]:
    """Draw and write every picture; return the boxes."""
    paths = place_images(folder, population)
    kinds = {int(row): kind for kind, rows in population.oddities.items() for row in rows}
    write = partial(write_image, population, kinds, spec)
    boxes: list[Box] = []
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(paths), BATCH):
            rows = range(start, min(start + BATCH, len(paths)))
            for found in pool.map(write, rows, paths[start : start + BATCH]):
                boxes += found
    return boxes


def place_images(folder: Path, population: Population) -> list[Path]:
    """Make the folders images_001/images, …; return the path of each image, filled in the table's order."""
    names = name_images(population.images)
    number = int(np.clip(-(-len(names) // FOLDER_IMAGES), LEAST_FOLDERS, MOST_FOLDERS))
    folders = [folder / f"images_{i + 1:03d}" / "images" for i in range(number)]
    for each in folders:
        each.mkdir(parents=True)
    return [folders[row * number // len(names)] / name for row, name in enumerate(names)]


def write_image(
    population: Population, kinds: dict[int, str], spec: PhantomSpec, row: int, path: Path
) -> list[Box]:
    """Draw and write the picture of one row; return its boxes."""
    source = population.images.iloc[int(population.images["source"].iloc[row])]
    strengths = dict(zip(NAMES, population.strengths[row].tolist(), strict=True))
    picture = draw_picture(
        spec.seed, int(source["patient"]), int(source["number"]), source["view"], strengths, spec.size
    )
    content = encode(picture.pixels, kinds.get(row))
    if content is not None:
        path.write_bytes(content)
    return [] if row in kinds else find_boxes(population, row, picture)


def find_boxes(population: Population, row: int, picture: Picture) -> list[Box]:
    """Box the strong signs of a positive picture on the test list, as published: [px] of the picture."""
    if not population.images["test"].iloc[row]:
        return []
    strong = (population.labels[row] == 1) & (population.strengths[row] > STRONG)
    names = [name for name, shown in zip(NAMES, strong, strict=True) if shown and name in BOX_LABELS]
    return [(row, name, box_around(picture.signs[name])) for name in names]
