"""Boxes in the two tables of the 2018 competition: what was predicted, and what is true."""

from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.data.cells import (
    convert_numbers,
    is_unknown,
    parse_numbers,
    refuse_lines,
    select_columns,
)
from radpipe.data.delimited_text import DelimitedText, read_delimited
from radpipe.errors import DataError, quote_cell
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
    absent = submitted[~submitted.isin(true["image_id"])]
    if len(absent):
        raise DataError(
            f"{predictions}: {len(absent)} of {len(submitted)} patientIds are not in {labels}, such as "
            f"{quote_cell(absent[0])}"
        )
    images = pd.Index(true["image_id"].unique())
    score = compute_box_score(images, true[true["x"].notna()], predicted)
    return {**score, "images_without_row": len(images) - len(submitted)}


def read_submission(path: Path) -> tuple[pd.Index, pd.DataFrame]:
    """Read the images of a submission, and their boxes: image_id, confidence, x, y, width, height."""
    text = read_delimited(path)
    table = _select(text, PREDICTED)
    image = table["patientId"]
    refuse_lines(
        path.name, image.duplicated(), "holds the patientId FOUND again, expected one row per image", image
    )
    cells = table["PredictionString"].mask(is_unknown(table["PredictionString"]), "")
    words = cells.str.split()
    wrong = words.map(len) % len(BOX) != 0
    problem = f"holds FOUND in column 'PredictionString', expected five numbers per box: {' '.join(BOX)}"
    refuse_lines(path.name, wrong, problem, cells)
    single = words.explode().dropna()
    values = dict(zip(single, convert_numbers(single, text.separator), strict=True))
    numbers = words.map(lambda found: [values[word] for word in found])
    rows = [
        (line, name, *found[k : k + 5])
        for line, name, found in zip(table.index, image, numbers, strict=True)
        for k in range(0, len(found), 5)
    ]
    boxes = pd.DataFrame(rows, columns=["line", "image_id", *BOX]).astype(dict.fromkeys(BOX, "float64"))
    improper = _find_improper(boxes).groupby(boxes["line"]).any().reindex(table.index, fill_value=False)
    problem = "holds FOUND in column 'PredictionString', expected numbers, and a box of some area"
    refuse_lines(path.name, improper, problem, cells)
    return pd.Index(image), boxes.drop(columns="line")


def read_boxes(path: Path) -> pd.DataFrame:
    """Read the true boxes: image_id, x, y, width, height; a row without numbers is an image without one."""
    text = read_delimited(path)
    table = _select(text, TRUE)
    numbers = pd.DataFrame({side: parse_numbers(text, side) for side in CORNER})
    boxed = numbers.notna().any(axis=1)
    target = convert_numbers(table["Target"], text.separator)
    wrong = (target != boxed) | (boxed & _find_improper(numbers))
    problem = "holds Target FOUND, expected 1 with a box of some area, or 0 with none"
    refuse_lines(path.name, wrong, problem, table["Target"])
    both = target.groupby(table["patientId"]).transform("nunique") > 1
    refuse_lines(path.name, both, "belongs to an image with both Target 0 and 1")
    boxes = pd.concat([table["patientId"].rename("image_id"), numbers], axis=1)
    return boxes.drop_duplicates(ignore_index=True)


def _find_improper(boxes: pd.DataFrame) -> pd.Series:
    """Return which boxes lack a number, or have no area."""
    given = boxes[[side for side in BOX if side in boxes]]
    return given.isna().any(axis=1) | (boxes[["width", "height"]] <= 0).any(axis=1)


def _select(text: DelimitedText, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return the columns; the image must be named in each row."""
    table = select_columns(text, columns, "RSNA")
    refuse_lines(text.name, is_unknown(table["patientId"]), "has no patientId")
    return table
