"""The arms of the comparison, and the colours that they and the parts have everywhere on the page."""

from dataclasses import dataclass

# Okabe and Ito, Color Universal Design, 2008: told apart by colour-blind readers too.
BLUE, SKY, VERMILLION = "#0072b2", "#56b4e9", "#d55e00"
GREEN, ORANGE, PURPLE = "#009e73", "#e69f00", "#cc79a7"


@dataclass(frozen=True)
class Arm:
    """A loss under comparison, and how it is drawn."""

    key: str
    name: str
    meaning: str
    color: str
    dark: str  # its colour on a dark page
    marker: str


ARMS = {
    "bce": Arm("bce", "BCE", "plain binary cross-entropy", BLUE, SKY, "o"),
    "wbce": Arm("wbce", "WBCE", "binary cross-entropy weighted by class", VERMILLION, VERMILLION, "D"),
}
PARTS = {"train": "Training", "val": "Validation", "test": "Test"}
PART_COLORS = {"train": GREEN, "val": ORANGE, "test": PURPLE}
