"""A table of labels: id and a column per finding, and who the patient is; joined to a model's outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from radpipe.config.columns import name_columns
from radpipe.config.readers import PatientOptions, UncertainChoice
from radpipe.data.cells import is_unknown, parse_labels
from radpipe.data.delimited_text import DelimitedText
from radpipe.data.demographics import read_demographics
from radpipe.data.patients import Decided, Rows, decide_ids
from radpipe.errors import DataError
from radpipe.predictions import CASE_COLUMNS
from radpipe.tools.external.tables import list_findings, match_ids, read_table

KEYS = ("--patient-ids", "--unknown-patients")
VALIDATION = {"valid": "val", "validation": "val"}  # casefolded; other names for the validation set


class LabelOptions(PatientOptions):
    """What the user decides about a table of labels."""

    uncertain: UncertainChoice


@dataclass(frozen=True)
class Truth:
    """A table of labels.

    Attributes
    ----------
    path
        Its file.
    text
        All of it.
    cases
        id; patient_id and split, where the table has them.
    dropped : (rows,) bool
        Rows that name no patient and are left out.
    notices
        What was decided about the patients, with counts.
    """

    path: Path
    text: DelimitedText
    cases: pd.DataFrame
    dropped: pd.Series
    notices: tuple[str, ...]


def read_truth(path: Path, options: LabelOptions) -> Truth:
    """Read a table of labels, and decide who its patients are.

    Raises
    ------
    DataError
        If it is not readable, has no ids, or its patients are in doubt and nothing was decided.
    """
    text = read_table(path)
    cases = text.cells[["id"]]
    if "split" in text.cells:
        words = text.cells["split"].str.lower()
        cases = cases.assign(split=words.replace(VALIDATION).mask(is_unknown(words)))
    decided = _decide(path.name, text.cells, options)
    if decided is None:
        return Truth(path, text, cases, pd.Series(False, cases.index), ())
    cases = cases.assign(patient_id=decided.ids)
    return Truth(path, text, cases, decided.dropped, _format_notices(decided.doubts))


def read_metadata(truth: Truth, targets: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read what the table tells of the cases besides the findings of the models.

    Returns
    -------
    DataFrame, tuple
        id, and age [years], sex, view or any other column; and notices of what was not understood.
    """
    cells = truth.text.cells.drop(columns=[*CASE_COLUMNS, *targets], errors="ignore")
    cells = cells.rename(columns=name_columns(cells.columns))
    twice = cells.columns[cells.columns.duplicated()]
    if len(twice):
        raise DataError(
            f"{truth.path}: two columns are called {twice[0]!r}, but for capitals; rename or remove one"
        )
    known, notes = read_demographics(cells)
    return known.assign(id=truth.text.cells["id"]), _format_notices(notes)


def join_labels(
    path: Path, outputs: pd.DataFrame, truth: Truth, options: LabelOptions
) -> tuple[pd.DataFrame, list[str]]:
    """Give a model's outputs their labels, which replace any that they have; return notices too."""
    targets = list(list_findings(outputs))
    _refuse_absent(path, targets, truth)
    named = outputs.assign(id=match_ids(path, outputs["id"], truth.path, truth.cases["id"]))
    labels, counts = parse_labels(truth.text, targets, options.uncertain, "--uncertain")
    joined = truth.cases.join(labels.add_prefix("label/"))[~truth.dropped]
    replaced = [name for name in joined.columns if name != "id" and name in named]
    frame = named.drop(columns=replaced).merge(joined, on="id", how="inner", validate="many_to_one")
    if frame.empty and truth.dropped.any():
        raise DataError(
            f"{truth.path}: {int(truth.dropped.sum())} rows name no patient and are left out "
            f"({KEYS[1]} drop), and no case with predictions remains"
        )
    if "patient_id" in truth.cases:
        return frame, list(_format_notices(counts))
    decided, notices = decide_persons(path.name, frame, options)
    return decided, [*_format_notices(counts), *notices]


def decide_persons(file: str, frame: pd.DataFrame, options: LabelOptions) -> tuple[pd.DataFrame, list[str]]:
    """Decide who the patients of a file are that has any; return notices too."""
    decided = _decide(file, frame, options)
    if decided is None:
        return frame, []
    kept = frame.assign(patient_id=decided.ids)[~decided.dropped].reset_index(drop=True)
    return kept, list(_format_notices(decided.doubts))


def _decide(file: str, frame: pd.DataFrame, options: LabelOptions) -> Decided | None:
    if "patient_id" not in frame or frame["patient_id"].equals(frame["id"]):
        return None
    lines = pd.Series(frame.index, frame.index)
    return decide_ids(Rows(file, frame["patient_id"], frame["id"], lines, KEYS), options)


def _refuse_absent(path: Path, targets: list[str], truth: Truth) -> None:
    """Stop if the labels lack a finding; name the column that is like it."""
    names = truth.text.cells.columns.to_list()
    absent = [name for name in targets if name not in names]
    if absent:
        folded = {name.casefold(): name for name in names}
        near = get_close_matches(absent[0].casefold(), folded, 1)
        hint = f"; is {folded[near[0]]!r} the column of {absent[0]!r}? Rename it" if near else ""
        raise DataError(
            f"{truth.path}: columns {absent} of {path} are missing; one per finding is expected{hint}"
        )


def _format_notices(counts: dict[str, int]) -> tuple[str, ...]:
    return tuple(f"{count:,} {note}." for note, count in counts.items())
