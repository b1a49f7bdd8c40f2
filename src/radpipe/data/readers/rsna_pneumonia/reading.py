"""RSNA 2018 pneumonia: 26,684 chest radiographs, 6,012 with lung opacities marked by 9,555 boxes.

Source : Shih et al., Radiology: Artificial Intelligence 2019, https://doi.org/10.1148/ryai.2019180041
Files  : stage_2_train_labels.csv, stage_2_detailed_class_info.csv (needed for `targets: classes`), both also
         as stage_1_*; rsna_to_nih_mapping.csv where there is one; each also as .gz;
         stage_2_train_images/<patientId>.dcm (CR, 8-bit, JPEG Baseline; age, sex and view in the header)
Unit   : the image. `patientId` names an image of NIH ChestX-ray14, not a person: only the mapping tells
         which images are of one patient (11,439 in all).
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.base import Section
from radpipe.config.readers import PneumoniaOptions
from radpipe.data.demographics import read_demographics
from radpipe.data.index import Index
from radpipe.data.patients import EXACT, KEYS, NORMALISED, spell_alike
from radpipe.data.readers.folders import find_images, find_table, record_warning, record_warnings
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.rsna_pneumonia.tables import (
    OPACITY,
    encode_classes,
    find_boxes,
    read_classes,
    read_labels,
    read_mapping,
)
from radpipe.errors import DataError
from radpipe.images.header_table import count_unreadable, read_headers

MODALITY = "CR/DX"
STAGES = ("stage_2", "stage_1")  # the final labels first
LABELS = "train_labels.csv"
CLASSES = "detailed_class_info.csv"
MAPPING = "rsna_to_nih_mapping.csv"
FOLDERS = ("stage_2_train_images", "stage_1_train_images")
NO_MAPPING = "patientId is an image, not a person: no mapping to NIH patients was given"
UNMAPPED = "images that the mapping to NIH patients lacks: each is taken for a patient of its own"
MATCHED_TWICE = "NIH images matched to two images (one of the two patients is wrong)"
SPELLED = tuple(note.format(KEYS[0]) for note in (EXACT, NORMALISED))
DOUBTS = (NO_MAPPING, UNMAPPED, MATCHED_TWICE)


def read(root: Path, tables: Path, options: Section) -> Index:
    """Read the published tables in `tables`, and the headers of the images below `root`.

    Raises
    ------
    DataError
        If a table is absent, holds what its format does not know, or contradicts itself or another one.
    """
    if not isinstance(options, PneumoniaOptions):
        raise TypeError(f"expected PneumoniaOptions, found {type(options).__name__}")
    stage, path = find_labels(tables)
    rows, repeated = read_labels(path)
    target = rows.groupby("patientId", sort=False)["Target"].first()
    named = (path.name, rows["patientId"])
    labels, label_notes, class_paths = find_classes(tables, stage, target, options)
    patients, patient_notes, mapping_paths = find_patients(tables, named, options)
    found, twice = find_images(root, FOLDERS, ".dcm")
    images, header_notes = add_header_facts(describe_images(patients, found), root)
    notes = {
        "rows of the label table": len(rows) + repeated,
        "repeated rows of the label table dropped": repeated,
        **label_notes,
        **patient_notes,
        "images found in two folders": twice,
        **header_notes,
        "files on disk without a row": len(found) - int(images["path"].notna().sum()),
    }
    used = (path, *class_paths, *mapping_paths)
    return Index(images, labels, find_boxes(rows), notes, used, doubts=(*DOUBTS, *SPELLED))


def find_labels(folder: Path) -> tuple[str, Path]:
    """Return the stage whose label table is there, and the table."""
    for stage in STAGES:
        path = find_table(folder, (f"{stage}_{LABELS}",))
        if path is not None:
            return stage, path
    raise DataError(
        f"{folder}: found neither {STAGES[0]}_{LABELS} nor {STAGES[1]}_{LABELS} (nor one with .gz); download "
        "it from https://www.kaggle.com/c/rsna-pneumonia-detection-challenge into this folder"
    )


def find_classes(
    folder: Path, stage: str, target: pd.Series, options: PneumoniaOptions
) -> tuple[pd.DataFrame, dict[str, int], tuple[Path, ...]]:
    """Return the labels that the options ask for; the classes of the same stage must agree with them."""
    path = find_table(folder, (f"{stage}_{CLASSES}",))
    opacity = target.astype("float32").rename(OPACITY).to_frame().rename_axis("unit_id")
    if path is None and options.targets == "classes":
        raise DataError(
            f"{folder}: found no {stage}_{CLASSES} (nor one with .gz), which options.targets: classes needs; "
            "download it, or ask for opacity"
        )
    if path is None:
        return opacity, {}, ()
    classes, notes = read_classes(path, target)
    return (encode_classes(classes, target) if options.targets == "classes" else opacity), notes, (path,)


def find_patients(
    folder: Path, labelled: tuple[str, pd.Series], options: PneumoniaOptions
) -> tuple[pd.DataFrame, dict[str, int], tuple[Path, ...]]:
    """Find the NIH patient of each image; where none is known, the image stands for its patient.

    Parameters
    ----------
    labelled
        The file of the label table, and its images; the index is the line.

    Returns
    -------
    patients
        Indexed by patientId: patient_id (spelled as in the NIH tables) and nih_image, NA if unknown.
    notes
        What was counted; images that have to stand for patients are a warning.
    paths
        The mapping, if there is one.
    """
    notes: dict[str, int] = {}
    names = pd.Index(labelled[1].drop_duplicates(), name="patientId")
    path = find_table(folder, (MAPPING,))
    if path is None:
        patients = pd.DataFrame({"patient_id": names, "nih_image": pd.NA}, index=names)
        record_warning(notes, NO_MAPPING, len(names))
        return patients.astype({"nih_image": "str"}), notes, ()
    mapping, lines = read_mapping(path)
    spelled, doubts = spell_alike([labelled, (path.name, lines)], options)
    patients = mapping.rename(spelled).reindex(names)
    notes |= doubts
    unknown = patients["patient_id"].isna()
    matched = patients["nih_image"].dropna()
    notes[MATCHED_TWICE] = int(matched[matched.duplicated()].nunique())
    if unknown.any():
        record_warning(notes, UNMAPPED, int(unknown.sum()))
    return patients.assign(patient_id=patients["patient_id"].where(~unknown, names)), notes, (path,)


def describe_images(patients: pd.DataFrame, found: dict[str, str]) -> pd.DataFrame:
    """Build the image table of the index in the order of the label table."""
    name = pd.Series(patients.index, name="image_id")
    return pd.DataFrame(
        {
            "image_id": name,
            "unit_id": name,
            "patient_id": patients["patient_id"].to_numpy(),
            "path": (name + ".dcm").map(found).astype("str"),
            "official_split": pd.Series(pd.NA, name.index, dtype="str"),
            "expected_modality": pd.Series(MODALITY, name.index, dtype="str"),
            "nih_image": patients["nih_image"].to_numpy(),
        }
    )


def add_header_facts(images: pd.DataFrame, root: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Add age [years], sex and view from the headers of the files that are there."""
    present = images.index[images["path"].notna()]
    paths = [root / path for path in images["path"][present]]
    headers = read_headers(paths, os.cpu_count() or 1).set_axis(present)
    known, unclear = read_demographics(headers[["age", "sex", "view"]])
    unread = headers["reason"].notna()
    named = headers["patient_id"].dropna()
    modality = headers["modality"].dropna()
    notes = {
        "headers without an age, or with one above 120 years": int((known["age"].isna() & ~unread).sum()),
        "headers that could not be read": int(unread.sum()),
        "headers of another modality than CR or DX": int((~modality.isin(MODALITY.split("/"))).sum()),
        "headers that name another patientId": int(np.sum(named != images["image_id"][named.index])),
        **count_unreadable(headers),
    }
    record_warnings(notes, unclear)
    return images.join(known), notes


READER = Reader(
    read=read,
    description=(
        "RSNA pneumonia: frontal chest radiographs of the NIH set; lung opacity marked with boxes by "
        "radiologists (Shih et al. 2019)"
    ),
    reference="Boxes drawn by radiologists",
    modality=MODALITY,
    published={"images": 26_684, "patients": 11_439, "boxes": 9_555},
)
