"""The names and tables of the pneumonia phantom, spelled as they are published."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.driver import Boxes, Contents, Names
from radpipe.phantoms.pneumonia.population import CLASSES
from radpipe.phantoms.radiograph.patients import name_images
from radpipe.phantoms.shared.painting import Box
from radpipe.phantoms.shared.population import Population

LABELS = "stage_2_train_labels.csv"
DETAILS = "stage_2_detailed_class_info.csv"
MAPPING = "rsna_to_nih_mapping.csv"
TARGETS = tuple(name.replace(" / ", "_").replace(" ", "_") for name in CLASSES)


def name_rows(population: Population, spec: PhantomSpec) -> Names:
    """Return a patientId for each image: random, so that it does not identify the patient."""
    # Four words, so that no key of a population or an image (three words) is the same.
    rng = np.random.default_rng([spec.seed, 0, 0, 2])
    names = [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(len(population.images))]
    return Names(pd.Series(names, name="patientId"))


def write_tables(
    folder: Path, contents: Contents[Population, Names], boxes: Mapping[int, Boxes]
) -> dict[str, int]:
    """Write all tables in the order of the patientIds; return the number of boxes."""
    names = contents.names.rows
    population = contents.population
    order = names.sort_values().index.to_list()
    found = [(row, box) for row in order for _, box in boxes.get(row, [("", None)])]
    labels = [format_label(names[row], box) for row, box in found]
    # One class row for each row of labels, as published: images with two boxes have theirs twice.
    details = [f"{names[row]},{CLASSES[population.labels[row]]}" for row, _ in found]
    write_lines(folder / LABELS, ["patientId,x,y,width,height,Target", *labels])
    write_lines(folder / DETAILS, ["patientId,class", *details])
    mapped = name_nih_images(population)
    mapping = [f"{names[row]},{mapped[row]},{int(mapped[row][:8])}" for row in order]
    write_lines(folder / MAPPING, ["patientId,nih_image,nih_patient", *mapping])
    return {"boxes": sum(box is not None for _, box in found)}


def name_nih_images(population: Population) -> list[str]:
    """Return the NIH file name of each image; of two matched twice, the second's is wrong."""
    mapped = name_images(population.images)
    pairs = population.oddities["matched twice"].reshape(-1, 2)
    for right, wrong in pairs.tolist():
        mapped[wrong] = mapped[right]
    return mapped


def format_label(name: str, box: Box | None) -> str:
    """Return the line of a box, or of an image without one."""
    return f"{name},,,,,0" if box is None else f"{name},{','.join(f'{value}.0' for value in box)},1"


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write lines that end as published, on every system."""
    path.write_bytes("\n".join([*lines, ""]).encode())


def count_rows(contents: Contents[Population, Names]) -> dict[str, int]:
    """Count patients, images, and the images of each class."""
    images = contents.population.images
    labels = contents.population.labels
    totals = {"patients": int(images["patient"].nunique()), "images": len(images)}
    return totals | {name: int((labels == i).sum()) for i, name in enumerate(CLASSES)}
