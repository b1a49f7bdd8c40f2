"""What the page is made of: the runs of every arm, their comparison, and the data set where it is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from radpipe.data.index import Grid
from radpipe.report.arms import Arm
from radpipe.report.data import Data

Settings = Mapping[str, Any]
MANY = 20  # findings; more of them fold away


class Network(NamedTuple):
    """One trained network: its round (None outside a cross-validation), its facts and its epochs."""

    round: int | None
    training: Mapping[str, Any]
    history: pd.DataFrame


@dataclass(frozen=True)
class RunResults:
    """One model and its results on the test set; `training` and `history` are empty if not known."""

    arm: Arm
    seed: int
    metrics: dict[str, Any]
    curves: pd.DataFrame
    training: dict[str, Any]
    history: pd.DataFrame

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that were trained: one, or one per round."""
        if "rounds" not in self.training:
            return (Network(None, self.training, self.history),)
        histories = dict(list(self.history.groupby("round")))
        rounds = enumerate(self.training["rounds"])
        return tuple(Network(number, facts, histories[number]) for number, facts in rounds)


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
        Sentences on the limits of these results, for the top of the page.
    """

    settings: Settings
    runs: tuple[RunResults, ...]
    comparison: dict[str, Any]
    data: Data | None
    notices: tuple[str, ...] = ()

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms, the reference first."""
        return tuple(dict.fromkeys(run.arm for run in self.runs))

    @property
    def compared(self) -> bool:
        """Whether there are two arms to compare."""
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
        """What a row or colour represents: an arm, or a model that was not trained here."""
        return "arm" if self.trained else "model"

    @property
    def rounds(self) -> int:
        """The rounds of the cross-validation whose predictions are joined; 0 for one test set."""
        return int(self.runs[0].metrics.get("rounds", {"count": 0})["count"])

    @property
    def grid(self) -> Grid | None:
        """The layout of the targets in rows and columns, if they have one."""
        return self.data.grid if self.data else None

    @property
    def data_sheet(self) -> dict[str, Any]:
        """What the reader knows of its format; empty where predictions came without a data set."""
        return self.data.data_sheet if self.data else {}

    @property
    def trained(self) -> bool:
        """Whether the models were trained here."""
        return all(run.training for run in self.runs)

    def find_key(self, arm: Arm) -> str:
        """Return the name of an arm in anchors and files; a model may have any name."""
        return arm.key if self.trained else arm.place

    def select_runs(self, arm: Arm) -> tuple[RunResults, ...]:
        """Return the runs of one arm, seed by seed."""
        return tuple(run for run in self.runs if run.arm == arm)
