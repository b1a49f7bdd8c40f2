"""The arms of the comparison, and the colours that they and the parts have everywhere on the page."""

from dataclasses import dataclass, replace

# Okabe and Ito, Color Universal Design, 2008: told apart by colour-blind readers too.
BLUE, SKY, VERMILLION = "#0072b2", "#56b4e9", "#d55e00"
GREEN, ORANGE, PURPLE = "#009e73", "#e69f00", "#cc79a7"


@dataclass(frozen=True)
class Arm:
    """A loss or model under comparison, and how it is drawn.

    Attributes
    ----------
    key
        Its name in compare.json.
    word
        What stands in "weighted minus plain".
    place
        first (the reference) or second: the class of its colour on the page.
    """

    key: str
    name: str
    word: str
    meaning: str
    place: str
    color: str
    dark: str  # its colour on a dark page
    marker: str


ARMS = {
    "bce": Arm("bce", "BCE", "plain", "plain binary cross-entropy", "first", BLUE, SKY, "o"),
    "wbce": Arm(
        "wbce",
        "WBCE",
        "weighted",
        "binary cross-entropy weighted by class",
        "second",
        VERMILLION,
        VERMILLION,
        "D",
    ),
}
LOOKS = tuple(ARMS.values())


def loss_arm(loss: str, kind: str) -> Arm:
    """Return the arm of a loss; of classes that exclude each other (categorical) it says so."""
    arm = ARMS[loss]
    exact = "categorical" if kind == "categorical" else "binary"
    return replace(arm, meaning=arm.meaning.replace("binary", exact))


def model_arm(name: str, position: int) -> Arm:
    """Return a model that was not trained here; it looks like the arm in its place."""
    return replace(LOOKS[position], key=name, name=name, word=name, meaning="predictions as given")


PARTS = {"train": "Training", "val": "Validation", "test": "Test"}
PART_COLORS = {"train": GREEN, "val": ORANGE, "test": PURPLE}
