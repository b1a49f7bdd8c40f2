"""Test cases by finding: the probabilities of the arms, their Grad-CAM, and the pointing game."""

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
from radpipe.report.sections.examples import find_boxes, format_windows
from radpipe.report.tables import Column, Row, Table, build_data_uri, format_count, format_percent

LARGEST = 112  # px; larger images are shrunk for the page
OPACITY = 0.7  # of the largest value of a map
KINDS = {
    "found": "Present, with the highest probability",
    "missed": "Present, with the lowest probability",
    "alarm": "Absent, with the highest probability",
    "disagreement": "Ordered most differently",
}


@dataclass(frozen=True)
class Output:
    """The output of one arm for a case; `positive`: at or above its threshold, None without one."""

    arm: Arm
    probability: float
    place: int
    positive: bool | None
    heat: str  # address of its map, "" if there is none


@dataclass(frozen=True)
class Case:
    """One image; boxes of the finding in units of the side. `uri` is empty if the page has it already."""

    row: int
    present: bool
    uri: str
    boxes: tuple[tuple[str, float, float, float, float], ...]
    chosen_by: str
    outputs: tuple[Output, ...]

    @property
    def panes(self) -> int:
        """Pictures side by side: the image, and the map of each arm over it."""
        return 1 + sum(bool(each.heat) for each in self.outputs)

    @property
    def alt(self) -> str:
        """The text alternative of the image."""
        mapped = " and ".join(each.arm.name for each in self.outputs if each.heat)
        return f"Image, row {self.row}" + (f"; then where {mapped} looked" if mapped else "")


@dataclass(frozen=True)
class Source:
    """What cases are built from.

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


def describe_cases(results: Results) -> dict[str, Any] | None:
    """Return the chosen cases and the pointing game; None if no cases were asked for."""
    data = results.data
    image = results.settings.get("image")
    if data is None or image is None or not data.explained["cases"]:
        return None
    explained = data.explained
    source = Source(
        data,
        ImageSpec.from_values(image),
        {arm.key: arm for arm in results.arms if arm.key in explained["arms"]},
        {run.arm.key: run.metrics["findings"] for run in results.runs if run.seed == explained["seed"]},
        data.cases.set_index("row", drop=False),
    )
    return {
        "explained": explained,
        "shown": collect_cases(source),
        "legend": build_data_uri("image/png", encode_map(np.linspace(0, 255, 64).astype(np.uint8)[None])),
        "window": next(iter(format_windows(image)), ""),
        "pointing": tabulate_pointing(results, explained["pointing"]),
        "blank": format_blank_maps(results, explained["pointing"]),
    }


def collect_cases(source: Source) -> list[dict[str, Any]]:
    """Return the findings with the cases of each kind; each image is encoded once."""
    seen: set[int] = set()
    shown = []
    for name, entry in source.data.explained["findings"].items():
        groups = []
        for title, cases in group_cases(source, name, entry):
            groups.append((title, [replace(case, uri="") if case.row in seen else case for case in cases]))
            seen |= {case.row for case in cases}
        shown.append(
            {"name": name, "known": entry["known"], "positives": entry["positives"], "groups": groups}
        )
    return shown


def group_cases(source: Source, finding: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, list[Case]]]:
    """Yield each kind of a finding with its cases; one that both arms chose is listed once."""
    known = {case["row"]: case for case in entry["cases"]}
    for kind, title in KINDS.items():
        choosers: dict[int, list[str]] = {}
        for chosen in entry["groups"]:
            for row in chosen["rows"] if chosen["kind"] == kind else ():
                choosers.setdefault(row, []).append(chosen["arm"])
        if choosers:
            yield title, [build_case(source, finding, known[row], arms) for row, arms in choosers.items()]


def build_case(source: Source, finding: str, entry: Mapping[str, Any], choosers: list[str]) -> Case:
    """Return one case of a finding."""
    case = source.cases.loc[entry["row"]]
    return Case(
        row=entry["row"],
        present=entry["label"] == 1,
        uri=build_data_uri("image/jpeg", encode_jpeg(source.data.pixels[case["pixel_row"]])),
        boxes=tuple(box for box in find_boxes(source.data, source.spec, case) if box[0] == finding),
        chosen_by=" and ".join(source.arms[key].name for key in choosers if key),
        outputs=tuple(build_output(source, finding, entry, key) for key in source.arms),
    )


def build_output(source: Source, finding: str, entry: Mapping[str, Any], key: str) -> Output:
    """Return the output of one arm for a case."""
    threshold = source.findings[key][finding]["at_chosen"]["threshold"]
    probability = entry["probability"][key]
    positive = None if threshold is None else probability >= threshold
    maps = source.data.maps[source.data.explained["arms"].index(key)]
    heat = build_data_uri("image/png", encode_map(maps[entry["map"]])) if len(maps) else ""
    return Output(source.arms[key], probability, entry["place"][key], positive, heat)


def encode_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """Encode the first channel of an image as JPEG, at most 112 px high.

    Parameters
    ----------
    pixels : (size, size, channels) uint8
    """
    picture: Any = np.ascontiguousarray(pixels[..., 0])
    if len(picture) > LARGEST:
        picture = cv2.resize(picture, (LARGEST, LARGEST), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def encode_map(values: NDArray[np.uint8]) -> bytes:
    """Encode a map as PNG in a perceptually uniform palette; smaller values are more transparent.

    Parameters
    ----------
    values : (height, width) uint8
    """
    colors = cv2.applyColorMap(np.ascontiguousarray(values), cv2.COLORMAP_INFERNO)
    alpha = np.rint(values * OPACITY).astype(np.uint8)
    return cv2.imencode(".png", np.dstack([colors, alpha]))[1].tobytes()


def tabulate_pointing(results: Results, game: Mapping[str, Any] | None) -> Table | None:
    """Tabulate the share of maps whose largest value lies in a box; None if the game was not played."""
    if game is None:
        return None
    arms = [arm for arm in results.arms if arm.key in game["arms"]]
    lines = [
        Row((name, entry["n"], *(entry["inside"][arm.key] / entry["n"] for arm in arms)))
        for name, entry in game["findings"].items()
    ]
    total = (game["arms"][arm.key]["share"] for arm in arms)
    lines.append(Row(("All", game["n"], *total), average=True))
    columns = [Column(arm.name, format_percent, "Points into a box", arm.place) for arm in arms]
    caption = "Pointing game: maps whose largest value lies in a box of the finding"
    return Table(
        "pointing", caption, (Column("Finding"), Column("Maps", format_count), *columns), tuple(lines)
    )


def format_blank_maps(results: Results, game: Mapping[str, Any] | None) -> str:
    """Return how many maps of each arm are blank."""
    counts = {arm.name: game["arms"][arm.key]["blank"] for arm in results.arms} if game else {}
    return ", ".join(f"{name} {number}" for name, number in counts.items() if number)
