"""The published label table, boxes and lists of the NIH set, each checked as it is read."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.data.cells import apply_once, is_unknown, parse_numbers, refuse_lines, select_columns
from radpipe.data.delimited_text import DelimitedText, decode_utf8, read_bytes, read_delimited
from radpipe.data.ids import names_nobody, normalise_id
from radpipe.data.index import BOX_COLUMNS, build_empty_boxes
from radpipe.data.readers.folders import find_table
from radpipe.errors import DataError, quote_cell

BOXES = "BBox_List_2017.csv"
LISTS = {"train_val": "train_val_list.txt", "test": "test_list.txt"}
NEGATIVE = "No Finding"
NEGATIVES = {NEGATIVE.casefold(): NEGATIVE}  # people also write No finding
FINDINGS = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion", "Emphysema", "Fibrosis",
    "Hernia", "Infiltration", "Mass", "Nodule", "Pleural_Thickening", "Pneumonia", "Pneumothorax",
)  # fmt: skip
BOX_NAMES = {
    "imageindex": "image_id", "findinglabel": "target", "x": "x", "y": "y", "w": "width", "h": "height",
    "width": "width", "height": "height",
}  # fmt: skip
BOX_SPELLING = {"Infiltrate": "Infiltration"}
NEEDED = ("Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "View Position")
SEX_COLUMNS = ("Patient Sex", "Patient Gender")
FARTHEST = 100_000  # [px]


def read_entries(path: Path) -> pd.DataFrame:
    """Read the columns of the label table that are used; the rest of its header is broken by commas.

    Returns
    -------
    DataFrame
        The columns of `NEEDED`, and `sex`; text but for the follow-up number, missing where nothing is known
        but for the patient; the index is the line of the file.
    """
    text = read_delimited(path)
    sex = next((column for column in SEX_COLUMNS if column in text.cells), SEX_COLUMNS[0])
    table = select_columns(text, (*NEEDED, sex), "NIH").rename(columns={sex: "sex"})
    for column in table.columns.drop("Patient ID"):
        table[column] = table[column].mask(is_unknown(table[column]))
    refuse_lines(path.name, table["Image Index"].isna(), "has no Image Index")
    whole = table["Follow-up #"].where(table["Follow-up #"].str.fullmatch(r"\d{1,9}(\.0*)?"))
    table["Follow-up #"] = pd.to_numeric(whole).astype("Int32")
    return table


def drop_repeated(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, int]:
    """Drop rows that stand twice; refuse an image whose rows contradict each other."""
    kept = table.assign(line=table.index)[~table.duplicated()]
    again = kept.index[kept["Image Index"].duplicated()]
    if len(again):
        raise DataError(
            f"{file}: {len(again)} images have several rows that differ, expected one row each; the first "
            f"stands in line {again[0]}. Are two versions of the table mixed?"
        )
    return kept.reset_index(drop=True), len(table) - len(kept)


def refuse_other_patients(names: pd.Series, ids: pd.Series, lines: pd.Series, file: str) -> None:
    """Stop if the name of an image states another patient than its row: 00000013_005.png is of patient 13.

    Parameters
    ----------
    names, ids, lines
        Of each row the image, the patient and the line of the file. An id that names nobody contradicts
        nothing.
    """
    named = extract_patients(names).dropna()
    other = named.str.lstrip("0") != ids[named.index].str.lstrip("0")  # few, of which spelling is looked at
    stated = apply_once(named[other], normalise_id)
    given = apply_once(ids[stated.index], normalise_id)
    wrong = (stated != given) & ~apply_once(ids[stated.index], names_nobody).astype(bool)
    if wrong.any():
        row = wrong.index[wrong][0]
        problem = (
            f"gives {names[row]} the patient FOUND, and its name states patient {stated[row]}; correct one"
        )
        refuse_lines(file, wrong.set_axis(lines[wrong.index]), problem, ids[wrong.index])


def extract_patients(names: pd.Series) -> pd.Series:
    """Return the patient that the name of an image states, with leading zeros; missing where it states none.

    The name may have folders before it, and any suffix or none: 00000013_005.png, images/00000013_005.PNG.
    """
    return names.str.extract(r"(?:^|[/\\])(\d{8})_\d{3}(?:\.\w+)?$")[0]


def complete_patients(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Take the patient from the name of the image where the row names nobody; and count such rows."""
    nobody = apply_once(table["Patient ID"], names_nobody).astype(bool)
    if not nobody.any():
        return table, 0
    stated = extract_patients(table["Image Index"][nobody]).dropna().str.lstrip("0")
    return table.assign(**{"Patient ID": table["Patient ID"].mask(nobody, stated).fillna("")}), len(stated)


def encode_findings(words: pd.Series, file: str) -> pd.DataFrame:
    """Turn 'Effusion|Mass' into one column of 1 and 0 per finding; a cell without a word is unknown.

    Returns
    -------
    DataFrame
        (rows, 14) float32. `No Finding` is the row of zeros.

    Raises
    ------
    DataError
        If a word is neither `No Finding` nor one of the 14, or `No Finding` stands beside one.
    """
    codes, combinations = pd.factorize(words)  # some 800 combinations stand for 112,120 rows
    split = [[NEGATIVES.get(word.casefold(), word) for word in split_words(text)] for text in combinations]
    unknown = sorted({word for row in split for word in row} - {*FINDINGS, NEGATIVE})
    if unknown:
        raise DataError(
            f"{file}: column 'Finding Labels' holds {unknown}, expected only {NEGATIVE!r} and the 14 findings"
        )
    if any(NEGATIVE in row and len(row) > 1 for row in split):
        raise DataError(f"{file}: column 'Finding Labels' holds {NEGATIVE!r} beside a finding")
    encoded = [[float(finding in row) for finding in FINDINGS] for row in split]
    encoded = [row if words else [np.nan] * len(FINDINGS) for row, words in zip(encoded, split, strict=True)]
    values = np.array([*encoded, [np.nan] * len(FINDINGS)], np.float32)[codes]  # code -1: the last
    return pd.DataFrame(values, columns=list(FINDINGS))


