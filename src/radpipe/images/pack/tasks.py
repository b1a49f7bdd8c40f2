"""The images to pack, one task each."""

import math
from typing import NamedTuple

import pandas as pd

from radpipe.config.data import ImageSpec
from radpipe.errors import DataError
from radpipe.images.prepare.crop import Mark
from radpipe.images.validate.paths import paths_of


class Task(NamedTuple):
    """One image to pack: its row in the pixels, its path, and the mark that it is cropped around."""

    pixel_row: int
    path: str | None
    mark: Mark | None


def tasks_of(accepted: pd.DataFrame, image: ImageSpec) -> list[Task]:
    """Return a task for each image; raise DataError if marks are needed and the table has none."""
    marks: list[Mark | None] = [None] * len(accepted)
    if image.crop is not None:
        if not {"x", "y"} <= set(accepted):
            raise DataError(
                "image.crop is set, but the index has no columns x and y: with these options its rows are no"
                " marks. Set image.crop to null, or the options of the reader so that each row is a mark"
            )
        places = accepted[["x", "y"]].astype("float64").itertuples(index=False, name=None)
        marks = [None if math.isnan(x + y) else (x, y) for x, y in places]
    return [Task(*task) for task in zip(range(len(accepted)), paths_of(accepted), marks, strict=True)]
