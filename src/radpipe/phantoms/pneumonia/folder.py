"""A synthetic twin of the RSNA pneumonia set: its files, columns and oddities, and the truth beside them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.pneumonia.dicom import encode
from radpipe.phantoms.pneumonia.drawing import Box, draw_radiograph
from radpipe.phantoms.pneumonia.population import CLASSES, draw_population
from radpipe.phantoms.pneumonia.tables import OPACITY, name_files, write_tables
from radpipe.phantoms.shared.folder import in_batches, publish
from radpipe.phantoms.shared.population import Population

FOLDER = "stage_2_train_images"


def make(spec: PhantomSpec, output: Path, threads: int) -> None:
    """Write the phantom; `radpipe.phantoms.registry` says what all of them promise."""
    population = draw_population(spec)
    publish(spec, output, partial(write_files, population, spec, threads))


def write_files(population: Population, spec: PhantomSpec, threads: int, folder: Path) -> dict[str, int]:
    """Write pictures and tables; return the counts of the receipt."""
    names = name_files(len(population.images), spec.seed)
    (folder / FOLDER).mkdir()
    boxes = write_images(folder / FOLDER, population, names, spec, threads)
    return count_rows(population) | {"boxes": write_tables(folder, population, names, boxes)}


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
    boxes = enumerate(in_batches(write, range(len(names)), threads))
    return {row: found for row, found in boxes if population.labels[row] == OPACITY}


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
