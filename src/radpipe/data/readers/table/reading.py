"""Bring your own: a CSV or TSV whose columns are named in params.yaml, and the images that it names.

Files  : one table (UTF-8; commas, semicolons or tabs; also .gz) with a header and one row per image, and
         the images below root, each where its row says, to the letter: by a column of paths, or by a pattern
         of columns such as `png/{image_id}.png`
Unit   : the image. Patients may have several; the patient is what the split keeps together.
Labels : columns of 0, 1 or nothing (unknown), or one column of words such as `Mass|Effusion`
Split  : where a column is named, `train_val` or `test`; `train` and `val` (or training, valid, validation)
         count as train_val, because the validation set is sampled by patient
"""

from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from radpipe.config.base import Section
from radpipe.config.columns import KNOWN, name_columns
from radpipe.config.readers import TableOptions
from radpipe.data.cells import convert_numbers, is_unknown, refuse_columns, refuse_lines
from radpipe.data.delimited_text import DelimitedText, read_delimited
from radpipe.data.demographics import read_demographics
from radpipe.data.index import Index
from radpipe.data.readers.folders import find_table, record_warning, record_warnings
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.table.labels import encode_labels
from radpipe.data.readers.table.paths import build_paths, find_files, list_path_columns
from radpipe.errors import DataError

