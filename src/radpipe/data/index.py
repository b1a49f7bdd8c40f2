"""The contract of all readers: facts about files and their labels, never pixels."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.errors import DataError

IMAGE_COLUMNS = ("image_id", "unit_id", "patient_id", "path")
BOX_COLUMNS = ("image_id", "target", "x", "y", "width", "height")


def build_empty_boxes() -> pd.DataFrame:
    """Return the box table of a data set that has none."""
    text = pd.DataFrame(columns=list(BOX_COLUMNS[:2]), dtype="str")
    return text.join(pd.DataFrame(columns=list(BOX_COLUMNS[2:]), dtype="float32"))


@dataclass(frozen=True)
class Grid:
    """How targets stand in rows and columns, where they do: of each cell the targets are classes by degree.

    Attributes
    ----------
    row, column, degree
        What a row, a column and a class is, such as Condition, Level and Severity.
    rows, columns, classes
        Their names for readers; classes from the first to the last degree.
    questions
        What the targets of a cell ask, for readers.
    cumulative
        A target is `this class or a later one`, and the first class has none; else it is the class itself.
    targets
        Row -> column -> the targets of the cell, from the first class to the last.
    """

    row: str
    column: str
    degree: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    questions: tuple[str, ...]
    cumulative: bool
    targets: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True)
class Index:
    """What every reader returns.

    Attributes
    ----------
    images
        One row per file: image_id, unit_id, patient_id, path (text, relative to the root; missing where
        no file of that name exists), then what the tables know of it: age [years] float32, sex (F, M),
        view, official_split (train_val, test), all missing where unknown; expected_modality, where the
        format says it: what a DICOM file must be, like MR or CR/DX.
    labels
        One row per labelled unit, indexed by unit_id; float32: 1, 0, NaN = not annotated.
    boxes
        image_id, target, and float32 x, y, width, height [px of the original image]; (x, y) is the top
        left corner.
    notes
        Counts for index/summary.json: what was read, left out, or could not be used, by name.
    tables
        The files that were read.
    grid
        How the targets stand in rows and columns, if they do.
    doubts
        The notes that speak against a patient_id naming one person, and all images of that person.
    lines
        Of each image the line of the file that names its patient, where a file does.
    """

    images: pd.DataFrame
    labels: pd.DataFrame
    boxes: pd.DataFrame = field(default_factory=build_empty_boxes)
    notes: dict[str, Any] = field(default_factory=dict)
    tables: tuple[Path, ...] = ()
    grid: Grid | None = None
    doubts: tuple[str, ...] = ()
    lines: pd.Series | None = None

    def __post_init__(self) -> None:
        """Refuse what no later step could put right."""
        for name, table, column in (
            ("images", self.images, "image_id"),
            ("labels", self.labels, None),
        ):
            keys = table.index if column is None else table[column]
            if keys.hasnans or not keys.is_unique:
                raise DataError(f"index: {name} holds a missing or repeated {column or 'unit_id'}")
        patients = self.images.groupby("unit_id")["patient_id"].nunique()
        shared = int((patients > 1).sum())
        if shared:
            raise DataError(f"index: {shared} units belong to more than one patient, expected one each")
        unlabelled = int((~self.images["unit_id"].isin(self.labels.index)).sum())
        if unlabelled:
            raise DataError(f"index: {unlabelled} images have no row of labels")


def keep_found(index: Index) -> Index:
    """Leave out, counted, the rows without an image on disk: for a part of a published set."""
    kept = index.images["path"].notna()
    if not kept.any():
        raise DataError("index: no image of the table was found below root; is root right?")
    return _keep(index, kept, "rows without an image on disk left out")


def keep_patients(index: Index, limit: int) -> Index:
    """Keep `limit` patients, evenly spaced in order of first appearance, with all their images."""
    patients = pd.Series(index.images["patient_id"].unique())
    if limit >= len(patients):
        return index
    positions = [step * len(patients) // limit for step in range(limit)]
    kept = index.images["patient_id"].isin(patients.iloc[positions])
    return _keep(index, kept, "rows of patients beyond limit_patients left out")


def drop_rows(index: Index, dropped: pd.Series, note: str) -> Index:
    """Leave out some images, counted under a note, with their labels and boxes."""
    return _keep(index, ~dropped, note)


def _keep(index: Index, kept: pd.Series, note: str) -> Index:
    images = index.images[kept].reset_index(drop=True)
    boxes = index.boxes[index.boxes["image_id"].isin(images["image_id"])].reset_index(drop=True)
    labels = index.labels[index.labels.index.isin(images["unit_id"])]
    notes = {**index.notes, note: int((~kept).sum())}
    lines = None if index.lines is None else index.lines[kept.to_numpy()].reset_index(drop=True)
    return replace(index, images=images, labels=labels, boxes=boxes, notes=notes, lines=lines)


def describe_index(index: Index) -> dict[str, Any]:
    """Count what index/summary.json says, but for the files."""
    return {
        "counts": {
            "images": len(index.images),
            "patients": int(index.images["patient_id"].nunique()),
            "units": len(index.labels),
            "boxes": len(index.boxes),
            "images found on disk": int(index.images["path"].notna().sum()),
        },
        "positives": {str(name): int(count) for name, count in (index.labels == 1).sum().items()},
        "notes": index.notes,
        "grid": None if index.grid is None else asdict(index.grid),
        "doubts": {name: index.notes[name] for name in index.doubts if index.notes.get(name)},
    }
