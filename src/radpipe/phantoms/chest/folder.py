"""A synthetic twin of NIH ChestX-ray14: the same files, columns and oddities, and the truth beside them."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.chest.drawing import Picture, draw_picture
from radpipe.phantoms.chest.oddities import encode
from radpipe.phantoms.chest.population import NAMES
from radpipe.phantoms.chest.selection import draw_population
from radpipe.phantoms.chest.tables import BOX_LABELS, Box, write_boxes, write_entries, write_lists
from radpipe.phantoms.radiograph.patients import name_images
from radpipe.phantoms.radiograph.signs import box_around
from radpipe.phantoms.shared.folder import in_batches, publish, write_truth
from radpipe.phantoms.shared.population import Population

FOLDER_IMAGES, LEAST_FOLDERS, MOST_FOLDERS = 10_000, 2, 12  # as published: images_001 to images_012
STRONG = 0.7  # evidence from which a sign is boxed


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write the phantom; `radpipe.phantoms.registry` says what all of them promise."""
    population = draw_population(spec)
    publish(spec, output, partial(write_files, population, spec, threads))


def write_files(population: Population, spec: PhantomSpec, threads: int, folder: Path) -> dict[str, int]:
    """Write pictures and tables; return the counts of the receipt."""
    boxes = write_images(folder, population, spec, threads)
    write_entries(folder, population, spec.seed)
    write_lists(folder, population.images)
    names = pd.Series(name_images(population.images), name="Image Index")
    write_truth(folder, names, population.truth, NAMES)
    return count_rows(population) | {"boxes": write_boxes(folder, population.images, boxes)}


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
    return [box for found in in_batches(write, list(enumerate(paths)), threads) for box in found]


def place_images(folder: Path, population: Population) -> list[Path]:
    """Make the folders images_001/images, …; return the path of each image, filled in the table's order."""
    names = name_images(population.images)
    number = int(np.clip(-(-len(names) // FOLDER_IMAGES), LEAST_FOLDERS, MOST_FOLDERS))
    folders = [folder / f"images_{i + 1:03d}" / "images" for i in range(number)]
    for each in folders:
        each.mkdir(parents=True)
    return [folders[row * number // len(names)] / name for row, name in enumerate(names)]


def write_image(
    population: Population, kinds: dict[int, str], spec: PhantomSpec, place: tuple[int, Path]
) -> list[Box]:
    """Draw and write the picture of one row, at its path; return its boxes."""
    row, path = place
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
