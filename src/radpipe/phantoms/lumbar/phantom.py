"""The lumbar phantom, a patient being a study: one DICOM file per slice, in a folder per series."""

import numpy as np

from radpipe.phantoms.driver import Contents, Phantom, RowFiles
from radpipe.phantoms.lumbar.anatomy import draw_study_spine
from radpipe.phantoms.lumbar.dicom import encode
from radpipe.phantoms.lumbar.drawing import draw_slice
from radpipe.phantoms.lumbar.population import (
    GRADES,
    LEAST_SEVERE,
    GradedPopulation,
    draw_population,
    is_usable,
    plant_oddities,
)
from radpipe.phantoms.lumbar.tables import (
    LumbarNames,
    count_rows,
    name_rows,
    write_tables,
)

FOLDER = "train_images"
GAINS = 600, 2600  # stored value of the brightest tissue


def draw_row(contents: Contents[GradedPopulation, LumbarNames], row: int) -> RowFiles:
    """Draw the slices of one study; the middle one of a study that is truncated lacks its end."""
    study = contents.names.studies[row]
    spine = draw_study_spine(contents.spec.seed, study)
    rng = np.random.default_rng([contents.spec.seed, study.number + 1, 1])
    files: dict[str, bytes | None] = {}
    for series in study.series:
        gain = float(np.exp(rng.uniform(*np.log(GAINS))))
        for each in series.slices:
            image = draw_slice(series, each, spine, study.strengths, rng)
            content = encode(image, study, series, each, gain)
            if study.truncated and series.view == "Sagittal T2/STIR" and each.place == 0:
                content = content[: len(content) * 3 // 5]
            files[f"{FOLDER}/{study.study_id}/{series.series_id}/{each.instance}.dcm"] = content
    return RowFiles(files)


LUMBAR = Phantom(
    draw_population=draw_population,
    plant_oddities=plant_oddities,
    is_usable=is_usable,
    lacking="severe grades",
    expected=f"{LEAST_SEVERE} of each condition and level",
    name_rows=name_rows,
    draw_row=draw_row,
    write_tables=write_tables,
    count_rows=count_rows,
    targets=[f"{grade}:{name}" for grade in GRADES for name in ("moderate", "severe")],
)