def split_words(text: str) -> list[str]:
    """Return the words between bars, without blanks around them; none for a bar at the end."""
    return [word for word in (word.strip() for word in text.split("|")) if word]


def read_boxes(folder: Path, names: pd.Series) -> tuple[pd.DataFrame, tuple[Path, ...]]:
    """Read the 984 published boxes, where the file is there; boxes of other images are left out."""
    path = find_table(folder, (BOXES,))
    if path is None:
        return build_empty_boxes(), ()
    text = read_delimited(path)
    if text.cells.shape[1] != len(BOX_COLUMNS):
        raise DataError(
            f"{path.name}: has {text.cells.shape[1]} columns, expected the {len(BOX_COLUMNS)} of the NIH"
        )
    order = name_box_columns(text)
    named = text.cells.iloc[:, [order.index(name) for name in BOX_COLUMNS]]
    text = replace(text, cells=named.set_axis(list(BOX_COLUMNS), axis=1))
    table = text.cells.assign(target=text.cells["target"].replace(BOX_SPELLING))
    table["image_id"] = table["image_id"].str.replace(r"^.*/", "", regex=True)
    unknown = sorted(set(table["target"]) - set(FINDINGS))
    if unknown:
        raise DataError(f"{path.name}: column 'Finding Label' holds {unknown}, expected the 14 findings")
    for side in BOX_COLUMNS[2:]:
        numbers = parse_numbers(text, side, "pixels of the image").astype("float32")
        least = np.finfo("float32").tiny if side in ("width", "height") else 0.0
        wrong = ~((numbers >= least) & (numbers < FARTHEST))
        problem = f"holds FOUND as {side} of its box, expected pixels of the image"
        refuse_lines(path.name, wrong, problem, text.cells[side])
        table[side] = numbers
    return table[table["image_id"].isin(names)].reset_index(drop=True), (path,)


def name_box_columns(text: DelimitedText) -> list[str]:
    """Return what the columns of the table of boxes are: by their names, or by their published places.

    The published header is broken by commas: Image Index, Finding Label, Bbox [x, y, w, h].
    """
    named = [re.sub(r"[^a-z]|bbox", "", name.lower()) for name in text.cells.columns]
    known = [BOX_NAMES.get(name) for name in named]
    if set(known) == set(BOX_COLUMNS):
        return [name for name in known if name is not None]
    if any(name in BOX_COLUMNS[2:] for name in known if name) and known[2:] != list(BOX_COLUMNS[2:]):
        found = ", ".join(map(str, text.cells.columns))
        raise DataError(f"{text.name}: columns are {found}, expected Image Index, Finding Label, x, y, w, h")
    return list(BOX_COLUMNS)


def read_lists(folder: Path, images: pd.Series) -> tuple[dict[str, str], tuple[Path, ...]]:
    """Read the official lists, where both are there: file name -> train_val or test."""
    paths = {split: find_table(folder, (file,)) for split, file in LISTS.items()}
    present = {split: path for split, path in paths.items() if path is not None}
    if len(present) < len(LISTS):
        return {}, ()
    names = {split: read_list(path, set(images)) for split, path in present.items()}
    shared = set(names["train_val"]) & set(names["test"])
    if shared:
        raise DataError(f"{LISTS['test']}: {len(shared)} images also stand in {LISTS['train_val']}")
    lists = {name: split for split, listed in names.items() for name in listed}
    return lists, tuple(present.values())


def read_list(path: Path, images: set[str]) -> list[str]:
    """Read one file name per line; folders before a name, and a header, are left out.

    Parameters
    ----------
    images
        Names of the label table. A list may name others too: of a part of the set, the whole list is there.

    Raises
    ------
    DataError
        If a line is no name of a PNG file, or no line names an image of the table.
    """
    lines = decode_utf8(read_bytes(path), path.name).splitlines()
    cells = pd.Series([line.strip().strip('"') for line in lines], range(1, len(lines) + 1), dtype="str")
    cells = cells[cells != ""]
    names = cells.str.split(r"[/\\]").str[-1]
    if re.search(r"\d{8}_\d{3}|\.png", names.iloc[0], re.IGNORECASE) is None:
        names = names.iloc[1:]  # a header
    spelled = {fold_name(name): name for name in images}
    wrong = ~names.str.fullmatch(r"(?i)[^,;\t]+(\.png)?") | ~names.str.contains(r"(?i)\.png$|^\d{8}_\d{3}$")
    refuse_lines(path.name, wrong, "holds FOUND, expected the name of one image per line", cells[names.index])
    found = names.map(lambda name: spelled.get(fold_name(name), name))
    if not images & set(found):
        example = quote_cell(names.iloc[0]) if len(names) else "nothing"
        raise DataError(f"{path.name}: names no image of the label table; its first name is {example}")
    return found.to_list()


def fold_name(name: str) -> str:
    """Return the name of an image without its suffix, in small letters."""
    return re.sub(r"\.png$", "", name.lower())
