"""Where predictions come from, as far as it is known: their training and the images behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.runs import RunName
from radpipe.evaluation.calibration.variants import calibration
from radpipe.evaluation.estimates import Runs
from radpipe.evaluation.operating_points.points import Thresholds, operating_points
from radpipe.evaluation.subgroups.differences import subgroups


@dataclass(frozen=True)
class Origin:
    """All that the predictions of another model lack.

    Attributes
    ----------
    weights
        weights.json.
    trainings
        training.json of each run.
    images
        index/images.parquet.
    """

    weights: Mapping[str, Any] | None = None
    trainings: Mapping[RunName, Mapping[str, Any]] = field(default_factory=dict)
    images: pd.DataFrame | None = None


def look_closer(
    runs: Runs, thresholds: Thresholds, spec: EvaluateSpec, plan: CompareSpec, origin: Origin
) -> dict[str, Any]:
    """Compute operating_points, calibration and subgroups (None without images) of compare.json."""
    known = origin.images
    return {
        "operating_points": operating_points(runs, thresholds, spec, plan),
        "calibration": calibration(runs, plan, origin.weights, origin.trainings),
        "subgroups": None if known is None else subgroups(runs, thresholds, known, spec, plan),
    }
