"""The data set behind a page, where it is known: from its tables to its split."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.data.index import Grid
from radpipe.report.arms import SPLIT_NAMES

IMAGE_COLUMNS = ["image_id", "unit_id", "patient_id", "view"]
KEPT = ["pixel_row", "crop_left", "crop_top", "crop_width", "crop_height"]


@dataclass(frozen=True)
class Data:
    """The data set behind the runs, from its tables to its split.

    Attributes
    ----------
    summaries
        The JSON files by name: index, validate, pack, split, audit, weights.
    images
        All rows of the index; the row number is the public name of a case.
    accepted, packed
        Rows of the images that passed each step; `packed` has row, pixel_row, and the area of the image
        that is kept: crop_left, crop_top, crop_width, crop_height.
    labels
        unit_id x finding, float32, NaN = unknown.
    splits
        patient_id, and split (train, val or test) or fold; a patient in two sets would have two rows.
    pixels : (images, size, size, channels) uint8
        Memory-mapped.
    rejected
        The tables of rejected images by step: validate, pack.
    explained
        explain/cases.json.
    maps : (arms, cases, height, width) uint8
        Grad-CAM of each arm; empty where there is none.
    """

    summaries: dict[str, dict[str, Any]]
    images: pd.DataFrame
    accepted: pd.DataFrame
    packed: pd.DataFrame
    labels: pd.DataFrame
    boxes: pd.DataFrame
    splits: pd.DataFrame
    pixels: NDArray[np.uint8]
    rejected: dict[str, pd.DataFrame]
    explained: dict[str, Any]
    maps: NDArray[np.uint8]

    @property
    def data_sheet(self) -> dict[str, Any]:
        """What the reader knows of its format: description, reference standard, published numbers."""
        found: dict[str, Any] = self.summaries["index"].get("data_sheet", {})
        return found

    @property
    def targets(self) -> tuple[str, ...]:
        """The findings that were learned, in the order of the network's outputs."""
        return tuple(self.summaries["weights"]["targets"])

    @property
    def cross_validated(self) -> bool:
        """Whether the data set is divided into the folds of a cross-validation, not into three sets."""
        return "fold" in self.splits

    @property
    def split_names(self) -> dict[str, str]:
        """The names of the three sets, or of the folds, by their keys in split.json."""
        if not self.cross_validated:
            return SPLIT_NAMES
        return {fold: f"Fold {fold}" for fold in self.summaries["split"]["parts"]}

    @property
    def patient_splits(self) -> pd.Series:
        """The set, or the fold, of each patient."""
        return self.splits.set_index("patient_id")["fold" if self.cross_validated else "split"].astype(str)

    @property
    def grid(self) -> Grid | None:
        """The layout of the targets in rows and columns, if they have one."""
        found = self.summaries["index"].get("grid")
        return Grid(**found) if found else None

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The images that were used: row, KEPT, split, IMAGE_COLUMNS, and x, y [px], NaN without a mark."""
        known = self.images[IMAGE_COLUMNS].join(self.images.reindex(columns=["x", "y"]).astype("float32"))
        cases = self.packed[["row", *KEPT]].join(known, on="row")
        cases["split"] = cases["patient_id"].map(self.patient_splits.to_dict())
        excluded = [entry["row"] for entry in self.summaries["split"]["excluded"]]
        used = cases["split"].notna() & ~cases["row"].isin(excluded)
        return cases[used].sort_values("row", ignore_index=True)

    @cached_property
    def case_labels(self) -> pd.DataFrame:
        """The targets of `cases`, row by row; 1, 0 or NaN."""
        return self.labels.loc[self.cases["unit_id"], list(self.targets)].reset_index(drop=True)
