"""The pointing game: whether the largest value of a map lies in a box that marks the finding.

References
----------
Zhang et al., Top-Down Neural Attention by Excitation Backprop, International Journal of Computer Vision
126:1084-1102 (2018), section 4.1, here without its tolerance of 15 px around a box.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec
from radpipe.images.prepare.resize import move_boxes
from radpipe.predictions import Predictions

MOST = 200  # cases per arm; they are evenly spaced in the order of findings and rows


@dataclass(frozen=True)
class Marked:
    """Positives with a box of their finding.

    Attributes
    ----------
    pairs
        finding, position; one row per case and finding.
    inside : (pairs, size, size) bool
        Which pixels lie in a box, by their centres.
    available
        Pairs there are; `pairs` has at most `MOST` of them, and none whose box was cut off.
    """

    pairs: pd.DataFrame
    inside: NDArray[np.bool_]
    available: int


def mark_boxes(test: Predictions, rows: pd.DataFrame, boxes: pd.DataFrame, spec: ImageSpec) -> Marked:
    """Find the positives with a box, and where in the square it lies.

    Parameters
    ----------
    test
        The test set.
    rows
        pack/rows.parquet: row, and crop_left, crop_top, crop_width, crop_height: what of the image is in the
        square [px of the image].
    boxes
        index/boxes.parquet.
    spec
        How the images were made.
    """
    listed = list_positives(test)
    named = boxes[["image_id", "target"]].drop_duplicates()
    known = named.merge(listed, left_on=["image_id", "target"], right_on=["id", "finding"])
    known = known.sort_values(["column", "position"])
    kept = known.iloc[np.arange(min(MOST, len(known))) * len(known) // max(1, min(MOST, len(known)))]
    crops = rows.set_index("row")[["crop_width", "crop_height", "crop_left", "crop_top"]]
    inside = np.zeros((len(kept), spec.size, spec.size), bool)
    for mask, pair in zip(inside, kept.itertuples(), strict=True):
        mine = boxes[(boxes["image_id"] == pair.id) & (boxes["target"] == pair.finding)]
        width, height, left, top = crops.loc[[pair.row]].to_numpy(int)[0]
        cover_pixels(mask, move_boxes(mine, width, height, spec, (left, top)))
    seen = inside.any(axis=(1, 2))  # a box may lie outside what was cut out
    pairs = kept.iloc[np.flatnonzero(seen)].reset_index(drop=True)
    return Marked(pairs[["finding", "position"]], inside[seen], len(known))


def list_positives(test: Predictions) -> pd.DataFrame:
    """List id, row, finding, column of the finding and position of all positives."""
    positions, columns = np.nonzero(test.labels == 1)
    cases = test.cases[["id", "row"]].iloc[positions].reset_index(drop=True)
    names = np.array(test.targets, object)[columns]
    return cases.assign(finding=names, column=columns, position=positions)


def cover_pixels(mask: NDArray[np.bool_], boxes: pd.DataFrame) -> None:
    """Mark the pixels of a square whose centres lie in one of the boxes [px of the square].

    `mask` (height, width) bool, changed in place.
    """
    centres = np.arange(len(mask)) + 0.5
    for x, y, width, height in boxes[["x", "y", "width", "height"]].to_numpy():
        across = (x <= centres) & (centres < x + width)
        down = (y <= centres) & (centres < y + height)
        mask |= down[:, None] & across


def find_peak(values: NDArray[np.float32], size: int) -> tuple[int, int] | None:
    """Return row and column, in the square, of the centre of the largest cell; None of a map of zeros.

    Enlarged bilinearly, the map has its maximum there too.

    `values` (rows, columns) float32.
    """
    if not values.any():
        return None
    row, column = np.unravel_index(np.argmax(values), values.shape)
    return int((row + 0.5) * size / values.shape[0]), int((column + 0.5) * size / values.shape[1])


def score_pointing(maps: Mapping[str, NDArray[np.float32]], marked: Marked) -> dict[str, Any] | None:
    """Count the maps of each arm whose largest value lies in a box; None if there are none.

    `maps`: (maps, rows, columns) float32 of each arm.

    Returns
    -------
    dict
        available, n; area: the mean share of the image that the boxes cover, which a blind point hits;
        centre: how many boxes hold the middle of the image; for each arm inside, blank (a map of zeros points
        nowhere: a miss) and share; the counts by finding.
    """
    if not maps or not len(marked.pairs):
        return None
    size = marked.inside.shape[1]
    names = marked.pairs["finding"]
    peaks = {arm: [find_peak(each, size) for each in values] for arm, values in maps.items()}
    hits = {
        arm: np.array([at is not None and mask[at] for at, mask in zip(found, marked.inside, strict=True)])
        for arm, found in peaks.items()
    }
    return {
        "available": marked.available,
        "n": len(names),
        "area": float(marked.inside.mean()),
        "centre": float(marked.inside[:, size // 2, size // 2].mean()),
        "arms": {
            arm: {"inside": int(hit.sum()), "blank": peaks[arm].count(None), "share": float(hit.mean())}
            for arm, hit in hits.items()
        },
        "findings": {
            finding: {
                "n": int((names == finding).sum()),
                "inside": {arm: int(hit[names == finding].sum()) for arm, hit in hits.items()},
            }
            for finding in names.unique()
        },
    }
