"""The three tables of the pneumonia set, each checked against its own format and against the others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.data.cells import is_unknown, parse_numbers, refuse_lines, select_columns
from radpipe.data.delimited_text import DelimitedText, read_delimited, read_layout
from radpipe.data.ids import names_nobody, normalise_id
from radpipe.data.index import BOX_COLUMNS

OPACITY = "Lung_Opacity"
CLASSES = {  # as published -> as a target
    "Normal": "Normal",
    "No Lung Opacity / Not Normal": "No_Lung_Opacity_Not_Normal",
    "Lung Opacity": OPACITY,
}
BOX = list(BOX_COLUMNS[2:])
PATIENT = "nih_patient"  # of the mapping
NIH_IMAGE = r"^(\d{8})_\d{3}\.png$"  # the first number is the patient's


def read_columns(path: Path, columns: Sequence[str]) -> tuple[DelimitedText, int]:
    """Read the columns as text and drop rows that stand twice; the index is the line of the file.

    Returns
    -------
    DelimitedText, int
        The rows that differ, and how many were dropped.
    """
    text = read_delimited(path)
    table = select_columns(text, columns, "RSNA")
    refuse_lines(path.name, is_unknown(table["patientId"]), "has no patientId")
    numbers = [column for column in (*BOX, "Target") if column in table]
    same = table.assign(**{column: parse_numbers(text, column) for column in numbers})  # 10 is 10.0
    kept = table[~same.duplicated()]
    return replace(text, cells=kept), len(table) - len(kept)


def read_labels(path: Path) -> tuple[pd.DataFrame, int]:
    """Read one row per box, and one per image without a box.

    Returns
    -------
    DataFrame, int
        patientId; x, y, width, height [px] and Target (0, 1), float64; how many repeated rows were dropped.

    Raises
    ------
    DataError
        If a number is none, a box has no area, or Target and boxes contradict each other.
    """
    text, repeated = read_columns(path, ("patientId", *BOX, "Target"))
    table = text.cells.assign(**{column: parse_numbers(text, column) for column in (*BOX, "Target")})
    wrong = ~table["Target"].isin([0, 1])
    refuse_lines(path.name, wrong, "holds Target FOUND, expected 0 or 1", text.cells["Target"])
    given = table[BOX].notna()
    boxed = given.all(axis=1)
    refuse_lines(
        path.name, given.any(axis=1) & ~boxed, f"holds a part of a box, expected all of {', '.join(BOX)}"
    )
    refuse_lines(
        path.name, (table["Target"] == 1) & ~boxed, "has Target 1 and no box; opacities are marked by boxes"
    )
    refuse_lines(
        path.name, (table["Target"] == 0) & boxed, "has Target 0 and a box; only opacities are marked"
    )
    wrong = (table[["width", "height"]] <= 0).any(axis=1) | (table[["x", "y"]] < 0).any(axis=1)
    refuse_lines(path.name, wrong, "holds a box of no area, or one that begins outside the image")
    both = table.groupby("patientId")["Target"].transform("nunique") > 1
    refuse_lines(path.name, both, "belongs to an image with both Target 0 and 1")
    return table, repeated


def read_classes(path: Path, target: pd.Series) -> tuple[pd.Series, dict[str, int]]:
    """Read one class per image, published once per box; refuse classes that contradict the labels.

    Parameters
    ----------
    target
        0 or 1 for each patientId of the label table.

    Returns
    -------
    Series, dict
        The class as a target's name, in the order of `target`, NA if not given; and what was counted.
    """
    text, repeated = read_columns(path, ("patientId", "class"))
    table = text.cells
    unknown = ~table["class"].isin(list(CLASSES))
    refuse_lines(path.name, unknown, f"holds class FOUND, expected {', '.join(CLASSES)}", table["class"])
    refuse_lines(
        path.name,
        table["patientId"].duplicated(),
        "gives an image a second class that differs from its first",
    )
    known = table["patientId"].isin(target.index)
    positive = table["patientId"].map(target) == 1
    refuse_lines(
        path.name,
        known & (positive != (table["class"].map(CLASSES) == OPACITY)),
        "contradicts the Target of its image. Are the tables of two stages mixed?",
    )
    classes = table.set_index("patientId")["class"].map(CLASSES).reindex(target.index)
    return classes, {
        "repeated rows of the class table dropped": repeated,
        "classes of images without labels": int((~known).sum()),
        "images without a class": int(classes.isna().sum()),
    }


def encode_classes(classes: pd.Series, target: pd.Series) -> pd.DataFrame:
    """Turn the class into three columns of 1 and 0; without a class, only what Target says is known.

    Returns
    -------
    DataFrame
        (images, 3) float32, indexed by unit_id.
    """
    codes = pd.Categorical(classes, list(CLASSES.values())).codes
    values = np.vstack([np.eye(3, dtype=np.float32), np.full((1, 3), np.nan, np.float32)])[
        codes
    ]  # -1: the last
    table = pd.DataFrame(values, target.index, list(CLASSES.values())).rename_axis("unit_id")
    table[OPACITY] = target.astype("float32")
    table.loc[target == 1, [name for name in table if name != OPACITY]] = 0
    return table


def find_boxes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the boxes of the label table as the index wants them."""
    boxes = rows[rows["Target"] == 1].rename(columns={"patientId": "image_id"})
    numbers = dict.fromkeys(BOX, "float32")
    return boxes.assign(target=OPACITY)[list(BOX_COLUMNS)].astype(numbers).reset_index(drop=True)


def read_mapping(path: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Read which NIH image each image is; its name begins with the patient's number.

    Returns
    -------
    DataFrame, Series
        Indexed by patientId: patient_id, spelled as in the NIH tables (without leading zeros), nih_image; and
        the patientId of each line.

    Raises
    ------
    DataError
        If a name is none of the NIH, an image is mapped twice, or the column of patients, which the published
        file has, contradicts the name.
    """
    columns = ["patientId", "nih_image"]
    given = next((name for name in read_layout(path).names if name.lower() == PATIENT), None)
    text, _ = read_columns(path, columns if given is None else [*columns, given])
    table = text.cells.rename(columns={given: PATIENT})
    image = table["nih_image"]
    number = image.str.extract(NIH_IMAGE)[0]
    refuse_lines(
        path.name,
        number.isna(),
        "holds FOUND in column 'nih_image', expected an NIH image like 00019124_092.png",
        image,
    )
    patient = number.str.lstrip("0")
    if PATIENT in table:
        refuse_other_patients(path.name, patient, table[PATIENT])
    again = table["patientId"].duplicated()
    refuse_lines(path.name, again, "maps an image a second time, to another NIH image")
    known = {"patient_id": patient.to_numpy(), "nih_image": image.to_numpy()}
    return pd.DataFrame(known, index=table["patientId"]), table["patientId"]


def refuse_other_patients(file: str, named: pd.Series, given: pd.Series) -> None:
    """Stop if the column of patients contradicts the name of an image; one that names nobody does not."""
    keys = given.map({text: normalise_id(text) for text in given.unique()})
    wrong = (keys != named.map({text: normalise_id(text) for text in named.unique()})) & ~given.map(
        names_nobody
    )
    if wrong.any():
        line = wrong.index[wrong][0]
        problem = f"holds FOUND in column {PATIENT!r}, and nih_image states patient {named[line]}"
        refuse_lines(file, wrong, f"{problem}; correct the table", given)
