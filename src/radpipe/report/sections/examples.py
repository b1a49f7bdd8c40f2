"""Example images: one of each finding, with its boxes, chosen by rule and named by row number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec
from radpipe.images.prepare.resize import move_boxes, move_points
from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections.grid import list_present_cells
from radpipe.report.tables import build_data_uri

LARGEST = 256  # px; larger images are shrunk for the page
HEALTHY = "No finding"


@dataclass(frozen=True)
class Example:
    """One image as the page shows it, its channels side by side; places in units of the side.

    A box has its label first; `mark` is the point that the labels refer to, if they refer to one.
    """

    row: int
    findings: tuple[str, ...]
    split: str
    view: str
    channels: int
    uri: str
    boxes: tuple[tuple[str, float, float, float, float], ...]
    mark: tuple[float, float] | None

    @property
    def alt(self) -> str:
        """The text alternative of the image."""
        boxed = f"; {len(self.boxes)} marked with a box" if self.boxes else ""
        marked = "; a cross at the mark" if self.mark else ""
        return f"Image, row {self.row}: {', '.join(self.findings)}{boxed}{marked}"


def describe_examples(results: Results) -> dict[str, Any] | None:
    """Return the example images and the names of their windows."""
    data = results.data
    image = results.settings.get("image")
    if data is None or image is None:
        return None
    spec = ImageSpec.from_values(image)
    chosen = choose_examples(data, int(results.settings["report"]["examples"]))
    return {
        "examples": [build_example(data, spec, position) for position in chosen],
        "windows": format_windows(image),
    }


def format_windows(image: Mapping[str, Any]) -> list[str]:
    """Return the windows of the channels, as center/width."""
    chosen = image.get("windows", [])
    return [f"{window['center']:g}/{window['width']:g}" for window in chosen]


def choose_examples(data: Data, wanted: int) -> list[int]:
    """Choose cases, finding by finding in turn, then one without any.

    For each finding the next best image that is not yet shown: with a box of the finding, of a patient not
    yet shown, with few other findings, early in the index.

    Returns
    -------
    list of int
        Positions in `data.cases`.
    """
    present = data.case_labels == 1
    unaffected = ~present.any(axis=1) & (data.case_labels == 0).any(axis=1)
    groups = [*((names, present[names].any(axis=1)) for names in list_wanted_targets(data)), ([], unaffected)]
    chosen: list[int] = []
    for turn in range(wanted):
        names, wearing = groups[turn % len(groups)]
        boxed = data.boxes.loc[data.boxes["target"].isin(names), "image_id"]
        order = data.cases.assign(
            unboxed=~data.cases["image_id"].isin(boxed),
            seen=data.cases["patient_id"].isin(data.cases["patient_id"].iloc[chosen]),
            others=present.sum(axis=1),
        )[wearing & ~data.cases.index.isin(chosen)]
        chosen += order.sort_values(["unboxed", "seen", "others", "row"]).index[:1].to_list()
    return chosen


def list_wanted_targets(data: Data) -> list[list[str]]:
    """List the groups of targets of which one image each is wanted, in turn.

    Every finding; in a grid every row, the last class before the others.
    """
    if data.grid is None:
        return [[target] for target in data.targets]
    last_first = range(len(data.grid.questions))[::-1]
    wanted = [[cell[k] for cell in cells] for k in last_first for cells in data.grid.targets]
    kept = [[name for name in names if name in data.targets] for names in wanted]
    return [names for names in kept if names]


def build_example(data: Data, spec: ImageSpec, position: int) -> Example:
    """Return one case of `data.cases` as the page shows it."""
    case = data.cases.iloc[position]
    labels = data.case_labels.iloc[position]
    return Example(
        row=int(case["row"]),
        findings=list_present(data, labels) or (HEALTHY,),
        split=data.split_names[case["split"]],
        view="" if pd.isna(case["view"]) else str(case["view"]),
        channels=data.pixels.shape[-1],
        uri=build_data_uri("image/png", encode_png(data.pixels[case["pixel_row"]])),
        boxes=tuple(find_boxes(data, spec, case)),
        mark=_find_mark(spec, case),
    )


def list_present(data: Data, labels: pd.Series) -> tuple[str, ...]:
    """List what is present in one case, by cell if the targets have a grid."""
    return tuple(labels.index[labels == 1]) if data.grid is None else list_present_cells(data.grid, labels)


def find_boxes(data: Data, spec: ImageSpec, case: pd.Series) -> list[tuple[str, float, float, float, float]]:
    """Return the boxes of one case of `data.cases`: the label, then x, y, width and height [sides]."""
    boxes = data.boxes[data.boxes["image_id"] == case["image_id"]]
    (width, height), corner = _find_kept_area(case)
    moved: Any = move_boxes(boxes, width, height, spec, corner)
    sides = moved[["x", "y", "width", "height"]] / spec.size
    return [
        (str(target), *(round(float(side), 4) for side in line))  # type: ignore[misc]
        for target, line in zip(moved["target"], sides.to_numpy(), strict=True)
    ]


def _find_mark(spec: ImageSpec, case: pd.Series) -> tuple[float, float] | None:
    mark = case[["x", "y"]].to_numpy(np.float64)
    if np.isnan(mark).any():
        return None
    (width, height), corner = _find_kept_area(case)
    x, y = move_points(mark[None], width, height, spec, corner)[0] / spec.size
    return round(float(x), 4), round(float(y), 4)


def _find_kept_area(case: pd.Series) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return width and height of the area that is shown, and its first column and row in the image."""
    width, height, left, top = case[["crop_width", "crop_height", "crop_left", "crop_top"]].astype(int)
    return (width, height), (left, top)


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode one image as PNG, at most 256 px high, its channels side by side: each is a window.

    Parameters
    ----------
    pixels : (size, size, channels) uint8
    """
    picture: Any = np.hstack(list(np.moveaxis(pixels, -1, 0)))
    if picture.shape[0] > LARGEST:
        wide = LARGEST * pixels.shape[-1]
        picture = cv2.resize(picture, (wide, LARGEST), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", np.ascontiguousarray(picture))[1].tobytes()
