"""Who is a person: ids of patients are judged here, for all readers, before anything is joined by them.

What becomes of several spellings of a person, and of words that name nobody (`ids`), is the user's decision:
`options.patient_ids` and `options.unknown_patients`. With clean ids nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from radpipe.config.base import Section
from radpipe.config.readers import PatientOptions
from radpipe.data.ids import ClassifiedIds, classify_ids, find_candidates
from radpipe.data.index import Index, drop_rows
from radpipe.errors import DataError, quote_cell

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
    source = index.tables[0].name if index.tables and index.lines is not None else "index"
    decided = decide_ids(Rows(source, ids, index.images["image_id"], index.lines), options)
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


def spell_alike(
    columns: Sequence[tuple[str, pd.Series]], options: PatientOptions
) -> tuple[dict[str, str], dict[str, int]]:
    """Find how ids are spelled in tables that are joined by them.

    Parameters
    ----------
    columns
        Of each table its file and its column of ids; the index is the line.

    Returns
    -------
    dict, dict
        Each spelling that is to be replaced by another: with `options.patient_ids` normalised, by that of the
        first table that has it. And a doubt, where spellings differ.

    Raises
    ------
    DataError
        If spellings differ, and nothing was decided.
    """
    different = [(file, ids.drop_duplicates()) for file, ids in columns]
    classified = classify_ids(pd.concat([ids for _, ids in different], ignore_index=True))
    candidates = find_candidates(classified)
    if not candidates:
        return {}, {}
    if options.patient_ids == "ask":
        places = [f"line {line} of {file}" for file, ids in different for line in ids.index]
        _refuse_spellings(different[0][0], "ids", (classified, candidates), KEYS[0], places)
    if options.patient_ids == "exact":
        return {}, {EXACT.format(KEYS[0]): len(candidates)}
    spelled = {
        classified.spellings[position]: classified.spellings[positions[0]]
        for positions in candidates
        for position in positions[1:]
    }
    return spelled, {NORMALISED.format(KEYS[0]): len(candidates)}


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
    if options.patient_ids == "ask":
        places = [_format_place(rows, row) for row in rows.ids.index]
        _refuse_spellings(rows.source, "patients", (classified, candidates), rows.keys[0], places)


def _refuse_spellings(
    source: str, noun: str, found: tuple[ClassifiedIds, list[list[int]]], key: str, places: Sequence[str]
) -> None:
    """Stop with the first rows of two people."""
    classified, candidates = found
    examples = []
    for positions in candidates[:2]:
        first = [int(np.argmax(classified.codes == position)) for position in positions[:2]]
        words = [
            f"{quote_cell(classified.spellings[position])} in {places[row]}"
            for position, row in zip(positions, first, strict=False)
        ]
        examples.append(" and ".join(words))
    raise DataError(
        f"{source}: {len(candidates)} {noun} are spelled in more than one way: {'; '.join(examples)}; "
        f"set {key} to normalised (one person each) or exact (different people)"
    )


def _format_place(rows: Rows, row: int) -> str:
    """Return the line of a row in its file, or its number where no file holds the ids."""
    return f"row {row}" if rows.lines is None else f"line {rows.lines[row]}"
