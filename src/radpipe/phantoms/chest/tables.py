"""The names and tables of the chest phantom, spelled as NIH publishes them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.chest.population import NAMES
from radpipe.phantoms.driver import Boxes, Contents, Names
from radpipe.phantoms.radiograph.patients import name_images
from radpipe.phantoms.shared.population import Population

ENTRIES = "Data_Entry_2017_v2020.csv"
BOXES = "BBox_List_2017.csv"
LISTS = {"train_val_list.txt": False, "test_list.txt": True}
BOX_HEADER = "Image Index,Finding Label,Bbox [x,y,w,h],,,"
# The published box list contains no Edema, and uses this spelling.
BOX_LABELS = {
    "Infiltration": "Infiltrate",
    "Effusion": "Effusion",
    "Mass": "Mass",
    "Pneumothorax": "Pneumothorax",
    "Cardiomegaly": "Cardiomegaly",
}
PLATES = np.array([(2500, 2048, 0.168), (2048, 2500, 0.168), (2992, 2991, 0.143), (3056, 2544, 0.139)])


def name_rows(population: Population, spec: PhantomSpec) -> Names:
    """Return the file name of each image: patient and number."""
    return Names(pd.Series(name_images(population.images), name="Image Index"))


def write_tables(
    folder: Path, contents: Contents[Population, Names], boxes: Mapping[int, Boxes]
) -> dict[str, int]:
    """Write the entries, the two official lists and the boxes; return the number of boxes."""
    names = contents.names.rows
    write_entries(folder, contents.population, names, contents.spec.seed)
    write_lists(folder, names, contents.population.images["test"])
    return {"boxes": write_boxes(folder, names, boxes)}


def write_entries(folder: Path, population: Population, names: pd.Series, seed: int) -> None:
    """Write the table of all images; two of its headings contain a comma, as published."""
    images = population.images
    # Four words, so that no key of a population or an image (three words) is the same.
    rng = np.random.default_rng([seed, 0, 0, 1])
    plates = PLATES[rng.integers(len(PLATES), size=len(images))]
    table = pd.DataFrame(
        {
            "Image Index": names,
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


def name_findings(labels: NDArray[np.int64]) -> list[str]:
    """Return each image's findings in alphabetical order, joined by a bar.

    `labels` (images, findings) int64.
    """
    order = np.argsort(NAMES)
    return ["|".join(NAMES[i] for i in order if row[i]) or "No Finding" for row in labels]


def write_lists(folder: Path, names: pd.Series, listed: pd.Series) -> None:
    """Write the two official lists, one image name a line; `listed`: whether each is on the test list."""
    for name, test in LISTS.items():
        lines = "".join(f"{image}\n" for image in names[listed == test])
        (folder / name).write_text(lines, encoding="utf-8")


def write_boxes(folder: Path, names: pd.Series, boxes: Mapping[int, Boxes]) -> int:
    """Write the box list, by row and finding; return its number of boxes."""
    lines = [
        f"{names[row]},{BOX_LABELS[finding]},{x},{y},{width},{height}"
        for row, found in sorted(boxes.items())
        for finding, (x, y, width, height) in sorted(found)
    ]
    (folder / BOXES).write_text("\n".join([BOX_HEADER, *lines, ""]), encoding="utf-8")
    return len(lines)


def count_rows(contents: Contents[Population, Names]) -> dict[str, int]:
    """Count patients and images."""
    images = contents.population.images
    return {"patients": int(images["patient"].nunique()), "images": len(images)}
