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
EXACT = "patients spelled in more than one way, different people ({}: exact)"
NORMALISED = "patients spelled in more than one way, taken for one person each ({}: normalised)"
OWN_PERSON = "images that name no patient, each taken for a person of its own ({}: own)"
DROPPED = "images that name no patient, left out ({}: drop)"
PUBLISHED = "patient_spelling"  # the column of the ids as they were read, where they were changed
KEYS = ("options.patient_ids", "options.unknown_patients")  # where the user decides


@dataclass(frozen=True)
class Rows:
    """A column of ids, and what messages say of it.

    Attributes
    ----------
    source
        What was read: the step, or the file.
    ids, images : (rows,) str
        The patient and the image of each row.
    lines : (rows,), optional
        Of each row the line of the file; None: rows are numbered.
    keys
        Where the user decides on spellings, and on rows that name nobody.
    """

    source: str
    ids: pd.Series
    images: pd.Series
    lines: pd.Series | None = None
    keys: tuple[str, str] = KEYS


@dataclass(frozen=True)
class Decided:
    """What became of the ids.

    Attributes
    ----------
    ids : (rows,) str
        The patient of each row.
    dropped : (rows,) bool
        Rows to leave out.
    doubts
        Each decision, with the images or patients that it is about.
    """

    ids: pd.Series
    dropped: pd.Series
    doubts: dict[str, int]


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
        if not (usual and np.isin(NEAR_ZERO, list(keys)).any()):
            nobody |= zero
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
        return ["0" if text and not text.strip("0") else text.casefold() for text in texts]
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
    decided = decide_ids(Rows("index", ids, index.images["image_id"], index.lines), options)
    if not decided.doubts:
        return index
    changed = replace(
        index,
        notes={**index.notes, **decided.doubts},
        doubts=(*index.doubts, *decided.doubts),
        images=index.images.assign(patient_id=decided.ids, **{PUBLISHED: ids}),
    )
    if decided.ids[~decided.dropped].equals(ids[~decided.dropped]):
        changed = replace(changed, images=index.images)
    if decided.dropped.any():
        changed = drop_rows(changed, decided.dropped, DROPPED.format(KEYS[1]))
    return changed


def decide_ids(rows: Rows, options: PatientOptions) -> Decided:
    """Decide who is a person, as the user says.

    Raises
    ------
    DataError
        If patients are spelled in more than one way, or rows name nobody, and nothing was decided.
    """
    classified = classify_ids(rows.ids)
    nobody = pd.Series(classified.nobody[classified.codes], rows.ids.index)
    ids = rows.ids
    doubts = {}
    if nobody.any():
        _refuse_nobody(rows, nobody, options)
        note = DROPPED if options.unknown_patients == "drop" else OWN_PERSON
        doubts[note.format(rows.keys[1])] = int(nobody.sum())
        ids = ids.mask(nobody, OWN + rows.images).astype("str")
    dropped = nobody & (options.unknown_patients == "drop")
    candidates = find_candidates(classified)
    if candidates:
        _refuse_candidates(rows, classified, candidates, options)
        note = EXACT if options.patient_ids == "exact" else NORMALISED
        doubts[note.format(rows.keys[0])] = len(candidates)
    if candidates and options.patient_ids == "normalised":
        ids = _join_spellings(classified, candidates).set_axis(ids.index).where(~nobody, ids).astype("str")
    return Decided(ids, dropped, doubts)


def _join_spellings(classified: ClassifiedIds, candidates: list[list[int]]) -> pd.Series:
    """Give each person the most frequent spelling, of equals the first."""
    counts = np.bincount(classified.codes, minlength=len(classified.spellings))
    chosen = np.arange(len(classified.spellings))
    for positions in candidates:
        chosen[positions] = max(positions, key=lambda position: counts[position])
    return pd.Series(classified.spellings[chosen[classified.codes]], dtype="str")


def _refuse_nobody(rows: Rows, nobody: pd.Series, options: PatientOptions) -> None:
    """Stop at rows that name nobody, with the first two, unless the user has decided."""
    if options.unknown_patients == "refuse":
        examples = " and ".join(
            f"{_format_place(rows, row)} ({quote_cell(rows.ids[row])})" for row in nobody.index[nobody][:2]
        )
        raise DataError(
            f"{rows.source}: {int(nobody.sum())} images name no patient, such as {examples}; set "
            f"{rows.keys[1]} to drop (leave them out) or own (each image a person of its own), or "
            "correct the ids"
        )


def _refuse_candidates(
    rows: Rows, classified: ClassifiedIds, candidates: list[list[int]], options: PatientOptions
) -> None:
    """Stop at people in several spellings, with the first rows of two, unless the user has decided."""
    if options.patient_ids != "ask":
        return
    examples = []
    for positions in candidates[:2]:
        first = [int(np.argmax(classified.codes == position)) for position in positions[:2]]
        words = [
            f"{quote_cell(classified.spellings[position])} in {_format_place(rows, rows.ids.index[row])}"
            for position, row in zip(positions, first, strict=False)
        ]
        examples.append(" and ".join(words))
    raise DataError(
        f"{rows.source}: {len(candidates)} patients are spelled in more than one way: {'; '.join(examples)}; "
        f"set {rows.keys[0]} to normalised (one person each) or exact (different people)"
    )


def _format_place(rows: Rows, row: int) -> str:
    """Return the line of a row in its file, or its number where no file holds the ids."""
    return f"row {row}" if rows.lines is None else f"line {rows.lines[row]}"
