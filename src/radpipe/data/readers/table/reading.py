"""Bring your own: a CSV or TSV whose columns are named in params.yaml, and the images that it names.

Files  : one table (UTF-8; commas, semicolons or tabs; also .gz) with a header and one row per image, and
         the images below root, each where its row says, to the letter
Unit   : the image. Patients may have several; the patient is what the split keeps together.
Labels : columns of 0, 1 or nothing (unknown), or one column of words such as `Mass|Effusion`
Split  : where a column is named, `train_val` or `test`; `train` and `val` (or `validation`) both count as
         train_val, because the validation set is sampled by patient
"""

from difflib import get_close_matches
from pathlib import Path, PurePosixPath

import pandas as pd

from radpipe.config.base import Section
from radpipe.config.readers import TableOptions
from radpipe.data.cells import is_unknown, refuse_columns, refuse_lines
from radpipe.data.delimited_text import DelimitedText, read_delimited
from radpipe.data.index import Index
from radpipe.data.readers.folders import find_table, record_warning
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.table.labels import encode_labels
from radpipe.errors import DataError
from radpipe.images.ages import OLDEST, parse_age

OWN_PATIENTS = "each image has its own patient: does options.patient name people, or images?"
NO_FILES = "no path is a file below root: is root right, and does options.path hold paths relative to it?"
SPLITS = {
    "train_val": "train_val", "train": "train_val", "val": "train_val", "validation": "train_val",
    "test": "test",
}  # fmt: skip
SEXES = {"f": "F", "female": "F", "m": "M", "male": "M"}
LIMITS = {"age": OLDEST, "x": 1e6, "y": 1e6}  # [years], [px]
KNOWN = {"sex", "view", *LIMITS}  # in capitals too


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
    refuse_columns(text, list_columns(options))
    metadata, notes = read_metadata(text.cells, options)
    images = describe_images(text, options).join(metadata)
    labels, label_notes = encode_labels(text, options)
    again = images.join(labels.add_prefix("label/")).duplicated()
    images = images[~again]
    labels = labels[~again]
    refuse_contradictions(images, labels, path)
    unknown = int(labels.isna().all(axis=1).sum())
    lines = pd.Series(images.index)
    images, lacking = find_files(images.reset_index(drop=True), root)
    notes = {
        "rows of the table": len(text.cells),
        "repeated rows dropped": int(again.sum()),
        "rows without any label": unknown,
        "paths without a file below root": lacking,
        **label_notes,
        **notes,
    }
    if len(images) > 1 and images["patient_id"].is_unique:
        record_warning(notes, OWN_PATIENTS, len(images))
    if lacking == len(images):
        record_warning(notes, NO_FILES, lacking)
    return Index(
        images, labels.set_axis(pd.Index(images["unit_id"])), notes=notes, tables=(path,), lines=lines
    )


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


def list_columns(options: TableOptions) -> list[tuple[str, str]]:
    """List the columns that the options name: (option, column)."""
    single = [("path", options.path), ("patient", options.patient), ("split", options.split)]
    wanted = [(option, column) for option, column in single if column is not None]
    wanted += [("labels", column) for column in options.labels]
    return wanted + [("metadata", column) for column in options.metadata]


def describe_images(text: DelimitedText, options: TableOptions) -> pd.DataFrame:
    """Build the image table of the index but for the metadata; the index is the line of the file."""
    given = text.cells[options.path]
    patient = text.cells[options.patient]
    refuse_lines(text.name, given == "", f"has no path in column {options.path!r}")
    absolute = given.str.match(r"^(/|[A-Za-z]:)")
    refuse_lines(
        text.name, absolute, f"holds FOUND in column {options.path!r}, expected a path below root", given
    )
    backslash = given.str.contains("\\", regex=False)
    refuse_lines(text.name, backslash, "holds the path FOUND with \\, expected / between folders", given)
    name = given.map(lambda cell: str(PurePosixPath(cell)))
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


def read_metadata(table: pd.DataFrame, options: TableOptions) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read age, x and y as numbers, sex as F or M, all else as text; count what is none of that."""
    unknown = pd.Series(pd.NA, table.index, dtype="str")
    columns = {"age": unknown.astype("float32"), "sex": unknown, "view": unknown}
    notes = {}
    for column in options.metadata:
        text = table[column].where(table[column] != "")
        name = column.lower() if column.lower() in KNOWN else column
        columns[name] = read_values(name, text)
        lost = int((text.notna() & columns[name].isna()).sum())
        if lost:
            notes[f"values of {name} that cannot be right, set to unknown"] = lost
    return pd.DataFrame(columns), notes


def read_values(name: str, text: pd.Series) -> pd.Series:
    """Read one column of metadata by what its name promises; NaN where it holds something else."""
    if name in LIMITS:
        values = pd.to_numeric(text, errors="coerce")
        if name == "age":
            values = values.fillna(text.map(parse_age, na_action="ignore").astype("float64"))  # 058Y
        return values.where(values.between(0, LIMITS[name])).astype("float32")
    return text.str.lower().map(SEXES).astype("str") if name == "sex" else text


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


def find_files(images: pd.DataFrame, root: Path) -> tuple[pd.DataFrame, int]:
    """Set the path to missing where there is no such file; return the number of these."""
    there = pd.Series([(root / path).is_file() for path in images["path"]], images.index, dtype=bool)
    return images.assign(path=images["path"].where(there)), int((~there).sum())


READER = Reader(read=read, description="The user's own table")
