"""Test cases worth a look, finding by finding: what the arms say of them, and where they looked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.config.data import ImageSpec
from radpipe.report.arms import Arm
from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections.examples import boxes_of, windows
from radpipe.report.sections.pointing import blank, pointing_table
from radpipe.report.tables import data_uri

LARGEST = 112  # px; larger images are shrunk for the page
OPACITY = 0.7  # of the largest value of a map
KINDS = {
    "found": "Present, with the highest probability",
    "missed": "Present, with the lowest probability",
    "alarm": "Absent, with the highest probability",
    "disagreement": "Ordered most differently",
}


@dataclass(frozen=True)
class Saying:
    """What one arm says of a case; `called`: whether above its threshold, None without one."""

    arm: Arm
    probability: float
    place: int
    called: bool | None
    heat: str  # address of its map, "" if there is none


@dataclass(frozen=True)
class Case:
    """One image; boxes of the finding in units of the side. `uri` is empty where the page has it already."""

    row: int
    present: bool
    uri: str
    boxes: tuple[tuple[str, float, float, float, float], ...]
    chosen_by: str
    sayings: tuple[Saying, ...]

    @property
    def panes(self) -> int:
        """Pictures side by side: the image, and the map of each arm over it."""
        return 1 + sum(bool(each.heat) for each in self.sayings)

    @property
    def alt(self) -> str:
        """What a reader who does not see the image is told."""
        looked = " and ".join(each.arm.name for each in self.sayings if each.heat)
        return f"Image, row {self.row}" + (f"; then where {looked} looked" if looked else "")


@dataclass(frozen=True)
class Source:
    """What cases are drawn from.

    Attributes
    ----------
    arms
        Those that were explained, by key.
    findings
        metrics.json of the explained seed, by arm and finding.
    cases
        `data.cases` by row.
    """

    data: Data
    spec: ImageSpec
    arms: Mapping[str, Arm]
    findings: Mapping[str, Mapping[str, Any]]
    cases: pd.DataFrame


def describe(results: Results) -> dict[str, Any] | None:
    """Gather the chosen cases and the pointing game; nothing if no cases were asked for."""
    data, image = results.data, results.settings.get("image")
    if data is None or image is None or not data.explained["cases"]:
        return None
    explained = data.explained
    source = Source(
        data,
        ImageSpec.model_validate_json(json.dumps(image)),
        {arm.key: arm for arm in results.arms if arm.key in explained["arms"]},
        {run.arm.key: run.metrics["findings"] for run in results.runs if run.seed == explained["seed"]},
        data.cases.set_index("row", drop=False),
    )
    return {
        "explained": explained,
        "shown": gather(source),
        "legend": data_uri("image/png", color(np.linspace(0, 255, 64).astype(np.uint8)[None])),
        "window": next(iter(windows(image)), ""),
        "pointing": pointing_table(results, explained["pointing"]),
        "blank": blank(results, explained["pointing"]),
    }


def gather(source: Source) -> list[dict[str, Any]]:
    """Gather the findings with the cases of each kind; each image is packed once."""
    seen: set[int] = set()
    shown = []
    for name, entry in source.data.explained["findings"].items():
        groups = []
        for title, cases in group(source, name, entry):
            groups.append((title, [replace(case, uri="") if case.row in seen else case for case in cases]))
            seen |= {case.row for case in cases}
        shown.append(
            {"name": name, "known": entry["known"], "positives": entry["positives"], "groups": groups}
        )
    return shown


def group(source: Source, finding: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, list[Case]]]:
    """Yield each kind of a finding with its cases; one that both arms chose stands there once."""
    known = {case["row"]: case for case in entry["cases"]}
    for kind, title in KINDS.items():
        choosers: dict[int, list[str]] = {}
        for chosen in entry["groups"]:
            for row in chosen["rows"] if chosen["kind"] == kind else ():
                choosers.setdefault(row, []).append(chosen["arm"])
        if choosers:
            yield title, [draw(source, finding, known[row], arms) for row, arms in choosers.items()]


def draw(source: Source, finding: str, entry: Mapping[str, Any], choosers: list[str]) -> Case:
    """Draw one case of a finding."""
    case = source.cases.loc[entry["row"]]
    return Case(
        row=entry["row"],
        present=entry["label"] == 1,
        uri=data_uri("image/jpeg", encode(source.data.pixels[case["pixel_row"]])),
        boxes=tuple(box for box in boxes_of(source.data, source.spec, case) if box[0] == finding),
        chosen_by=" and ".join(source.arms[key].name for key in choosers if key),
        sayings=tuple(say(source, finding, entry, key) for key in source.arms),
    )


def say(source: Source, finding: str, entry: Mapping[str, Any], key: str) -> Saying:
    """Gather what one arm says of a case."""
    threshold = source.findings[key][finding]["at_chosen"]["threshold"]
    probability = entry["probability"][key]
    called = None if threshold is None else probability >= threshold
    maps = source.data.maps[source.data.explained["arms"].index(key)]
    heat = data_uri("image/png", color(maps[entry["map"]])) if len(maps) else ""
    return Saying(source.arms[key], probability, entry["place"][key], called, heat)


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """Encode the first channel of an image as JPEG, at most 112 px high.

    Parameters
    ----------
    pixels : (size, size, channels) uint8
    """
    picture: Any = np.ascontiguousarray(pixels[..., 0])
    if len(picture) > LARGEST:
        picture = cv2.resize(picture, (LARGEST, LARGEST), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def color(values: NDArray[np.uint8]) -> bytes:
    """Encode a map as PNG in a perceptually uniform palette; the smaller a value, the less it hides.

    Parameters
    ----------
    values : (height, width) uint8
    """
    colors = cv2.applyColorMap(np.ascontiguousarray(values), cv2.COLORMAP_INFERNO)
    alpha = np.rint(values * OPACITY).astype(np.uint8)
    return cv2.imencode(".png", np.dstack([colors, alpha]))[1].tobytes()
