"""Signs that one person has several patient ids, or several persons share one: suspected, never proven.

No check can prove that two ids are two people. Each of these finds what the ids themselves, the studies or
the headers of DICOM files say against it; a person decides. Headers are compared by numbers, so that no id of
theirs is kept anywhere.
"""

import pandas as pd

from radpipe.data.audit.checks import Check, list_rows
from radpipe.data.ids import classify_ids, find_candidates
from radpipe.data.patients import OWN

SEVERAL_IDS = "one person with several ids? Sets that share no patient_id may still share a person"
SEVERAL_PEOPLE = "several people with one id?"
EXACT_SAYS = "taken for different people (options.patient_ids: exact)"
NOTHING_READ = "no header that was read names a {}"
FILE_NAMES = f"{NOTHING_READ.format('patient')}, but for ids that are the name of a single file"
ONE_FOR_ALL = "all headers name the same one, as after some anonymisations"


def check_identities(cases: pd.DataFrame, headers: pd.DataFrame, decided: bool) -> list[Check]:
    """Count the signs against one id being one person.

    Parameters
    ----------
    cases
        The images that are used: row, image_id, patient_id; study_id where it is known.
    headers
        row, and the numbers header_patient, header_spelling and header_study, see
        `radpipe.data.header_ids.number_header_ids`.
    decided
        Patients whose ids differ in spelling only are different people: the user has said so.
    """
    columns = ["row", "image_id", "patient_id"]
    named = headers.set_index("row").reindex(cases["row"]).reset_index(drop=True)
    table = cases[columns].reset_index(drop=True).join(named)
    study_id = cases.get("study_id", pd.Series(pd.NA, cases.index))
    table["study_id"] = study_id.to_numpy()
    if decided:
        table["header_patient"] = table["header_spelling"]
    return [
        check_spellings(table, decided),
        check_studies_of_patients(table),
        check_own_patients(table),
        check_header_patients(table),
        check_header_studies(table),
        check_patients_in_headers(table),
    ]


def check_spellings(cases: pd.DataFrame, decided: bool) -> Check:
    """Count the people whose ids differ only by zeros, `.0`, case, blanks, quotes or a plus sign."""
    name = "patients whose ids differ in spelling only"
    if cases["patient_id"].equals(cases["image_id"]):
        return Check(name, None, "not checked", "the patient ids are names of images")
    named = cases[~cases["patient_id"].str.startswith(OWN)]
    classified = classify_ids(named["patient_id"])
    candidates = find_candidates(classified)
    if not candidates:
        return Check(name, 0, "passed")
    spellings = [position for positions in candidates for position in positions]
    rows = list_rows(named[pd.Series(classified.codes, named.index).isin(spellings)])
    if decided:
        return Check(name, len(candidates), "stated", EXACT_SAYS, rows)
    return Check(name, len(candidates), "look", SEVERAL_IDS, rows)


def check_studies_of_patients(cases: pd.DataFrame) -> Check:
    """Count the studies under several patient ids, also within one set."""
    name = "studies with more than one patient id"
    return _check_one_for_each(cases, "study_id", "patient_id", name, "no study_id is known", SEVERAL_IDS)


def check_own_patients(cases: pd.DataFrame) -> Check:
    """Count, where each image has a patient id of its own, those whose headers name one for several."""
    name = "images with a patient id of their own whose header names the patient or study of another"
    patients = cases["patient_id"].nunique()
    if patients < len(cases):
        return Check(name, 0, "passed", f"{patients:,} patient ids for {len(cases):,} images")
    known = {"patients": cases["header_patient"], "studies": cases["header_study"]}
    if all(column.isna().all() for column in known.values()):
        reason = f"each image has a patient id of its own; {NOTHING_READ.format('patient or study')}"
        return Check(name, None, "not checked", reason)
    shared = pd.concat(
        [column.notna() & column.duplicated(keep=False) for column in known.values()], axis=1
    ).any(axis=1)
    rows = list_rows(cases[shared])
    counts = [
        f"{words} named by {column.count():,} headers: {column.nunique():,}"
        for words, column in known.items()
        if column.notna().any()
    ]
    detail = "; ".join([f"{patients:,} patient ids for {len(cases):,} images", *counts])
    return Check(name, len(rows), "look" if rows else "passed", detail, rows)


def check_header_patients(cases: pd.DataFrame) -> Check:
    """Count the patients that headers name whose images have several patient ids."""
    name = "patients in the headers with more than one patient id"
    return _check_one_for_each(cases, "header_patient", "patient_id", name, FILE_NAMES, SEVERAL_IDS)


def check_header_studies(cases: pd.DataFrame) -> Check:
    """Count the studies that headers name whose images have several patient ids."""
    name = "studies in the headers with more than one patient id"
    reason = NOTHING_READ.format("study")
    return _check_one_for_each(cases, "header_study", "patient_id", name, reason, SEVERAL_IDS)


def check_patients_in_headers(cases: pd.DataFrame) -> Check:
    """Count the patient ids whose images name several patients in their headers."""
    name = "patient ids with more than one patient in the headers"
    found = _check_one_for_each(cases, "patient_id", "header_patient", name, FILE_NAMES, SEVERAL_PEOPLE)
    # Some anonymisations and published sets number the files: such an id says nothing of people.
    if found.count and cases["header_patient"].dropna().is_unique:
        return Check(name, None, "not checked", "each header names another patient: it may name the image")
    return found


def _check_one_for_each(
    cases: pd.DataFrame, owner: str, owned: str, name: str, reason: str, doubt: str
) -> Check:
    """Count the values of one column that stand beside more than one value of another."""
    known = cases[cases[[owner, owned]].notna().all(axis=1)]
    if known.empty:
        return Check(name, None, "not checked", reason)
    counts = known.groupby(owner)[owned].nunique()
    several = counts.index[counts > 1]
    if several.empty:
        return Check(name, 0, "passed")
    alone = len(counts) == 1 and len(known) == len(cases)
    detail = f"{doubt}; {ONE_FOR_ALL}" if alone and owner.startswith("header") else doubt
    return Check(name, len(several), "look", detail, list_rows(known[known[owner].isin(several)]))
