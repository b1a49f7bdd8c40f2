"""Example images: one of each finding, with its boxes, chosen by rule and named by row number."""

import json
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config import ImageSpec
from radpipe.images.resize import move_boxes
from radpipe.report.arms import PARTS
from radpipe.report.sources import Results
from radpipe.report.tables import data_uri

LARGEST = 256  # px; larger images are shrunk for the page
HEALTHY = "No finding"


@dataclass(frozen=True)
class Example:
    """One image as the page shows it, its channels side by side; boxes in units of the side, label first."""

    row: int
    findings: tuple[str, ...]
    part: str
    view: str
    channels: int
    uri: str
    boxes: tuple[tuple[str, float, float, float, float], ...]

    @property
    def alt(self) -> str:
        """What a reader who does not see the image is told."""
        marked = f"; {len(self.boxes)} marked with a box" if self.boxes else ""
        return f"Image, row {self.row}: {', '.join(self.findings)}{marked}"


def show_examples(results: Results) -> list[Example]:
    """Choose and encode the example images."""
    chosen = choose(results, int(results.settings["report"]["examples"]))
    return [_show(results, position) for position in chosen]


def windows(results: Results) -> list[str]:
    """Name the windows whose pictures stand side by side, as center/width."""
    chosen = results.settings["image"].get("windows", [])
    return [f"{window['center']:g}/{window['width']:g}" for window in chosen]


def choose(results: Results, wanted: int) -> list[int]:
    """Choose cases, finding by finding in turn, then one without any.

    For each finding the next best image that is not yet shown: with a box of the finding, of a patient not
    yet shown, with few other findings, early in the index.

    Returns
    -------
    list of int
        Positions in `results.cases`.
    """
    present = results.case_labels == 1
    healthy = (results.case_labels == 0).all(axis=1)
    groups = [*((target, present[target]) for target in results.targets), (HEALTHY, healthy)]
    boxed = set(zip(results.boxes["image_id"], results.boxes["target"], strict=True))
    chosen: list[int] = []
    for turn in range(wanted):
        target, wearing = groups[turn % len(groups)]
        order = results.cases.assign(
            unboxed=[(image, target) not in boxed for image in results.cases["image_id"]],
            seen=results.cases["patient_id"].isin(results.cases["patient_id"].iloc[chosen]),
            others=present.sum(axis=1),
        )[wearing & ~results.cases.index.isin(chosen)]
        chosen += order.sort_values(["unboxed", "seen", "others", "row"]).index[:1].to_list()
    return chosen


def _show(results: Results, position: int) -> Example:
    case = results.cases.iloc[position]
    labels = results.case_labels.iloc[position]
    return Example(
        row=int(case["row"]),
        findings=tuple(labels.index[labels == 1]) or (HEALTHY,),
        part=PARTS[case["part"]],
        view="" if pd.isna(case["view"]) else str(case["view"]),
        channels=results.pixels.shape[-1],
        uri=data_uri("image/png", encode(results.pixels[case["pixel_row"]])),
        boxes=tuple(_boxes(results, case)),
    )


def _boxes(results: Results, case: pd.Series) -> list[tuple[str, float, float, float, float]]:
    spec = ImageSpec.model_validate_json(json.dumps(results.settings["image"]))
    if spec.crop is not None:
        return []  # a crop is not where the boxes were measured
    boxes = results.boxes[results.boxes["image_id"] == case["image_id"]]
    moved: Any = move_boxes(boxes, int(case["width"]), int(case["height"]), spec)
    sides = moved[["x", "y", "width", "height"]] / spec.size
    return [
        (str(target), *(round(float(side), 4) for side in line))  # type: ignore[misc]
        for target, line in zip(boxes["target"], sides.to_numpy(), strict=True)
    ]


def encode(pixels: NDArray[np.uint8]) -> bytes:
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
