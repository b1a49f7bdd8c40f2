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

import pandas as pd

from radpipe.config.base import Section
from radpipe.config.readers import LumbarOptions
from radpipe.data.index import Index
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.rsna_lumbar.grades import GRADES, build_grid, encode_grades
from radpipe.data.readers.rsna_lumbar.matching import (
    count_grades,
    count_series,
    find_files,
    join_spellings,
    match_marks,
)
from radpipe.data.readers.rsna_lumbar.tables import (
    COORDINATES,
    SERIES,
    TRAIN,
    locate_table,
    read_grades,
    read_marks,
    read_series,
)

MODALITY = "MR"
IMAGE = ["study_id", "series_id", "instance_number"]
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
    paths = [locate_table(tables, name) for name in (TRAIN, COORDINATES, SERIES)]
    grades, repeated_grades = read_grades(paths[0])
    marks, repeated_marks = read_marks(paths[1])
    series, repeated_series = read_series(paths[2])
    (grades, marks, series), doubts = join_spellings((grades, marks, series), options)
    matched = match_marks(grades, marks, series)
    found = find_files(root)
    images, labels, excluded = build_rows(grades, matched, found, options)
    lost = images.loc[images["path"].isna(), ["study_id", "series_id", "instance"]].drop_duplicates()
    notes = {
        STUDIES: int(images["patient_id"].nunique()),
        "repeated rows dropped": repeated_grades + repeated_marks + repeated_series,
        **count_grades(grades, marks),
        **count_series(grades, matched, series),
        **excluded,
        **doubts,
        "marked images not on disk": len(lost),
        "images on disk without a row": len(found - set(images["path"].dropna())),
    }
    grid = build_grid(options.targets)
    return Index(images, labels, notes=notes, tables=tuple(paths), grid=grid, doubts=(STUDIES, *doubts))


def build_rows(
    grades: pd.DataFrame, matched: pd.DataFrame, found: set[str], options: LumbarOptions
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Turn marks into the images and labels of the index, as the options say.

    Parameters
    ----------
    grades
        One row per grade, see `to_long`.
    matched
        One row per mark, see `match_marks`.
    found
        The images on disk.

    Returns
    -------
    images, labels : DataFrame
        As the index wants them.
    notes : dict
        What `missing: exclude` left out.
    """
    rows = add_unit_ids(matched, options.unit)
    source = grades.assign(unit_id=grades["study_id"]) if options.unit == "study" else rows
    severities = source.pivot_table("severity", "unit_id", "grade", "first")
    order = pd.Index(rows["unit_id"].unique(), name="unit_id")
    severities = severities.reindex(index=order, columns=list(GRADES))
    notes = {}
    if options.missing == "exclude":
        known = severities.notna().any(axis=1)
        kept = rows["unit_id"].isin(severities.index[known])
        rows = rows[kept].reset_index(drop=True)
        severities = severities[known]
        notes = {"rows without a known grade left out": int((~kept).sum())}
    if options.unit != "annotation":
        rows = rows.drop_duplicates(IMAGE, ignore_index=True)
    return (
        describe_images(rows, found, options),
        encode_grades(severities.astype("float32"), options.targets),
        notes,
    )


def add_unit_ids(matched: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Add to every mark its unit_id and path; a grade that is marked twice on one image gets /2."""
    image = matched["study_id"] + "/" + matched["series_id"] + "/" + matched["instance_number"].astype("str")
    mark = image + "/" + matched["grade"]
    again = mark.groupby(mark).cumcount() + 1
    mark = mark.where(again == 1, mark + "/" + again.astype("str"))
    unit_id = {"image": image, "annotation": mark, "study": matched["study_id"]}[unit]
    return matched.assign(unit_id=unit_id, image_id=mark if unit == "annotation" else image, image=image)


def describe_images(rows: pd.DataFrame, found: set[str], options: LumbarOptions) -> pd.DataFrame:
    """Build the image table; x, y [px], condition and level are those of a mark, if that is the unit."""
    path = "train_images/" + rows["image"] + ".dcm"
    images = pd.DataFrame(
        {
            "image_id": rows["image_id"],
            "unit_id": rows["unit_id"],
            "patient_id": rows["study_id"],
            "path": path.where(path.isin(found)).astype("str"),
            "view": rows["series_description"],
            "study_id": rows["study_id"],
            "series_id": rows["series_id"],
            "instance": rows["instance_number"],
            "series_description": rows["series_description"],
            "expected_modality": pd.Series(MODALITY, rows.index, dtype="str"),
        }
    )
    marks = rows[["x", "y", "condition", "level"]]
    return images.join(marks) if options.unit == "annotation" else images


READER = Reader(
    read=read,
    description="RSNA lumbar spine: MR; 25 grades a study in three severities, many not graded",
    modality=MODALITY,
    published={"studies": 1_975, "series": 6_294, "grades": 49_375, "marks": 48_692},
)
