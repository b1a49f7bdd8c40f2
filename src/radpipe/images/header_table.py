"""The headers of many DICOM files -> one table; pixels are never read."""

import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from pydicom import Dataset
from tqdm import tqdm

from radpipe.images.files.dicom.elements import (
    decode_numbers,
    decode_short,
    decode_text,
    parse_tags,
)
from radpipe.images.files.dicom.file import HEAD, LARGEST_INFLATED, is_dicom, open_dataset
from radpipe.images.files.dicom.functional_groups import (
    DISPLAY,
    GROUP_TAGS,
    SHARED,
    VALUES,
    flatten_groups,
)
from radpipe.images.files.dicom.pixel_description import read_spacing
from radpipe.images.problems import ImageProblem, build_access_problem
from radpipe.images.workers import open_pool

TAGS = GROUP_TAGS + parse_tags(
    "Modality PatientID PatientAge PatientSex ViewPosition StudyInstanceUID SeriesInstanceUID SOPInstanceUID"
    " SeriesDescription InstanceNumber ImagePositionPatient ImageOrientationPatient PixelSpacing"
    " ImagerPixelSpacing Rows Columns NumberOfFrames"
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
    "age": "PatientAge",
    "sex": "PatientSex",
}
COLUMNS = {
    "path": "str",
    **dict.fromkeys(TEXTS, "str"),
    "instance": "Int32",
    "x": "float64",
    "y": "float64",
    "z": "float64",
    "position": "float64",
    "row_spacing": "float64",
    "column_spacing": "float64",
    "rows": "Int32",
    "columns": "Int32",
    "unreadable": "str",
    "reason": "str",
    "detail": "str",
}
LARGEST_WHOLE = 2**31 - 1  # of a DICOM integer string
Value = TypeVar("Value")


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
          series_description, age, sex: text as the file has it;
        - instance: InstanceNumber; x, y, z: ImagePositionPatient [mm];
        - position: distance from the origin along the normal of the slice [mm], which orders the
          slices of a series whatever their orientation (DICOM PS3.3 C.7.6.2.1.1);
        - row_spacing, column_spacing [mm]; rows, columns [px];
        - unreadable: keywords of the elements that could not be read, with blanks between them;
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
    """Return what the columns say of a data set; an element that cannot be read costs no other."""
    unreadable: list[str] = []

    def read(keyword: str, decode: Callable[[Dataset, str], Value], default: Value) -> Value:
        try:
            return decode(dataset, keyword)
        except Exception:  # any element may hold anything
            unreadable.append(keyword)
            return default

    unknown: list[float] = []
    if read("NumberOfFrames", decode_whole_number, None) in (None, 1):
        nothing: dict[str, str] = {}
        problems = read(SHARED, lambda found, _: flatten_groups(found, 0), nothing)
        unreadable += [group for group in problems if group not in (VALUES, DISPLAY)]
    place = read("ImagePositionPatient", decode_all_numbers, unknown)
    x, y, z = place if len(place) == 3 else [np.nan] * 3
    row_spacing, column_spacing = read("PixelSpacing", decode_spacing, (np.nan, np.nan))
    instance = read("InstanceNumber", decode_whole_number, None)
    return {
        **{column: read(keyword, decode_text, None) for column, keyword in TEXTS.items()},
        "instance": instance,
        "x": x,
        "y": y,
        "z": z,
        "position": compute_position(place, read("ImageOrientationPatient", decode_all_numbers, unknown)),
        "row_spacing": row_spacing,
        "column_spacing": column_spacing,
        "rows": read("Rows", decode_short, None),
        "columns": read("Columns", decode_short, None),
        "unreadable": " ".join(unreadable) or None,
    }


def decode_all_numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Return the values of an element of decimal text; raise ValueError if one of them is no number."""
    values = decode_numbers(dataset, keyword)
    if any(map(math.isnan, values)):
        raise ValueError(f"{keyword} is no number")
    return values


def decode_spacing(dataset: Dataset, keyword: str) -> tuple[float, float]:
    """Return the distances of rows and of columns [mm], NaN where the file does not say."""
    spacing, problem = read_spacing(dataset)
    if problem is not None:
        raise ValueError(f"{keyword}: {problem}")
    return spacing or (np.nan, np.nan)


def decode_whole_number(dataset: Dataset, keyword: str) -> int | None:
    """Return the first value of an element of whole numbers (VR IS), or None if it is absent or empty."""
    values = decode_numbers(dataset, keyword)
    if not values:
        return None
    if not values[0].is_integer() or abs(values[0]) > LARGEST_WHOLE:  # NaN is no integer
        raise ValueError(f"{keyword} is no whole number")
    return int(values[0])


def count_unreadable(headers: pd.DataFrame) -> dict[str, int]:
    """Count the elements that could not be read, by keyword, as notes of an index; none where all could."""
    keywords = headers["unreadable"].dropna().str.split().explode()
    return {f"headers whose {name} could not be read": int(n) for name, n in keywords.value_counts().items()}


def compute_position(place: Sequence[float], directions: Sequence[float]) -> float:
    """Return the position of a slice along its normal [mm], NaN if it is not known."""
    if len(place) != 3 or len(directions) != 6:
        return np.nan
    (a, b, c), (d, e, f) = directions[:3], directions[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    return sum(across * along for across, along in zip(normal, place, strict=True))
