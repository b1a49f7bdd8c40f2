"""RSNA 2019 intracranial haemorrhage: 752,803 CT slices, five subtypes of bleeding and `any`.

Source : Flanders et al., Radiology: Artificial Intelligence 2020, https://doi.org/10.1148/ryai.2020190211
Files  : stage_2_train.csv, or stage_1_train.csv (674,258 slices); each also as .gz; columns ID,Label, six
         rows an image (ID_63eb1e259_epidural,0); stage_2_train/ID_*.dcm or stage_1_train/ID_*.dcm, also
         in folders within (CT, 512 x 512, 16 bits allocated)
Unit   : the image, one slice. Who the patient is stands in the DICOM header only: 17,079 patients have
         19,530 studies. Some slices of different patients are identical, some of those labelled differently.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.base import Section
from radpipe.data.cells import apply_once
from radpipe.data.demographics import read_demographics
from radpipe.data.ids import names_nobody, normalise_id
from radpipe.data.index import Index
from radpipe.data.readers.folders import find_images, find_table, record_warnings
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.rsna_hemorrhage.table import TARGETS, read_labels
from radpipe.errors import DataError
from radpipe.images.header_table import count_unreadable, read_headers

TABLES = ("stage_2_train.csv", "stage_1_train.csv", "stage_1_train_full.csv")  # the larger set first
FOLDERS = ("stage_2_train", "stage_2_train/**/", "stage_1_train", "stage_1_train/**/")
MODALITY = "CT"
PLACES = ("study_id", "series_id", "z")  # of a header, besides the patient
DEMOGRAPHICS = ("age", "sex", "view")
NO_HEADERS = "patients unknown: the headers are not on disk"
SEVERAL = "studies that name several patients"
FROM_STUDY = "slices without a patient that are given the one patient of their study"
STUDY_FOR_PATIENT = "slices without a patient whose study stands for the patient"
DOUBTS = (NO_HEADERS, SEVERAL, STUDY_FOR_PATIENT)
UNKNOWN = "unknown:"  # before the image id: somebody of whom nothing else is known


def read(root: Path, tables: Path, options: Section) -> Index:
    """Read the published table in `tables`, find its images below `root` and read their headers.

    Raises
    ------
    DataError
        If the table is absent, contradicts itself, or holds what its format does not know.
    """
    path = find_table(tables, TABLES)
    if path is None:
        raise DataError(
            f"{tables}: found neither {TABLES[0]} nor {TABLES[1]} (nor one with .gz); download it from "
            "https://www.kaggle.com/competitions/rsna-intracranial-hemorrhage-detection into this folder"
        )
    labels, notes = read_labels(path)
    found, twice = find_images(root, FOLDERS, ".dcm")
    names = labels.index.to_series(index=pd.RangeIndex(len(labels)))
    images = pd.DataFrame({"image_id": names, "unit_id": names, "patient_id": names})
    images["expected_modality"] = pd.Series(MODALITY, images.index, dtype="str")
    images["path"] = (names + ".dcm").map(found).astype("str")
    notes["images found in two folders"] = twice
    notes["files on disk without a row"] = len(found) - int(images["path"].notna().sum())
    described, unknown = add_header_facts(images, root)
    return Index(described, labels, notes=notes | unknown, tables=(path,), doubts=DOUBTS)


def add_header_facts(images: pd.DataFrame, root: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Add what the headers of the images on disk know, with all cores.

    A slice of an unknown patient is nobody's: it stands as a person of its own until it is rejected. With
    no image on disk every slice does, under its own name: enough for the table, not for a split.

    Returns
    -------
    DataFrame, dict
        `images` with patient_id, study_id, series_id, z [mm], age [years], sex and view; and counts.
    """
    present = images["path"].notna().to_numpy()
    paths = [root / path for path in images["path"][present]]
    headers = read_headers(paths, os.cpu_count() or 1).set_index(images.index[present])
    known, unclear = read_demographics(headers[list(DEMOGRAPHICS)])
    described = images.join(headers[list(PLACES)]).join(known)
    if not present.any():
        return described, {NO_HEADERS: len(images)}
    nobody = apply_once(headers["patient_id"], names_nobody).astype(bool)
    named = headers.assign(patient_id=headers["patient_id"].mask(nobody & headers["study_id"].notna()))
    patient, notes = complete_patients(named)
    nameless = headers["reason"].isna() & patient.isna()
    if nameless.any():
        described["nameless"] = nameless.reindex(images.index, fill_value=False)
    patient = patient.reindex(images.index)
    unknown = patient.isna().to_numpy()
    described["patient_id"] = patient.where(~unknown, UNKNOWN + images["image_id"]).astype("str")
    record_warnings(notes, unclear)
    modality = headers["modality"].dropna()
    persons = apply_once(described["patient_id"][~unknown], normalise_id)
    patients_of_study = persons.groupby(described["study_id"][~unknown]).nunique()
    return described, {
        "images not on disk, their patient unknown": int((~present).sum()),
        "files without a readable header or patient, each counted as a patient of its own": int(
            (unknown & present).sum()
        ),
        "headers of another modality than CT": int((modality != MODALITY).sum()),
        SEVERAL: int((patients_of_study > 1).sum()),
        **notes,
        **count_unreadable(headers),
    }


