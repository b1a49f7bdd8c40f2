"""Marks -> the rows of an index: a marked image, one mark, or a marked image labelled as its study is."""

import pandas as pd

from radpipe.config.readers import LumbarOptions
from radpipe.data.readers.rsna_lumbar.grades import GRADES, encode

IMAGE = ["study_id", "series_id", "instance_number"]


def build(
    grades: pd.DataFrame, matched: pd.DataFrame, found: set[str], options: LumbarOptions
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Build the tables of the index.

    Parameters
    ----------
    grades
        One row per grade, see `to_long`.
    matched
        One row per mark, see `match`.
    found
        The images on disk.

    Returns
    -------
    images, labels : DataFrame
        As the index wants them.
    notes : dict
        What `missing: exclude` left out.
    """
    rows = name_units(matched, options.unit)
    source = grades.assign(unit_id=grades["study_id"]) if options.unit == "study" else rows
    severities = source.pivot_table("severity", "unit_id", "grade", "first")
    order = pd.Index(rows["unit_id"].unique(), name="unit_id")
    severities = severities.reindex(index=order, columns=list(GRADES))
    notes = {}
    if options.missing == "exclude":
        known = severities.notna().any(axis=1)
        kept = rows["unit_id"].isin(severities.index[known])
        rows, severities = rows[kept].reset_index(drop=True), severities[known]
        notes = {"rows without a known grade left out": int((~kept).sum())}
    if options.unit != "annotation":
        rows = rows.drop_duplicates(IMAGE, ignore_index=True)
    return describe(rows, found, options), encode(severities.astype("float32"), options.targets), notes


def name_units(matched: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Add to every mark its unit_id and path; a grade that is marked twice on one image gets /2."""
    image = matched["study_id"] + "/" + matched["series_id"] + "/" + matched["instance_number"].astype("str")
    mark = image + "/" + matched["grade"]
    again = mark.groupby(mark).cumcount() + 1
    mark = mark.where(again == 1, mark + "/" + again.astype("str"))
    unit_id = {"image": image, "annotation": mark, "study": matched["study_id"]}[unit]
    return matched.assign(unit_id=unit_id, image_id=mark if unit == "annotation" else image, image=image)


def describe(rows: pd.DataFrame, found: set[str], options: LumbarOptions) -> pd.DataFrame:
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
            "expected_modality": pd.Series("MR", rows.index, dtype="str"),
        }
    )
    marks = rows[["x", "y", "condition", "level"]]
    return images.join(marks) if options.unit == "annotation" else images
