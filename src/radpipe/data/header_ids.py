"""Whom DICOM headers name: numbered, so that the audit can compare patients while no id of theirs is kept."""

from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.ids import ClassifiedIds, classify_ids


def number_header_ids(headers: pd.DataFrame) -> pd.DataFrame:
    """Replace the patients and studies that headers name by numbers, so that no id of theirs is kept.

    Parameters
    ----------
    headers
        row, path, patient_id, study_id (text, missing where unknown), as `validate` reads them; with a
        RangeIndex.

    Returns
    -------
    DataFrame
        row (int64); header_patient and header_study (Int32), one number for all spellings of an id;
        header_spelling (Int32), one for each spelling of a patient. Numbers are in order of first appearance,
        and missing where a header names nobody, or where the only file of a patient is named after it: like
        those of the RSNA pneumonia set, such an id may be that of the image.
    """
    ids = headers["patient_id"]
    patient, study = classify_ids(ids), classify_ids(headers["study_id"])
    numbers = _number(patient.keys, patient)
    files = headers.assign(number=numbers)[ids.notna()].drop_duplicates("path")
    alone = files[~files["number"].duplicated(keep=False)]
    stems = alone["path"].map(lambda path: PurePosixPath(path).stem).astype("str")
    images = numbers.isin(alone["number"][alone["patient_id"].str.casefold() == stems.str.casefold()])
    numbered = headers[["row"]].assign(
        header_patient=numbers.mask(images),
        header_spelling=_number(patient.spellings, patient).mask(images),
        header_study=_number(study.keys, study),
    )
    known = numbered[["header_patient", "header_study"]].notna().any(axis=1)
    return numbered[known].reset_index(drop=True)


def _number(texts: NDArray[np.object_], classified: ClassifiedIds) -> pd.Series:
    """Return the number of each row's text, one being given for each spelling; missing where it is nobody."""
    known = pd.Series(texts, dtype="str").mask(classified.nobody)
    numbers = pd.Series(pd.factorize(known)[0][classified.codes], dtype="Int32")
    return numbers.mask(numbers < 0)
