"""The chest phantom: one PNG file per image, all findings as strong as their evidence, and boxes."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.chest.population import (
    LEAST_PATIENTS,
    NAMES,
    add_test_list,
    draw_population,
    is_usable,
    plant_oddities,
)
from radpipe.phantoms.chest.tables import BOX_LABELS, count_rows, name_rows, write_tables
from radpipe.phantoms.driver import Boxes, Contents, Names, Phantom, RowFiles
from radpipe.phantoms.radiograph.anatomy import View, place_patient
from radpipe.phantoms.radiograph.drawing import develop
from radpipe.phantoms.radiograph.signs import draw_signs, find_box
from radpipe.phantoms.shared.painting import Field
from radpipe.phantoms.shared.population import Population, damage, find_oddity

# As published: images_001 to images_012.
FOLDER_IMAGES = 10_000
LEAST_FOLDERS, MOST_FOLDERS = 2, 12
STRONG = 0.7  # evidence from which a sign is boxed


@dataclass(frozen=True)
class ChestImage:
    """8-bit grey pixels, (size, size), and where each finding shows."""

    pixels: NDArray[np.uint8]
    signs: dict[str, Field]


def draw_row(contents: Contents[Population, Names], row: int) -> RowFiles:
    """Draw the image of one row; of a pair, the second shows the first."""
    population = contents.population
    spec = contents.spec
    source = population.images.iloc[int(population.images["source"].iloc[row])]
    strengths = dict(zip(NAMES, population.strengths[row].tolist(), strict=True))
    image = draw_image(
        spec.seed, int(source["patient"]), int(source["number"]), source["view"], strengths, spec.size
    )
    oddity = find_oddity(population.oddities, row)
    files = {place_image(contents.names, row): encode(image.pixels, oddity)}
    return RowFiles(files, find_boxes(population, row, image) if oddity is None else [])


def draw_image(
    seed: int, patient: int, number: int, view: View, strengths: Mapping[str, float], size: int
) -> ChestImage:
    """Draw image `number` of a patient, see `place_patient`; strengths are 0..1, by name of the finding."""
    thorax, rng = place_patient(seed, patient, number, view, strengths["Cardiomegaly"], size)
    signs = draw_signs(thorax, strengths, rng)
    return ChestImage(develop(thorax, signs, strengths, rng), signs)


def encode(pixels: NDArray[np.uint8], oddity: str | None) -> bytes | None:
    """Return a PNG file's content, damaged as the oddity wants; None for a file that is missing.

    `pixels` (size, size) uint8.
    """
    if oddity == "constant":
        pixels = np.full_like(pixels, 128)
    if oddity == "rgba":
        opaque = np.full_like(pixels, 255)
        pixels = np.dstack([pixels, pixels, pixels, opaque])
    content = cv2.imencode(".png", pixels)[1].tobytes()
    return damage(content, oddity, len(content) // 2)


def place_image(names: Names, row: int) -> str:
    """Return the path of an image; the folders images_001/images, ... are filled in the table's order."""
    images = len(names.rows)
    folders = int(np.clip(-(-images // FOLDER_IMAGES), LEAST_FOLDERS, MOST_FOLDERS))
    return f"images_{row * folders // images + 1:03d}/images/{names.rows[row]}"


def find_boxes(population: Population, row: int, image: ChestImage) -> Boxes:
    """Box the strong signs of a positive image on the test list, as published: [px] of the image."""
    if not population.images["test"].iloc[row]:
        return []
    strong = (population.labels[row] == 1) & (population.strengths[row] > STRONG)
    names = [name for name, shown in zip(NAMES, strong, strict=True) if shown and name in BOX_LABELS]
    return [(name, find_box(image.signs[name])) for name in names]


CHEST = Phantom(
    draw_population=draw_population,
    plant_oddities=plant_oddities,
    is_usable=is_usable,
    complete=add_test_list,
    lacking="positive patients",
    expected=f"{LEAST_PATIENTS} of each finding",
    name_rows=name_rows,
    draw_row=draw_row,
    write_tables=write_tables,
    count_rows=count_rows,
    targets=NAMES,
)