OWN_PATIENTS = "each image has its own patient: does options.patient name people, or images?"
NO_PATIENTS = "images without a patient, each taken for a person of its own (options.patient: null)"
NO_FILES = "no path is a file below root: is root right, and does options.path hold paths relative to it?"
SPLITS = {
    **dict.fromkeys(("train_val", "train", "training", "val", "valid", "validation"), "train_val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
FARTHEST = 1e6  # [px], of x and y


def read(root: Path, tables: Path, options: Section) -> Index:
    """Read the table in `tables` and look for its images below `root`.

    Raises
    ------
    DataError
        If the file is no table, a column is missing, or a row cannot be used.
    """
    if not isinstance(options, TableOptions):
        raise TypeError(f"expected TableOptions, found {type(options).__name__}")
    path = find_file(tables, options.file)
    text = read_delimited(path)
    refuse_columns(text, list_columns(options, text.cells.columns.to_list()))
    metadata, unclear = read_metadata(text, options)
    images = describe_images(text, options).join(metadata)
    labels, label_notes = encode_labels(text, options)
    again = images.join(labels.add_prefix("label/")).duplicated()
    images, labels = images[~again], labels[~again]
    refuse_contradictions(images, labels, path)
    lines = pd.Series(images.index)
    images, lacking = find_files(images.reset_index(drop=True), root)
    notes = {
        "rows of the table": len(text.cells),
        "repeated rows dropped": int(again.sum()),
        "rows without any label": int(labels.isna().all(axis=1).sum()),
        "paths without a file below root": lacking,
        **label_notes,
    }
    record_warnings(notes, unclear)
    record_suspicions(notes, images, options)
    named = labels.set_axis(pd.Index(images["unit_id"]))
    return Index(images, named, notes=notes, tables=(path,), lines=lines, doubts=(NO_PATIENTS,))


def record_suspicions(notes: dict[str, int], images: pd.DataFrame, options: TableOptions) -> None:
    """Record what may be a mistake in the options: patients that are images, files that are elsewhere."""
    if options.patient is None:
        record_warning(notes, NO_PATIENTS, len(images))
    elif len(images) > 1 and images["patient_id"].is_unique:
        record_warning(notes, OWN_PATIENTS, len(images))
    if images["path"].isna().all():
        record_warning(notes, NO_FILES, len(images))


def find_file(folder: Path, name: str) -> Path:
    """Return the table, plain or with .gz; name what looks like it if it is not there."""
    path = find_table(folder, (name,))
    if path is not None:
        return path
    if not folder.is_dir():
        raise DataError(f"options.file: no folder {folder}; correct root or tables in params.yaml")
    near = get_close_matches(name, [path.name for path in folder.iterdir() if path.is_file()], 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "put it there, or correct the name"
    raise DataError(f"options.file: no file {name} in {folder}; {hint}")


def list_columns(options: TableOptions, columns: list[str]) -> list[tuple[str, str]]:
    """List the columns that the options name: (option, column)."""
    wanted = [("path", column) for column in list_path_columns(options.path, columns)]
    single = [("patient", options.patient), ("split", options.split)]
    wanted += [(option, column) for option, column in single if column is not None]
    wanted += [("labels", column) for column in options.labels]
    return wanted + [("metadata", column) for column in options.metadata]


def describe_images(text: DelimitedText, options: TableOptions) -> pd.DataFrame:
    """Build the image table of the index but for the metadata; the index is the line of the file."""
    name = build_paths(text, options.path)
    patient = name if options.patient is None else text.cells[options.patient]
    return pd.DataFrame(
        {
            "image_id": name,
            "unit_id": name,
            "patient_id": patient,
            "path": name,
            "official_split": read_split(text, options.split),
        }
    )


def read_split(text: DelimitedText, column: str | None) -> pd.Series:
    """Read the published split of each row: train_val, test, or missing."""
    if column is None:
        return pd.Series(pd.NA, text.cells.index, dtype="str")
    cells = text.cells[column]
    words = cells.str.lower().mask(is_unknown(cells), "")
    wrong = ~words.isin([*SPLITS, ""])
    expected = f"expected one of {', '.join(SPLITS)}"
    refuse_lines(text.name, wrong, f"holds FOUND in column {column!r}, {expected}", cells)
    return words.map(SPLITS).astype("str")


def read_metadata(text: DelimitedText, options: TableOptions) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read the columns of metadata by what their names promise; count what was not understood.

    Returns
    -------
    DataFrame, dict
        age, sex and view, missing throughout where the table has no such column; x and y [px] float32; any
        other as text.
    """
    places = {column: column.lower() for column in options.metadata if column.lower() in ("x", "y")}
    names = {**name_columns(options.metadata), **places}
    twice = next((name for name in names.values() if [*names.values()].count(name) > 1), None)
    if twice is not None:
        both = " and ".join(repr(column) for column, name in names.items() if name == twice)
        raise DataError(f"{text.name}: columns {both} (options.metadata) are both {twice}; name one of them")
    cells = text.cells[list(names)].rename(columns=names)
    known, notes = read_demographics(cells.drop(columns=[*places.values()]))
    for name in places.values():
        numbers = convert_numbers(cells[name], text.separator)
        known[name] = numbers.where(numbers.between(0, FARTHEST)).astype("float32")
        lost = int((~is_unknown(cells[name]) & known[name].isna()).sum())
        if lost:
            notes[f"values of {name} that cannot be right, set to unknown"] = lost
    unknown = pd.Series(pd.NA, cells.index, dtype="str")
    columns = {name: unknown.astype("float32") if name == "age" else unknown for name in KNOWN}
    return pd.DataFrame(columns | {name: known[name] for name in names.values()}), notes


def refuse_contradictions(images: pd.DataFrame, labels: pd.DataFrame, path: Path) -> None:
    """Stop if two rows of one image say different things."""
    name = images["image_id"]
    again = name.duplicated()
    if not again.any():
        return
    second = int(again[again].index[0])
    first = int(name.index[(name == name[second]).to_numpy()][0])
    if images["patient_id"][first] != images["patient_id"][second]:
        what = "gives it another patient"
    elif not labels.loc[[first, second]].duplicated().any():
        what = "gives it other labels"
    else:
        what = "differs in its split or metadata"
    raise DataError(
        f"{path.name}: line {second} names the image of line {first} again and {what}; keep one of the two "
        f"({int(again.sum())} such lines)"
    )


READER = Reader(read=read, description="The user's own table")