def complete_patients(headers: pd.DataFrame) -> tuple[pd.Series, dict[str, int]]:
    """Give a slice without a patient the one of its study; a study that names none stands for its patient.

    Returns
    -------
    Series, dict
        The patient of each header, missing where it names neither patient nor study; and what was counted.
    """
    patient = headers["patient_id"]
    study = headers["study_id"]
    lacking = patient.isna() & study.notna()
    if not lacking.any():
        return patient, {}
    named = headers[patient.notna()].groupby("study_id")["patient_id"]
    only = named.first()[named.nunique().eq(1)]
    found = study.map(only)
    notes = {
        FROM_STUDY: int((lacking & found.notna()).sum()),
        STUDY_FOR_PATIENT: int((lacking & found.isna()).sum()),
    }
    completed = patient.where(~lacking, found.fillna(study)).astype("str")
    return completed, {note: count for note, count in notes.items() if count}


def to_submission(probabilities: pd.DataFrame, images: Sequence[str] | None = None) -> pd.DataFrame:
    """Turn probabilities into the competition's file: `ID,Label`, six rows an image.

    Parameters
    ----------
    probabilities
        (images, 6), indexed by image id (ID_63eb1e259), the columns `TARGETS` in any order.
    images
        Ids of every image of the test set, in the wanted order; None: those of `probabilities`.

    Returns
    -------
    DataFrame
        ID (text) and Label (float64), to be written without its index.

    Raises
    ------
    DataError
        If an image or a column is absent, stands twice or is none of the set, or a value is no probability.
    """
    if sorted(map(str, probabilities.columns)) != sorted(TARGETS):
        raise DataError(f"submission: columns are {list(probabilities.columns)}, expected {list(TARGETS)}")
    wanted = pd.Index(list(probabilities.index if images is None else images), dtype="str")
    refuse_other_images(probabilities.index, wanted)
    values = probabilities.loc[wanted, list(TARGETS)].to_numpy(np.float64)
    improbable = ~((values >= 0) & (values <= 1)).all(axis=1)  # NaN is neither
    if improbable.any():
        raise DataError(
            f"submission: {int(improbable.sum())} images have a value that is no probability, the first is "
            f"number {int(improbable.argmax()) + 1}; expected 0 to 1 for each of the six targets"
        )
    names = np.repeat(wanted.to_numpy(object), len(TARGETS)) + np.tile(
        np.array([f"_{target}" for target in TARGETS], object), len(wanted)
    )
    return pd.DataFrame({"ID": pd.Series(names, dtype="str"), "Label": values.ravel()})


def refuse_other_images(given: pd.Index, wanted: pd.Index) -> None:
    """Refuse predictions that are not exactly one for each image of the test set."""
    if given.has_duplicates or wanted.has_duplicates:
        raise DataError("submission: an image stands twice, expected one row of probabilities for each image")
    absent = ~wanted.isin(given)
    foreign = ~given.isin(wanted)
    if absent.any():
        raise DataError(
            f"submission: {int(absent.sum())} of {len(wanted)} test images have no prediction, the first is "
            f"number {int(absent.argmax()) + 1}; the competition expects all. Predict the whole folder"
        )
    if foreign.any():
        raise DataError(
            f"submission: {int(foreign.sum())} images are not in the test set, the first is prediction "
            f"{int(foreign.argmax()) + 1}"
        )


READER = Reader(
    read=read,
    description=(
        "RSNA intracranial haemorrhage: slices of head CT; five subtypes and their union, read by "
        "radiologists slice by slice (Flanders et al. 2020)"
    ),
    reference="Each slice labelled by radiologists",
    modality=MODALITY,
    published={"images": 752_803, "studies": 19_530, "patients": 17_079},
    to_submission=to_submission,
    submitted=TARGETS,
)
