"""Who is a person: ids of patients are judged here, for all readers, before anything is joined by them.

Two spellings are a candidate for one person if they differ only by leading zeros (also behind a prefix: P001,
P1), `.0` at the end, case, blanks, Unicode form, quotes or a plus sign. Some words name nobody, such as NA or
unknown. What becomes of both is the user's decision, `options.patient_ids` and `options.unknown_patients`.
With clean ids nothing changes.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.base import Section
from radpipe.config.readers import PatientOptions
from radpipe.data.cells import UNKNOWN
from radpipe.data.index import Index, drop_rows
from radpipe.errors import DataError, quote_cell

# Casefolded, and without blanks inside. Anonymisers write these, besides the words for nothing known.
NOBODY = frozenset(
    {
        *("".join(word.split()) for word in UNKNOWN),
        "anon", "anonym", "anonymous", "anonymized", "anonymised", "removed", "deidentified", "de-identified",
        "redacted", "tbd", "xxx",
    }
)  # fmt: skip
# Straight and typographic quotes, accents used as such.
QUOTES = dict.fromkeys([0x22, 0x27, 0x60, 0xAB, 0xB4, 0xBB, *range(0x2018, 0x2020), 0x2039, 0x203A])
NEAR_ZERO = ("1", "2", "3")
OWN = "unknown:"  # before the image id: a person of whom nothing else is known
EXACT = "patients spelled in more than one way, different people (options.patient_ids: exact)"
NORMALISED = (
    "patients spelled in more than one way, taken for one person each (options.patient_ids: normalised)"
)
OWN_PERSON = "images that name no patient, each taken for a person of its own (options.unknown_patients: own)"
DROPPED = "images that name no patient, left out (options.unknown_patients: drop)"
PUBLISHED = "patient_spelling"  # the column of the ids as they were read, where they were changed


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

    `001`, `1`, `1.0`, `+1` and `"1"` become `1`; `P 001` and `p1` become `p1`.
    """
    found = unicodedata.normalize("NFKC", text)
    found = "".join(found.split()).translate(QUOTES).casefold()
    found = "".join(letter for letter in found if unicodedata.category(letter) != "Cf")  # of no width
    found = re.sub(r"^\+(?=\d)", "", found)
    found = re.sub(r"^([a-z_-]*\d+)\.0+$", r"\1", found)
    return re.sub(r"^([^\d.]*)0+(?=\d)", r"\1", found)


def classify_ids(ids: pd.Series) -> ClassifiedIds:
    """Judge the ids of all rows; each spelling is looked at once.

    `0` names nobody, unless it is among numbers near it (1, 2 or 3) and no more rows have it than have the
    most frequent other id.

    Parameters
    ----------
    ids : (rows,) str
        Missing counts as empty.
    """
    codes, uniques = pd.factorize(ids.fillna("").astype(object))
    spellings = np.asarray(uniques, dtype=object)
    keys = np.array(_normalise_ids(spellings), dtype=object)
    nobody = np.isin(keys, list(NOBODY))
    zero = keys == "0"
    if zero.any():
        rows = np.bincount(codes, minlength=len(spellings))
        others = rows[~zero & ~nobody]
        usual = bool(len(others)) and rows[zero].sum() <= others.max()
        nobody |= zero & ~(usual and np.isin(NEAR_ZERO, list(keys)).any())
    return ClassifiedIds(codes, spellings, keys, nobody)


def _normalise_ids(spellings: Iterable[str]) -> list[str]:
    """Normalise the ids; among plain characters of one width, zeros make no two spellings of a person."""
    texts = list(spellings)
    plain = "\0".join(texts)
    if (
        len({len(text) for text in texts}) == 1
        and plain.isascii()
        and re.search(r"[\s\"'`+.]", plain) is None
    ):
        return [text.casefold() if text.strip("0") else "0" for text in texts]
    return [normalise_id(text) for text in texts]


def find_candidates(classified: ClassifiedIds) -> list[list[int]]:
    """Return the positions of the spellings of each person who is spelled in more than one way."""
    groups: dict[str, list[int]] = {}
    for position in np.flatnonzero(~classified.nobody):
        groups.setdefault(classified.keys[position], []).append(int(position))
    return [positions for positions in groups.values() if len(positions) > 1]


