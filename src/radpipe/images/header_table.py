"""The headers of many DICOM files -> one table; pixels are never read."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydicom import Dataset
from tqdm import tqdm

from radpipe.images.ages import parse_age
from radpipe.images.files.dicom.elements import (
    build_damage_problem,
    decode_numbers,
    decode_short,
    decode_text,
    parse_tags,
)
from radpipe.images.files.dicom.file import HEAD, LARGEST_INFLATED, is_dicom, open_dataset
from radpipe.images.files.dicom.pixel_description import read_spacing
from radpipe.images.problems import ImageProblem, build_access_problem
from radpipe.images.workers import open_pool

TAGS = parse_tags(
    "Modality PatientID PatientAge PatientSex ViewPosition StudyInstanceUID SeriesInstanceUID SOPInstanceUID"
    " SeriesDescription InstanceNumber ImagePositionPatient ImageOrientationPatient PixelSpacing"
    " ImagerPixelSpacing Rows Columns"
)
GROUP = 256  # files given to a process at once
WORTH_A_PROCESS = 4096  # files; starting one costs as much as reading some thousand headers
TEXTS = {
    "patient_id": "PatientID",
    "study_id": "StudyInstanceUID",
    "series_id": "SeriesInstanceUID",
    "instance_id": "SOPInstanceUID",
    "modality": "Modality",
    "view": "ViewPosition",
    "series_description": "SeriesDescription",
}
COLUMNS = {
    "path": "str",
    **dict.fromkeys(TEXTS, "str"),
    "age": "float32",
    "sex": "str",
    "instance": "Int32",
    "x": "float64",
    "y": "float64",
    "z": "float64",
    "position": "float64",
    "row_spacing": "float64",
    "column_spacing": "float64",
    "rows": "Int32",
    "columns": "Int32",
    "reason": "str",
    "detail": "str",
}


def read_headers(paths: Iterable[str | os.PathLike[str]], threads: int) -> pd.DataFrame:
    """Read the headers of DICOM files.

    Parameters
    ----------
    paths : paths
        A file that is none, or cannot be read, gets a reason; it stops nothing.
    threads : int
        Processes, if there are files enough to make a second one worth its start.

    Returns
    -------
    DataFrame
        One row per file, in order, with `COLUMNS`; missing where a file does not say.

        - path: as given; patient_id, study_id, series_id, instance_id, modality, view,
          series_description: text;
        - age [years], NaN where impossible; sex F or M;
        - instance: InstanceNumber; x, y, z: ImagePositionPatient [mm];
        - position: distance from the origin along the normal of the slice [mm], which orders the
          slices of a series whatever their orientation (DICOM PS3.3 C.7.6.2.1.1);
        - row_spacing, column_spacing [mm]; rows, columns [px];
        - reason, detail: why nothing else is known.
    """
    files = [os.fspath(path) for path in paths]
    groups = [files[start : start + GROUP] for start in range(0, len(files), GROUP)]
    workers = min(threads, max(1, len(files) // WORTH_A_PROCESS))
    facts: list[dict[str, Any]] = []
    with (
        open_pool(workers, processes=workers > 1) as pool,
        tqdm(total=len(files), desc="headers", unit="file", disable=None) as progress,
    ):
        for found in pool.map(read_group, groups):
            facts += found
            progress.update(len(found))
    table = pd.DataFrame(facts, columns=list(COLUMNS))
    return table.astype(COLUMNS)


def read_group(files: Sequence[str]) -> list[dict[str, Any]]:
    """Read some files."""
    return [{"path": file, **read_header_facts(file)} for file in files]


def read_header_facts(file: str) -> dict[str, Any]:
    """Read one file; a problem is a fact like any other."""
    try:
        with Path(file).open("rb") as stream:
            head = stream.read(HEAD)
            if not is_dicom(head):
                raise ImageProblem("unsupported format" if head else "empty", "not a DICOM file")
            stream.seek(0)
            return describe_header(open_dataset(stream, TAGS, LARGEST_INFLATED, pixels=False))
    except ImageProblem as problem:
        found = problem
    except (OSError, ValueError) as error:
        found = build_access_problem(error)
    return {"reason": found.reason, "detail": found.detail}


def describe_header(dataset: Dataset) -> dict[str, Any]:
    """Return what the columns say of a data set."""
    try:
        texts = {column: decode_text(dataset, keyword) for column, keyword in TEXTS.items()}
        place = decode_numbers(dataset, "ImagePositionPatient")
        x, y, z = place if len(place) == 3 else [np.nan] * 3
        row_spacing, column_spacing = read_spacing(dataset) or (np.nan, np.nan)
        instance = decode_numbers(dataset, "InstanceNumber")
        sex = decode_text(dataset, "PatientSex")
        return {
            **texts,
            "age": parse_age(decode_text(dataset, "PatientAge")),
            "sex": sex if sex in ("F", "M") else None,
            "instance": int(instance[0]) if instance else None,
            "x": x,
            "y": y,
            "z": z,
            "position": compute_position(dataset, place),
            "row_spacing": row_spacing,
            "column_spacing": column_spacing,
            "rows": decode_short(dataset, "Rows"),
            "columns": decode_short(dataset, "Columns"),
        }
    except Exception as error:  # any element may hold anything
        raise build_damage_problem(error) from None


def compute_position(dataset: Dataset, place: Sequence[float]) -> float:
    """Return the position of a slice along its normal [mm]."""
    directions = decode_numbers(dataset, "ImageOrientationPatient")
    if len(place) != 3 or len(directions) != 6:
        return np.nan
    (a, b, c), (d, e, f) = directions[:3], directions[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    return sum(across * along for across, along in zip(normal, place, strict=True))
