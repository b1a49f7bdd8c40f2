"""What the page is made of: the runs of every arm, their comparison, and the data set where it is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.index import Grid
from radpipe.report.arms import PARTS, Arm

Settings = Mapping[str, Any]
MANY = 20
IMAGE_COLUMNS = ["image_id", "unit_id", "patient_id", "view"]
KEPT = ["pixel_row", "crop_left", "crop_top", "crop_width", "crop_height"]


class Network(NamedTuple):
    """One trained network: its round (None outside a cross-validation), its facts and its epochs."""

    round: int | None
    training: Mapping[str, Any]
    history: pd.DataFrame


@dataclass(frozen=True)
class Run:
    """One model and what the test part says about it; `training` and `history` are empty if not known."""

    arm: Arm
    seed: int
    metrics: dict[str, Any]
    curves: pd.DataFrame
    training: dict[str, Any]
    history: pd.DataFrame

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that were trained: one, or one a round."""
        if "rounds" not in self.training:
            return (Network(None, self.training, self.history),)
        histories = dict(list(self.history.groupby("round")))
        rounds = enumerate(self.training["rounds"])
        return tuple(Network(number, facts, histories[number]) for number, facts in rounds)


@dataclass(frozen=True)
class Data:
    """The data set behind the runs, from its tables to its parts.

    Attributes
    ----------
    summaries
        The JSON files by name: index, validate, pack, split, weights.
    images
        All rows of the index; the row number is the public name of a case.
    accepted, packed
        Rows of the images that passed each step; `packed` holds row, pixel_row, and what of the image is
        kept: crop_left, crop_top, crop_width, crop_height.
    labels
        unit_id x finding, float32, NaN = unknown.
    parts
        patient_id -> split (train, val or test) or fold; a patient twice would stand there twice.
    pixels : (images, size, size, channels) uint8
        Memory-mapped.
    rejected
        The tables of rejected images by step: validate, pack.
    explained
        explain/cases.json.
    maps : (arms, cases, height, width) uint8
        Where each arm looked; empty where that cannot be said.
    """

    summaries: dict[str, dict[str, Any]]
    images: pd.DataFrame
    accepted: pd.DataFrame
    packed: pd.DataFrame
    labels: pd.DataFrame
    boxes: pd.DataFrame
    parts: pd.DataFrame
    pixels: NDArray[np.uint8]
    rejected: dict[str, pd.DataFrame]
    explained: dict[str, Any]
    maps: NDArray[np.uint8]

    @property
    def targets(self) -> tuple[str, ...]:
        """The findings that were learned, in the order of the network's outputs."""
        return tuple(self.summaries["weights"]["targets"])

    @property
    def part_names(self) -> dict[str, str]:
        """The parts, as split.json calls them, and their names: of a cross-validation its folds."""
        if "fold" not in self.parts:
            return PARTS
        return {part: f"Fold {part}" for part in self.summaries["split"]["parts"]}

    @property
    def part_of(self) -> pd.Series:
        """The part of each patient."""
        table = self.parts.set_index("patient_id")
        return table["fold" if "fold" in table else "split"].astype(str)

    @property
    def grid(self) -> Grid | None:
        """How the targets stand in rows and columns, if they do."""
        found = self.summaries["index"].get("grid")
        return Grid(**found) if found else None

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The images that were used: row, KEPT, part, IMAGE_COLUMNS, and x, y [px], NaN without a mark."""
        known = self.images[IMAGE_COLUMNS].join(self.images.reindex(columns=["x", "y"]).astype("float32"))
        cases = self.packed[["row", *KEPT]].join(known, on="row")
        cases["part"] = cases["patient_id"].map(self.part_of.to_dict())
        excluded = [entry["row"] for entry in self.summaries["split"]["excluded"]]
        used = cases["part"].notna() & ~cases["row"].isin(excluded)
        return cases[used].sort_values("row", ignore_index=True)

    @cached_property
    def case_labels(self) -> pd.DataFrame:
        """The targets of `cases`, row by row; 1, 0 or NaN."""
        return self.labels.loc[self.cases["unit_id"], list(self.targets)].reset_index(drop=True)


@dataclass(frozen=True)
class Results:
    """The results of one dataset, or of anybody's predictions.

    Attributes
    ----------
    settings
        The dataset's section of params.yaml, with `dataset`, `losses` and `seeds` beside its keys.
    runs
        Every model under comparison, arm by arm and seed by seed.
    comparison
        compare.json.
    data
        The data set; None where predictions came without it.
    notices
        What a reader must know beforehand, in sentences.
    """

    settings: Settings
    runs: tuple[Run, ...]
    comparison: dict[str, Any]
    data: Data | None
    notices: tuple[str, ...] = ()

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms, the reference first."""
        return tuple(dict.fromkeys(run.arm for run in self.runs))

    @property
    def compared(self) -> bool:
        """Whether there are two arms to hold against each other."""
        return len(self.arms) > 1

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that were run."""
        return tuple(dict.fromkeys(run.seed for run in self.runs))

    @property
    def targets(self) -> tuple[str, ...]:
        """The findings, in the order of the predictions."""
        return tuple(self.runs[0].metrics["findings"])

    @property
    def many(self) -> bool:
        """Whether there are so many findings that their figures are folded away."""
        return len(self.targets) > MANY

    @property
    def contrast(self) -> str:
        """What a difference is, in words: weighted minus plain."""
        return " minus ".join(arm.word for arm in reversed(self.arms))

    @property
    def noun(self) -> str:
        """What stands in a row or colour: an arm, or a model that was not trained here."""
        return "arm" if self.trained else "model"

    @property
    def rounds(self) -> int:
        """The rounds of the cross-validation whose predictions are joined; 0 for one test part."""
        return int(self.runs[0].metrics.get("rounds", {"count": 0})["count"])

    @property
    def grid(self) -> Grid | None:
        """How the targets stand in rows and columns, if they do."""
        return self.data.grid if self.data else None

    @property
    def trained(self) -> bool:
        """Whether the models were trained here."""
        return all(run.training for run in self.runs)

    def of_arm(self, arm: Arm) -> tuple[Run, ...]:
        """Return the runs of one arm, seed by seed."""
        return tuple(run for run in self.runs if run.arm == arm)
