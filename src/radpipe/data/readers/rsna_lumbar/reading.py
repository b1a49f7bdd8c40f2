"""RSNA 2024 lumbar spine: MR of 1,975 studies, 25 grades of three severities each, and where they are seen.

Source : https://www.kaggle.com/competitions/rsna-2024-lumbar-spine-degenerative-classification
Files  : train.csv (one row per study, one column per grade; 572 of 49,375 grades are empty),
         train_label_coordinates.csv (48,692 marks), train_series_descriptions.csv (6,294 series);
         each also as .gz; train_images/<study>/<series>/<instance>.dcm, of sizes that differ
Unit   : by option. `image`: an image that carries at least one mark, with the grades marked on it.
         `annotation`: one mark with its grade; x and y say where to crop. `study`: the marked images
         of a study, all labelled with all of its grades; predictions are averaged over the study.
Patient: unknown. The set has no patient ids, so that a study stands for a patient.
"""

from pathlib import Path

from radpipe.config.base import Section
from radpipe.config.readers import LumbarOptions
from radpipe.data.index import Index
from radpipe.data.readers.rsna_lumbar.grades import (
    CLASSES,
    CONDITIONS,
    GRADES,
    LEVELS,
    SEVERITIES,
    encode,
    lay_out,
    to_long,
)
from radpipe.data.readers.rsna_lumbar.matching import count_grades, count_series, find_files, match
from radpipe.data.readers.rsna_lumbar.tables import (
    COORDINATES,
    SERIES,
    TRAIN,
    locate,
    read_grades,
    read_marks,
    read_series,
)
from radpipe.data.readers.rsna_lumbar.units import build

__all__ = [
    "CLASSES", "CONDITIONS", "GRADES", "LEVELS", "SEVERITIES", "encode", "lay_out", "read", "to_long",
]  # fmt: skip
STUDIES = "studies taken for patients: the set has no patient ids"


def read(root: Path, tables: Path, options: Section) -> Index:
    """Read the published tables in `tables` and find their images below `root`.

    Raises
    ------
    DataError
        If a table is absent, or holds what its format does not know.
    """
    if not isinstance(options, LumbarOptions):
        raise TypeError(f"expected LumbarOptions, found {type(options).__name__}")
    paths = [locate(tables, name) for name in (TRAIN, COORDINATES, SERIES)]
    grades, repeated_grades = read_grades(paths[0])
    marks, repeated_marks = read_marks(paths[1])
    series, repeated_series = read_series(paths[2])
    matched, found = match(grades, marks, series), find_files(root)
    images, labels, excluded = build(grades, matched, found, options)
    lost = images.loc[images["path"].isna(), ["study_id", "series_id", "instance"]].drop_duplicates()
    notes = {
        STUDIES: int(images["patient_id"].nunique()),
        "repeated rows dropped": repeated_grades + repeated_marks + repeated_series,
        **count_grades(grades, marks),
        **count_series(grades, matched, series),
        **excluded,
        "marked images not on disk": len(lost),
        "images on disk without a row": len(found - set(images["path"].dropna())),
    }
    grid = lay_out(options.targets)
    return Index(images, labels, notes=notes, tables=tuple(paths), grid=grid, doubts=(STUDIES,))