def decide_patients(index: Index, options: Section) -> Index:
    """Apply the user's decisions on ids to the index of any reader.

    Returns
    -------
    Index
        The same one with clean ids. Otherwise patient_id is changed, or rows are left out; a changed id keeps
        its published spelling in the column `patient_spelling`; each decision is a counted doubt.

    Raises
    ------
    DataError
        If patients are spelled in more than one way, or rows name nobody, and nothing was decided.
    """
    if not isinstance(options, PatientOptions):
        raise TypeError(f"expected PatientOptions, found {type(options).__name__}")
    ids = index.images["patient_id"]
    if ids.equals(index.images["image_id"]):
        return index  # images stand for patients: the reader says so
    classified = classify_ids(ids)
    return _decide_spellings(_decide_nobody(index, classified, options), options)


def _decide_nobody(index: Index, classified: ClassifiedIds, options: PatientOptions) -> Index:
    """Refuse rows that name nobody, leave them out, or make each image a person of its own."""
    nobody = pd.Series(classified.nobody[classified.codes], index.images.index)
    if not nobody.any():
        return index
    if options.unknown_patients == "refuse":
        raise DataError(
            f"index: {int(nobody.sum())} images name no patient, such as {_format_examples(index, nobody)}; "
            "set options.unknown_patients to drop (leave them out) or own (each image a person of its own), "
            "or correct the ids"
        )
    if options.unknown_patients == "drop":
        kept = drop_rows(index, nobody, DROPPED)
        return replace(kept, doubts=(*kept.doubts, DROPPED))
    own = OWN + index.images["image_id"]
    return _change_ids(index, index.images["patient_id"].mask(nobody, own), OWN_PERSON, int(nobody.sum()))


def _decide_spellings(index: Index, options: PatientOptions) -> Index:
    """Refuse patients who are spelled in more than one way, or take each for one person or for several."""
    classified = classify_ids(index.images["patient_id"])
    candidates = find_candidates(classified)
    if not candidates:
        return index
    if options.patient_ids == "ask":
        raise DataError(
            f"index: {len(candidates)} patients are spelled in more than one way: "
            f"{_format_pairs(index, classified, candidates)}; set options.patient_ids to normalised (one "
            "person each) or exact (different people)"
        )
    if options.patient_ids == "exact":
        notes = {**index.notes, EXACT: len(candidates)}
        return replace(index, notes=notes, doubts=(*index.doubts, EXACT))
    rows = np.bincount(classified.codes, minlength=len(classified.spellings))
    chosen = np.arange(len(classified.spellings))
    for positions in candidates:
        chosen[positions] = max(positions, key=lambda position: rows[position])  # of equals the first
    ids = pd.Series(classified.spellings[chosen[classified.codes]], index.images.index, dtype="str")
    return _change_ids(index, ids, NORMALISED, len(candidates))


def _change_ids(index: Index, ids: pd.Series, note: str, count: int) -> Index:
    """Give the images other patients; the published spelling stays beside them."""
    published = index.images.get(PUBLISHED, index.images["patient_id"])
    images = index.images.assign(patient_id=ids.astype("str"), **{PUBLISHED: published})
    notes = {**index.notes, note: count}
    return replace(index, images=images, notes=notes, doubts=(*index.doubts, note))


def _format_examples(index: Index, chosen: pd.Series) -> str:
    """Return the first two of the chosen rows, with what they hold."""
    return " and ".join(
        f"{_format_place(index, row)} ({quote_cell(index.images['patient_id'][row])})"
        for row in chosen.index[chosen][:2]
    )


def _format_pairs(index: Index, classified: ClassifiedIds, candidates: list[list[int]]) -> str:
    """Return the first two candidates: the first rows of two of their spellings each."""
    words = []
    for positions in candidates[:2]:
        rows = [int(np.argmax(classified.codes == position)) for position in positions[:2]]
        ids = [quote_cell(classified.spellings[position]) for position in positions[:2]]
        words.append(
            f"{ids[0]} in {_format_place(index, rows[0])} and {ids[1]} in {_format_place(index, rows[1])}"
        )
    return "; ".join(words)


def _format_place(index: Index, row: int) -> str:
    """Return the line of a row in its file, or its number where no file holds the ids."""
    return f"row {row}" if index.lines is None else f"line {index.lines[row]}"
