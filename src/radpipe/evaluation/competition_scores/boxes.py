"""The score of the 2018 pneumonia competition: boxes found, by their overlap with the true ones."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
THRESHOLDS = np.arange(40, 80, 5) / 100  # .40, .45, ... .75
CORNER = ["x", "y", "width", "height"]


def compute_box_score(images: pd.Index, truth: pd.DataFrame, predicted: pd.DataFrame) -> dict[str, Any]:
    """Average the scores of all images that have a true or a predicted box.

    Parameters
    ----------
    images
        All images of the submission.
    truth, predicted
        One row per box: image_id, x, y, width, height [px]; (x, y) is the top left corner. `predicted`
        has a confidence, too.

    Returns
    -------
    dict
        `score` (None if no image has a box), `images` and `scored` (counts), and `at`: the mean over the
        scored images at each threshold.

    References
    ----------
    https://www.kaggle.com/c/rsna-pneumonia-detection-challenge, page Evaluation. An image without a true
    box scores 0 if a box is predicted, and is left out if none is.
    """
    ordered = predicted.sort_values("confidence", ascending=False, kind="stable")
    true, found = (
        {key: rows[CORNER].to_numpy(np.float64) for key, rows in table.groupby("image_id")}
        for table in (truth, ordered)
    )
    none = np.empty((0, 4))
    boxed = [image for image in images.unique() if image in true or image in found]
    scores = [compute_image_scores(true.get(image, none), found.get(image, none)) for image in boxed]
    means = np.mean(scores, axis=0) if scores else None
    return {
        "score": None if means is None else float(means.mean()),
        "images": len(images.unique()),
        "scored": len(boxed),
        "at": {f"{cut:.2f}": None if means is None else float(means[k]) for k, cut in enumerate(THRESHOLDS)},
    }


def compute_image_scores(truth: Floats, predicted: Floats) -> NDArray[np.float64]:
    """Return TP / (TP + FP + FN) of one image at each threshold.

    Parameters
    ----------
    truth, predicted : (boxes, 4) floating
        x, y, width, height; predicted ones by falling confidence. At least one box in all.

    Returns
    -------
    (8,) float64
        At an overlap of more than .40, .45, ... .75.
    """
    overlap = compute_overlaps(truth, predicted)
    hits = np.array([count_hits(overlap, cut) for cut in THRESHOLDS])
    return np.asarray(hits / (len(truth) + len(predicted) - hits), np.float64)


def count_hits(overlap: Floats, threshold: float) -> int:
    """Match boxes one to one: the most confident takes the true box that it overlaps most, and so on.

    Parameters
    ----------
    overlap : (true boxes, predicted boxes) floating
        Predicted ones by falling confidence.
    threshold : float
        Only a larger overlap is a hit, as the competition's page says.
    """
    free = np.ones(len(overlap), bool)
    for column in overlap.T:
        candidates = np.where(free & (column > threshold), column, 0)
        if candidates.any():
            free[candidates.argmax()] = False
    return int((~free).sum())


def compute_overlaps(truth: Floats, predicted: Floats) -> NDArray[np.float64]:
    """Return intersection over union of each pair of boxes.

    Parameters
    ----------
    truth, predicted : (boxes, 4) floating
        x, y, width, height, the sides above 0.

    Returns
    -------
    (true boxes, predicted boxes) float64

    Examples
    --------
    Two squares of 2 px, of which half a square is common: 2 / (4 + 4 - 2).

    >>> compute_overlaps(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 2, 2]])).round(3).tolist()
    [[0.333]]
    """
    one = truth[:, None]
    other = predicted[None]
    ends = np.minimum(one[..., :2] + one[..., 2:], other[..., :2] + other[..., 2:])
    shared = (ends - np.maximum(one[..., :2], other[..., :2])).clip(0).prod(axis=-1)
    areas = one[..., 2:].prod(axis=-1) + other[..., 2:].prod(axis=-1)
    return np.asarray(shared / (areas - shared), np.float64)
