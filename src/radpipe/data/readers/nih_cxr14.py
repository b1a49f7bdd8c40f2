"""NIH ChestX-ray14: 112,120 frontal radiographs, 14 findings mined from reports.

Source : Wang et al., CVPR 2017, https://arxiv.org/abs/1705.02315
Files  : Data_Entry_2017_v2020.csv or the older Data_Entry_2017.csv, whose labels differ;
         BBox_List_2017.csv, train_val_list.txt, test_list.txt where present; each also as .gz;
         images_001/images/*.png to images_012/images/*.png, or images/*.png, or both
         (8-bit grey, 1024 x 1024; a few are RGBA)
Unit   : the image. Patients have several: split by `Patient ID`, never by row.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.base import Section
from radpipe.data.cells import apply_once, is_unknown, parse_numbers, refuse_lines, select_columns
from radpipe.data.delimited_text import decode_utf8, read_bytes, read_delimited
from radpipe.data.demographics import IMPOSSIBLE, read_demographics
from radpipe.data.index import BOX_COLUMNS, Index, build_empty_boxes
from radpipe.data.patients import NOBODY, normalise_id
from radpipe.data.readers.folders import find_images, find_table, record_warnings
from radpipe.data.readers.reader import Reader
from radpipe.errors import DataError, quote_cell

TABLES = ("Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv")  # the newer labels first
BOXES = "BBox_List_2017.csv"
LISTS = {"train_val": "train_val_list.txt", "test": "test_list.txt"}
NEGATIVE = "No Finding"
NEGATIVES = {NEGATIVE.casefold(): NEGATIVE}  # people also write No finding
FINDINGS = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion", "Emphysema", "Fibrosis",
    "Hernia", "Infiltration", "Mass", "Nodule", "Pleural_Thickening", "Pneumonia", "Pneumothorax",
)  # fmt: skip
BOX_SPELLING = {"Infiltrate": "Infiltration"}
NEEDED = ("Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "View Position")
DEMOGRAPHICS = {"Patient Age": "age", "sex": "sex", "View Position": "view"}
SEX_COLUMNS = ("Patient Sex", "Patient Gender")
FARTHEST = 100_000  # [px]


def read(root: Path, tables: Path, options: Section) -> Index:
    """Read the published tables in `tables` and find their images below `root`.

    Raises
    ------
    DataError
        If a table is absent, or holds what its format does not know.
    """
    path = find_table(tables, TABLES)
    if path is None:
        raise DataError(
            f"{tables}: found neither {TABLES[0]} nor {TABLES[1]} (nor one with .gz); "
            "download it from https://nihcc.app.box.com/v/ChestXray-NIHCC into this folder"
        )
    table, repeated = drop_repeated(read_entries(path), path.name)
    refuse_other_patients(table["Image Index"], table["Patient ID"], table["line"], path.name)
    found, twice = find_images(root, ("images", "images/images", "images_*", "images_*/images"), ".png")
    boxes, boxes_path = read_boxes(tables, table["Image Index"])
    lists, list_paths = read_lists(tables, table["Image Index"])
    known, unclear = read_demographics(table[list(DEMOGRAPHICS)].rename(columns=DEMOGRAPHICS))
    images = describe_images(table, known, found, lists)
    notes = {
        "repeated rows dropped": repeated,
        "images found in two folders": twice,
        IMPOSSIBLE: 0,
        "files on disk without a row": len(found) - int(images["path"].notna().sum()),
    }
    record_warnings(notes, unclear)
    labels = encode_findings(table["Finding Labels"], path.name).set_index(images["unit_id"])
    return Index(images, labels, boxes, notes, (path, *boxes_path, *list_paths), lines=table["line"])


def describe_images(
    table: pd.DataFrame, known: pd.DataFrame, found: dict[str, str], lists: dict[str, str]
) -> pd.DataFrame:
    """Build the image table of the index from the published rows, in their order."""
    name = table["Image Index"]
    return pd.DataFrame(
        {
            "image_id": name,
            "unit_id": name,
            "patient_id": table["Patient ID"],
            "path": name.map(found).astype("str"),
            "age": known["age"],
            "sex": known["sex"],
            "view": known["view"],
            "follow_up": table["Follow-up #"],
            "official_split": name.map(lists).astype("str"),
        }
    )


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
    table["Follow-up #"] = pd.to_numeric(table["Follow-up #"], errors="coerce").astype("Int32")
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
    named = names.str.extract(r"^(\d{8})_\d{3}\.png$")[0].dropna()
    other = named.str.lstrip("0") != ids[named.index].str.lstrip("0")  # few, of which spelling is looked at
    stated = apply_once(named[other], normalise_id)
    given = apply_once(ids[stated.index], normalise_id)
    wrong = (stated != given) & ~given.isin(NOBODY)
    if wrong.any():
        row = wrong.index[wrong][0]
        problem = (
            f"gives {names[row]} the patient FOUND, and its name states patient {stated[row]}; correct one"
        )
        refuse_lines(file, wrong.set_axis(lines[wrong.index]), problem, ids[wrong.index])


def encode_findings(words: pd.Series, file: str) -> pd.DataFrame:
    """Turn 'Effusion|Mass' into one column of 1 and 0 per finding; an empty cell is unknown.

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
    text = replace(text, cells=text.cells.set_axis(list(BOX_COLUMNS), axis=1))
    table = text.cells.assign(target=text.cells["target"].replace(BOX_SPELLING))
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
    names = cells.str.rsplit("/", n=1).str[-1]
    if not names.iloc[0].lower().endswith(".png"):
        names = names.iloc[1:]  # a header
    wrong = ~names.str.lower().str.endswith(".png")
    refuse_lines(path.name, wrong, "holds FOUND, expected the name of one image per line", names)
    if not images & set(names):
        example = quote_cell(names.iloc[0]) if len(names) else "nothing"
        raise DataError(f"{path.name}: names no image of the label table; its first name is {example}")
    return names.to_list()


READER = Reader(
    read=read,
    description=(
        "NIH ChestX-ray14: frontal chest radiographs; 14 findings taken from the radiology reports by text "
        "mining, not read from the images again (Wang et al. 2017)"
    ),
    reference="Findings mined from the radiology reports by software, not read from the images again",
    mined_labels=True,
    published={"images": 112_120, "patients": 30_805},
    published_rates={"wbce": (0.8662, 0.4484), "bce": (0.1031, 0.9854)},
)
