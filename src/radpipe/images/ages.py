"""Ages as DICOM headers and published tables write them -> years."""

import re

import numpy as np
import pandas as pd

AGE = re.compile(r"0*(\d+)([YMWD]?)")
YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
OLDEST = 120  # [years]; published sets know patients of 155, 411 and 414
DIGITS = 3  # of an age in DICOM


def parse_age(text: str | None, most_digits: int | None = DIGITS) -> float:
    """Return the age that a text such as 057Y says, in years; NaN for what no patient is.

    Parameters
    ----------
    text
        A number with Y, M, W or D for its unit; published sets also write plain years.
    most_digits
        More digits, but for leading zeros, are no age; None: any number of digits is read.

    References
    ----------
    DICOM PS3.5 section 6.2, value representation AS: three digits and Y, M, W or D.
    """
    match = AGE.fullmatch(text or "")
    if match is None or (most_digits is not None and len(match[1]) > most_digits):
        return np.nan
    years = float(match[1]) * YEARS[match[2] or "Y"]
    return years if years <= OLDEST else np.nan


def parse_ages(texts: pd.Series) -> pd.Series:
    """Return years float32 of a column of a published table: 57, 060Y, 011M or 012D, blanks around it."""
    codes, words = pd.factorize(texts.str.strip())  # few ages stand for many rows
    years = [parse_age(word, most_digits=None) for word in words]
    return pd.Series(np.array([*years, np.nan], np.float32)[codes], texts.index)  # code -1: the last
