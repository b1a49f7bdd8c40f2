"""The tables of the pneumonia phantom, spelled as they are published."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.phantoms.pneumonia.drawing import Box
from radpipe.phantoms.pneumonia.population import CLASSES
from radpipe.phantoms.radiograph.patients import name_images
from radpipe.phantoms.shared.folder import write_truth
from radpipe.phantoms.shared.population import Population

LABELS, DETAILS = "stage_2_train_labels.csv", "stage_2_detailed_class_info.csv"
MAPPING = "rsna_to_nih_mapping.csv"
OPACITY = CLASSES.index("Lung Opacity")


def name_files(images: int, seed: int) -> list[str]:
    """Return a patientId for each image: random, so that it tells nothing of the patient."""
    # Four words, so that no key of a population or a picture (three words) is the same.
    rng = np.random.default_rng([seed, 0, 0, 2])
    return [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(images)]


def write_tables(
    folder: Path, population: Population, names: Sequence[str], boxes: Mapping[int, Sequence[Box]]
) -> int:
    """Write all tables in the order of the patientIds; return the number of boxes.

    Parameters
    ----------
    names
        The patientId of each row.
    boxes
        Boxes by row, for each row with an opacity.
    """
    order = sorted(range(len(names)), key=names.__getitem__)
    found = [(row, box) for row in order for box in boxes.get(row, [None])]
    labels = [_label(names[row], box) for row, box in found]
    # One class row for each row of labels, as published: images with two boxes have theirs twice.
    details = [f"{names[row]},{CLASSES[population.labels[row]]}" for row, _ in found]
    _write(folder / LABELS, ["patientId,x,y,width,height,Target", *labels])
    _write(folder / DETAILS, ["patientId,class", *details])
    mapped = name_nih(population)
    mapping = [f"{names[row]},{mapped[row]},{int(mapped[row][:8])}" for row in order]
    _write(folder / MAPPING, ["patientId,nih_image,nih_patient", *mapping])
    columns = [name.replace(" / ", "_").replace(" ", "_") for name in CLASSES]
    sorted_names = pd.Series(names, name="patientId").iloc[order]
    write_truth(folder, sorted_names, population.truth, columns)
    return sum(box is not None for _, box in found)


def name_nih(population: Population) -> list[str]:
    """Return the NIH file name of each picture; of two matched twice, the second's is wrong."""
    mapped = name_images(population.images)
    pairs = population.oddities["matched twice"].reshape(-1, 2)
    for right, wrong in pairs.tolist():
        mapped[wrong] = mapped[right]
    return mapped


def _label(name: str, box: Box | None) -> str:
    return f"{name},,,,,0" if box is None else f"{name},{','.join(f'{value}.0' for value in box)},1"


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_bytes("\n".join([*lines, ""]).encode())
