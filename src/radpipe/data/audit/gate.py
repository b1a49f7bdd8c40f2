"""Leaks between the splits, found before anything is trained: a gate, and a list to look at.

A leak (a patient, a study or identical pixels in two splits, published test images in the training of an
`official` split) stops the run. What only may be one (near-duplicates, contradicting labels, one person with
several ids, patients that are no people) is counted, listed by row number, and left to a person.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.audit import checks, identities, near_duplicates
from radpipe.data.audit.checks import Check
from radpipe.data.patients import EXACT, KEYS
from radpipe.errors import DataError

FORMAT = 1
NAMED = 6  # rows of a leak named in the error
LOGGED = 10_000  # and in the log


def find_leaks(cases: pd.DataFrame, method: str) -> list[Check]:
    """Check what must not be in two splits.

    Parameters
    ----------
    cases
        The images that are used: row, patient_id and assigned; where they are known also study_id, sha256 of
        the pixels, official_split (train_val or test). A patient in two splits is listed once for each.
    method
        How the splits were made: `split.method`.
    """
    return [
        checks.check_patients(cases),
        checks.check_studies(cases),
        checks.check_identical_pixels(cases),
        checks.check_official_test(cases, method),
    ]


def format_log(found: list[Check]) -> list[str]:
    """Return a line for each check, with the rows of a leak: of a shut gate the log is all there is."""
    lines = []
    for check in found:
        count = "not counted" if check.count is None else f"{check.count:,}"
        rows = f" ({check.format_rows(LOGGED)})" if check.verdict == "failed" else ""
        lines.append(f"audit: {check.verdict}: {check.name}: {count}{rows}")
    return lines


def refuse_leaks(found: list[Check]) -> None:
    """Stop at leaks, with the first rows of each.

    Raises
    ------
    DataError
        If a check has failed.
    """
    failed = [check for check in found if check.verdict == "failed"]
    if failed:
        leaks = "; ".join(
            f"{check.count:,} {check.name} ({check.format_rows(NAMED)}): {check.detail}" for check in failed
        )
        raise DataError(f"leak between the parts: {leaks}. All rows stand in the log above this line")


def build_audit(
    cases: pd.DataFrame,
    labels: pd.DataFrame,
    leaks: list[Check],
    doubts: dict[str, int],
    pixels: NDArray[np.uint8] | None,
    headers: pd.DataFrame,
) -> dict[str, Any]:
    """Gather audit.json: the leaks looked for, and what a person should look at.

    Parameters
    ----------
    cases
        As for `find_leaks`; with `pixel_row` where there are pixels.
    labels
        (cases, findings) float32, in the order of `cases`; NaN = unknown.
    leaks
        From `find_leaks`; none has failed.
    doubts
        What the reader knows against a patient_id naming a person: reason -> images.
    pixels : (images, height, width, channels) uint8, or None
        The packed images; None where images are not looked at.
    headers
        What `validate` has written: numbers of the patients and studies that the headers name.
    """
    found = [
        *leaks,
        checks.check_conflicting_labels(cases, labels),
        *identities.check_identities(cases, headers, decided=EXACT.format(KEYS[0]) in doubts),
        *checks.check_doubts(cases, doubts),
    ]
    return {
        "format": FORMAT,
        "cases": len(cases),
        "parts": {str(split): int(n) for split, n in cases["assigned"].value_counts().sort_index().items()},
        "checks": [check.to_json() for check in found],
        "near_duplicates": None
        if pixels is None
        else near_duplicates.find_near_duplicates(cases, labels, pixels),
    }
