"""Boxes in the two tables of the pneumonia competition: what was predicted, and what is true."""

from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.errors import DataError
from radpipe.evaluation.competition_scores.boxes import CORNER, compute_box_score

PREDICTED = ("patientId", "PredictionString")
TRUE = ("patientId", *CORNER, "Target")
BOX = ["confidence", *CORNER]  # in a PredictionString, box after box


def score_boxes(predictions: Path, labels: Path) -> dict[str, Any]:
    """Score a submission against the table of the true boxes.

    Parameters
    ----------
    predictions
        CSV: patientId, PredictionString (`confidence x y width height`, box after box; empty: none).
    labels
        stage_2_train_labels.csv, or any table of its columns. Each of its images counts: one without a row in
        `predictions` is one in which no box was found.

    Returns
    -------
    dict
        See `compute_box_score`; and images_without_row, how many images of the labels were not submitted.

    Raises
    ------
    DataError
        If a table is not what it should be, or an image stands in no row of the labels.
    """
    submitted, predicted = read_submission(predictions)
    true = read_boxes(labels)
    absent = int((~submitted.isin(true["image_id"])).sum())
    if absent:
        raise DataError(f"{predictions}: {absent} of {len(submitted)} patientIds are not in {labels}")
    images = pd.Index(true["image_id"].unique())
    score = compute_box_score(images, true[true["x"].notna()], predicted)
    return {**score, "images_without_row": len(images) - len(submitted)}


def read_submission(path: Path) -> tuple[pd.Index, pd.DataFrame]:
    """Read the images of a submission, and their boxes: image_id, confidence, x, y, width, height."""
    table = _read_columns(path, PREDICTED)
    repeated = table["patientId"][table["patientId"].duplicated()]
    if len(repeated):
        raise DataError(f"{path}: {len(repeated)} patientIds stand twice, expected one row per image")
    words = [text.split() for text in table["PredictionString"].fillna("")]
    for line, found in enumerate(words, 2):
        if len(found) % len(BOX):
            raise DataError(
                f"{path}: line {line}: {len(found)} numbers, expected five per box: {' '.join(BOX)}"
            )
    images = zip(table["patientId"], words, strict=True)
    rows = [(image, *text[k : k + 5]) for image, text in images for k in range(0, len(text), 5)]
    boxes = pd.DataFrame(rows, columns=["image_id", *BOX])
    return pd.Index(table["patientId"]), _parse_boxes(path, boxes, BOX)


def read_boxes(path: Path) -> pd.DataFrame:
    """Read the true boxes: image_id, x, y, width, height; a row without numbers is an image without one."""
    table = _read_columns(path, TRUE).rename(columns={"patientId": "image_id"})
    boxed = table[CORNER].notna().any(axis=1)
    if (boxed != (table["Target"] == "1")).any():
        raise DataError(f"{path}: expected a box in each row of Target 1, and in no row of Target 0")
    filled = _parse_boxes(path, table.loc[boxed, ["image_id", *CORNER]], CORNER)
    return pd.concat([filled, table.loc[~boxed, ["image_id"]]], ignore_index=True)


def _parse_boxes(path: Path, boxes: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    numbers = boxes[columns].apply(pd.to_numeric, errors="coerce").astype("float64")
    wrong = numbers.isna().any(axis=1) | (numbers[["width", "height"]] <= 0).any(axis=1)
    if wrong.any():
        raise DataError(f"{path}: {int(wrong.sum())} boxes hold something other than numbers, or no area")
    return boxes[["image_id"]].join(numbers)


def _read_columns(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str)
    except FileNotFoundError:
        raise DataError(f"{path}: not found") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not readable as CSV ({str(error).strip().splitlines()[0]})") from None
    absent = [name for name in columns if name not in table.columns]
    if absent:
        raise DataError(f"{path}: columns {absent} are missing, expected {', '.join(columns)}")
    return table
