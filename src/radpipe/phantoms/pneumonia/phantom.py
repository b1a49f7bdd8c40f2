"""The pneumonia phantom: one DICOM file per radiograph, and boxes around the opacities."""

from radpipe.phantoms.driver import Contents, Names, Phantom, RowFiles
from radpipe.phantoms.pneumonia.dicom import encode
from radpipe.phantoms.pneumonia.drawing import draw_radiograph
from radpipe.phantoms.pneumonia.population import (
    CLASSES,
    LEAST_PATIENTS,
    draw_population,
    is_usable,
    plant_oddities,
)
from radpipe.phantoms.pneumonia.tables import TARGETS, count_rows, name_rows, write_tables
from radpipe.phantoms.shared.population import Population, damage, find_oddity

FOLDER = "stage_2_train_images"
OPACITY = "Lung Opacity"


def draw_row(contents: Contents[Population, Names], row: int) -> RowFiles:
    """Draw the radiograph of one row, and box what it shows if it is labelled so."""
    population = contents.population
    spec = contents.spec
    facts = population.images.iloc[row]
    opacity, other = population.strengths[row].tolist()
    strengths = {"Opacity": opacity, facts["sign"]: other}
    image = draw_radiograph(
        spec.seed, int(facts["patient"]), int(facts["number"]), facts["view"], strengths, spec.size
    )
    name = contents.names.rows[row]
    content = encode(name, facts, image.pixels)
    damaged = damage(content, find_oddity(population.oddities, row), len(content) // 2)
    boxed = CLASSES[population.labels[row]] == OPACITY
    boxes = [(OPACITY, box) for box in image.boxes] if boxed else []
    return RowFiles({f"{FOLDER}/{name}.dcm": damaged}, boxes)


PNEUMONIA = Phantom(
    draw_population=draw_population,
    plant_oddities=plant_oddities,
    is_usable=is_usable,
    lacking="patients of one class",
    expected=f"{LEAST_PATIENTS} of each",
    name_rows=name_rows,
    draw_row=draw_row,
    write_tables=write_tables,
    count_rows=count_rows,
    targets=TARGETS,
)
