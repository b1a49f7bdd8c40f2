"""The test cases shown in the report, and the maps of where the networks see a finding in them.

Everything here but gradcam.py is arithmetic on tables; gradcam.py needs Keras and is imported only when a
map is wanted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.explanation import pointing, selection
from radpipe.explanation.pointing import Marked
from radpipe.predictions import Predictions

FORMAT = 1


@dataclass(frozen=True)
class NetworkMaps:
    """Maps of one network.

    Attributes
    ----------
    layer
        Name of the layer whose features were weighted.
    maps : (pairs, height, width) float32
        0 and above.
    """

    layer: str
    maps: NDArray[np.float32]


Draw = Callable[[str, pd.DataFrame], NetworkMaps]


def build_cases(
    arms: Mapping[str, Predictions], wanted: int, marked: Marked, draw: Draw
) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    """Choose cases, draw their maps, and count how many maps point into a box.

    Parameters
    ----------
    arms
        The test set as each arm predicts it: the same cases in the same order.
    wanted
        Cases of each kind and finding; 0: nothing is chosen and nothing drawn.
    marked
        Positives with a box of the finding.
    draw
        ``draw(arm, pairs)``: the maps of some cases, each for one target; `pairs` has position, and target,
        that of the column.

    Returns
    -------
    found
        The content of cases.json. `map` of a case is its place along the second axis of `maps`.
    maps : (arms, pairs, height, width) uint8
        Each scaled to its own maximum, 255; all 0 where nothing indicates the finding.

    Raises
    ------
    DataError
        If the arms do not predict the same cases and findings.
    """
    refuse_different_arms(arms)
    shown = selection.choose_cases(arms, wanted)
    pairs = shown[["finding", "position"]].drop_duplicates(ignore_index=True)
    every = pd.concat([pairs, marked.pairs], ignore_index=True) if len(pairs) else pairs
    targets = next(iter(arms.values())).targets
    every = every.assign(target=every["finding"].map(targets.index))
    drawn = {arm: draw(arm, every) for arm in arms if len(every)}
    without = format_reason(drawn)
    maps = {arm: each.maps for arm, each in drawn.items() if not without}
    found = {
        "format": FORMAT,
        "cases": wanted,
        "arms": list(arms),
        "layers": {arm: each.layer for arm, each in drawn.items()},
        "without": without,
        "findings": selection.describe_cases(arms, shown, pairs),
        "pointing": pointing.score_pointing({arm: each[len(pairs) :] for arm, each in maps.items()}, marked),
    }
    kept = [scale_maps(each[: len(pairs)]) for each in maps.values()]
    return found, np.stack(kept) if kept else np.zeros((len(arms), 0, 0, 0), np.uint8)


def refuse_different_arms(arms: Mapping[str, Predictions]) -> None:
    """Refuse arms that cannot be compared case by case.

    Raises
    ------
    DataError
        If they have different cases, another order of them, or different findings.
    """
    first, *others = arms.values()
    for other in others:
        if first.targets != other.targets or not first.cases["id"].equals(other.cases["id"]):
            raise DataError(
                f"explain: {' and '.join(arms)} predict other cases or findings, expected the same in the"
                " same order: train both arms on one split"
            )


def format_reason(drawn: Mapping[str, NetworkMaps]) -> str:
    """Return why there are no maps; empty if there are."""
    if not drawn:
        return "No cases were asked for, or the test part has none."
    if any(each.maps[0].size == 1 for each in drawn.values()):
        return (
            "The last feature map of the network has a single cell: it cannot say where. Use larger images."
        )
    return ""


def scale_maps(maps: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scale each map to 0..255 by its own maximum.

    `maps` (maps, rows, columns) float32; returned likewise, uint8.
    """
    largest = maps.max(axis=(1, 2), keepdims=True)
    scaled = 255 * maps / np.where(largest > 0, largest, 1)
    rounded: NDArray[np.uint8] = np.rint(scaled).astype(np.uint8)
    return rounded
