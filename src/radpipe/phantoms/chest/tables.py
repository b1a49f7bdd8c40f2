"""The tables of a phantom, spelled as NIH publishes them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.phantoms.chest.population import NAMES
from radpipe.phantoms.radiograph.patients import name_images
from radpipe.phantoms.shared.population import Population

ENTRIES, BOXES = "Data_Entry_2017_v2020.csv", "BBox_List_2017.csv"
LISTS = {"train_val_list.txt": False, "test_list.txt": True}
BOX_HEADER = "Image Index,Finding Label,Bbox [x,y,w,h],,,"
# The published box list holds no Edema, and this spelling.
BOX_LABELS = {
    "Infiltration": "Infiltrate",
    "Effusion": "Effusion",
    "Mass": "Mass",
    "Pneumothorax": "Pneumothorax",
    "Cardiomegaly": "Cardiomegaly",
}
PLATES = np.array([(2500, 2048, 0.168), (2048, 2500, 0.168), (2992, 2991, 0.143), (3056, 2544, 0.139)])

Box = tuple[int, str, tuple[int, int, int, int]]  # row, finding, x y width height [px]


def name_findings(labels: NDArray[np.int64]) -> list[str]:
    """Return each picture's findings in alphabetical order, joined by a bar."""
    order = np.argsort(NAMES)
    return ["|".join(NAMES[i] for i in order if row[i]) or "No Finding" for row in labels]


def write_entries(folder: Path, population: Population, seed: int) -> None:
    """Write the table of all images; two of its headings contain a comma, as published."""
    images = population.images
    # Four words, so that no key of a population or a picture (three words) is the same.
    rng = np.random.default_rng([seed, 0, 0, 1])
    plates = PLATES[rng.integers(len(PLATES), size=len(images))]
    table = pd.DataFrame(
        {
            "Image Index": name_images(images),
            "Finding Labels": name_findings(population.labels),
            "Follow-up #": images["number"],
            "Patient ID": images["patient"],
            "Patient Age": images["age"],
            "Patient Gender": images["sex"],
            "View Position": images["view"],
            "OriginalImage[Width": plates[:, 0].astype(int),
            "Height]": plates[:, 1].astype(int),
            "OriginalImagePixelSpacing[x": plates[:, 2],
            "y]": plates[:, 2],
        }
    )
    table.to_csv(folder / ENTRIES, index=False)


def write_lists(folder: Path, images: pd.DataFrame) -> None:
    """Write the two official lists, one image name a line."""
    for name, test in LISTS.items():
        chosen = name_images(images[images["test"] == test])
        (folder / name).write_text("".join(f"{image}\n" for image in chosen), encoding="utf-8")


def write_boxes(folder: Path, images: pd.DataFrame, boxes: Iterable[Box]) -> int:
    """Write the box list; return its number of rows."""
    names = name_images(images)
    lines = [
        f"{names[row]},{BOX_LABELS[finding]},{x},{y},{width},{height}"
        for row, finding, (x, y, width, height) in sorted(boxes)
    ]
    (folder / BOXES).write_text("\n".join([BOX_HEADER, *lines, ""]), encoding="utf-8")
    return len(lines)
