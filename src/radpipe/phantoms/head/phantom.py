"""The head phantom: one DICOM file per slice, and how it is damaged."""

import numpy as np

from radpipe.phantoms.driver import Contents, Phantom, RowFiles
from radpipe.phantoms.head.dicom import SCANNERS, encode
from radpipe.phantoms.head.drawing import Place, draw_slice
from radpipe.phantoms.head.population import (
    LEAST_NEGATIVE,
    LEAST_POSITIVE,
    NAMES,
    TARGETS,
    draw_population,
    is_usable,
    plant_oddities,
)
from radpipe.phantoms.head.tables import HeadNames, count_rows, name_rows, write_tables
from radpipe.phantoms.shared.population import Population, damage, find_oddity

FOLDER = "stage_2_train"
KEPT = 0.29  # share of the pixels that the truncated file of the real set contains


def draw_row(contents: Contents[Population, HeadNames], row: int) -> RowFiles:
    """Draw the slice of one row: its own header around the image that it shows, be it a copy."""
    population = contents.population
    spec = contents.spec
    own = population.images.iloc[row]
    shown = population.images.iloc[int(own["source"])]
    place = Place(int(shown["patient"]), int(shown["study"]), int(shown["number"]), float(shown["height"]))
    strengths = dict(zip(NAMES, population.strengths[row].tolist(), strict=True))
    oddity = find_oddity(population.oddities, row)
    pixels = draw_slice(spec.seed, place, strengths, spec.size)
    if oddity == "constant":
        pixels = np.zeros_like(pixels)
    facts = identify(contents.names, row, int(own["patient"]), int(own["study"]))
    content = encode(pixels, SCANNERS[int(shown["scanner"])], facts, float(own["height"]))
    damaged = damage(content, oddity, len(content) - round((1 - KEPT) * pixels.nbytes))
    return RowFiles({f"{FOLDER}/{contents.names.rows[row]}.dcm": damaged})


def identify(names: HeadNames, row: int, patient: int, study: int) -> dict[str, str]:
    """Return the identifiers of a slice by DICOM keyword."""
    return {
        "SOPInstanceUID": names.instances[row],
        "PatientID": names.patients[patient - 1],
        "StudyInstanceUID": names.studies[study - 1],
        "SeriesInstanceUID": names.series[study - 1],
    }


HEAD = Phantom(
    draw_population=draw_population,
    plant_oddities=plant_oddities,
    is_usable=is_usable,
    lacking="patients with or without a target",
    expected=f"{LEAST_POSITIVE} and {LEAST_NEGATIVE}",
    name_rows=name_rows,
    draw_row=draw_row,
    write_tables=write_tables,
    count_rows=count_rows,
    targets=TARGETS,
)
