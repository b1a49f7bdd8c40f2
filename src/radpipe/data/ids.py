"""Ids of patients as text: which spellings are a candidate for one person, and which name nobody.

Two spellings are a candidate if they differ only by leading zeros (also behind a prefix: P001, P1), `.0` at
the end, case, blanks, Unicode form, quotes, dashes or a plus sign. Some words name nobody, such as NA.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.words import QUOTES, fold, says_nothing

# Of letters alone. Anonymisers write these in the place of an id, with or without a word for what it is.
NAMELESS = frozenset(
    {
        "anon", "anonym", "anonyme", "anonymous", "anonymized", "anonymised", "anonymisiert", "anonymizado",
        "removed", "deidentified", "redacted", "masked", "hidden", "withheld", "confidential", "deleted",
        "unknown", "unbekannt", "noname", "unnamed", "nobody", "undefined", "empty", "none", "null", "dummy",
    }
)  # fmt: skip
FILLERS = frozenset({"patient", "patients", "pat", "name", "id", "subject", "person", "case", "the"})
LETTERS = re.compile(r"[^\W\d_]+")
PLACEHOLDER = re.compile(r"x{3,}")
SCIENTIFIC = re.compile(r"[1-9](?:[.,]\d+)?e\+?0?\d{1,2}")  # as a spreadsheet writes a long number
NEAR_ZERO = ("1", "2", "3")


@dataclass(frozen=True)
class ClassifiedIds:
    """What the ids of a column say.

    Attributes
    ----------
    codes : (rows,) intp
        Of each row the position of its spelling in `spellings`.
    spellings : (spellings,) object
        Each spelling once, in order of first appearance.
    keys : (spellings,) object
        What is left of a spelling without the differences that do not count.
    nobody : (spellings,) bool
        The spelling names nobody.
    """

    codes: NDArray[np.intp]
    spellings: NDArray[np.object_]
    keys: NDArray[np.object_]
    nobody: NDArray[np.bool_]


def normalise_id(text: str) -> str:
    """Return what is left of an id without the differences that do not count.

    `001`, `1`, `1.0`, `1,0`, `+1`, `"1"` and Excel's `="001"` become `1`; `P 001` and `p1` become `p1`,
    `S1-001` and `s1-1` become `s1-1`, `1E+05` becomes `100000`. Numbers behind a point of a number, as in
    UIDs, keep their zeros.

    Examples
    --------
    >>> normalise_id("P 001"), normalise_id("1.0"), normalise_id("S1-001")
    ('p1', '1', 's1-1')
    """
    found = "".join(fold(text).split()).translate(QUOTES).removeprefix("=")
    found = re.sub(r"^\+(?=\d)", "", found)
    if SCIENTIFIC.fullmatch(found):
        number = Decimal(found.replace(",", "."))
        found = str(int(number)) if number == number.to_integral_value() else found
    found = re.sub(r"^([^.,]*\w)[.,]0*$", r"\1", found)
    return re.sub(r"^0+(?=\w)|(?<![\d.,])0+(?=\d)|(?<=[^\W\d][.,])0+(?=\d)", "", found)


def names_nobody(text: str) -> bool:
    """Return whether an id is a word for nothing known, or what anonymisers write in its place.

    Examples
    --------
    >>> names_nobody("N/A"), names_nobody("anonymous"), names_nobody("p17")
    (True, True, False)
    """
    if any(letter in "123456789" for letter in text) and not text.startswith("#"):
        return False  # most ids
    found = re.sub(r"[.,]0*$", "", fold(text))
    if says_nothing(found):
        return True
    words = LETTERS.findall(found)
    letters = "".join(words)
    if any(letter.isdigit() for letter in found):
        return False
    known = [word for word in words if word not in FILLERS]
    nameless = bool(known) and all(word in NAMELESS for word in known)
    return nameless or letters in NAMELESS or PLACEHOLDER.fullmatch(letters) is not None


def classify_ids(ids: pd.Series) -> ClassifiedIds:
    """Judge the ids of all rows; each spelling is looked at once.

    `0` names nobody, unless it is among numbers near it (1, 2 or 3) and it has no more rows than others
    usually have: than 95 % of them, or than their upper quartile and three times the quartiles' distance.

    Parameters
    ----------
    ids : (rows,) str
        Missing counts as empty.
    """
    codes, uniques = pd.factorize(ids.fillna("").astype(object))
    spellings = np.asarray(uniques, dtype=object)
    keys = np.array(_normalise_ids(spellings), dtype=object)
    nobody = np.array([names_nobody(spelling) for spelling in spellings], bool)
    zero = np.array([key == "0" for key in keys], bool)
    if zero.any():
        others = ~zero & ~nobody
        near = any(key.lstrip("0") in NEAR_ZERO for key in keys[others])
        rows = np.bincount(codes, minlength=len(spellings))
        if not (near and rows[zero].sum() <= compute_usual(rows[others])):
            nobody |= zero
    return ClassifiedIds(codes, spellings, keys, nobody)


def compute_usual(rows: NDArray[np.intp]) -> float:
    """Return the largest number of rows that an id usually has.

    `rows` (ids,) intp.
    """
    first, third = np.quantile(rows, [0.25, 0.75])
    return float(max(third + 3 * (third - first), np.quantile(rows, 0.95, method="higher")))


def _normalise_ids(spellings: Iterable[str]) -> list[str]:
    """Normalise the ids; among plain characters of one width, zeros make no two spellings of a person."""
    texts = list(spellings)
    plain = "\0".join(texts)
    if (
        len({len(text) for text in texts}) == 1
        and plain.isascii()
        and re.search(r"[\s\"'`+.,=]|\de", plain, re.IGNORECASE) is None
    ):
        return ["0" if text and not text.strip("0") else text.casefold() for text in texts]
    return [normalise_id(text) for text in texts]


def find_candidates(classified: ClassifiedIds) -> list[list[int]]:
    """Return the positions of the spellings of each person who is spelled in more than one way."""
    groups: dict[str, list[int]] = {}
    for position in np.flatnonzero(~classified.nobody):
        groups.setdefault(classified.keys[position], []).append(int(position))
    return [positions for positions in groups.values() if len(positions) > 1]
