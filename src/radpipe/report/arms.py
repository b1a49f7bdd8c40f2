"""The arms of the comparison, and the colours of arms and sets everywhere on the page."""

from dataclasses import dataclass, replace

# Okabe and Ito, Color Universal Design, 2008: distinguishable for color-blind readers too.
BLUE = "#0072b2"
SKY = "#56b4e9"
VERMILLION = "#d55e00"
GREEN = "#009e73"
ORANGE = "#e69f00"
PURPLE = "#cc79a7"


@dataclass(frozen=True)
class Arm:
    """A loss or model under comparison, and how it is drawn.

    Attributes
    ----------
    key
        Its name in compare.json.
    word
        Its word in "weighted minus plain".
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


def build_loss_arm(loss: str, kind: str) -> Arm:
    """Return the arm of a loss; its meaning depends on the kind of targets, binary or categorical."""
    arm = ARMS[loss]
    exact = "categorical" if kind == "categorical" else "binary"
    return replace(arm, meaning=arm.meaning.replace("binary", exact))


def build_model_arm(name: str, position: int) -> Arm:
    """Return a model that was not trained here; it is drawn like the arm in its place."""
    arm = tuple(ARMS.values())[position]
    return replace(arm, key=name, name=name, word=name, meaning="predictions as given")


SPLIT_NAMES = {"train": "Training", "val": "Validation", "test": "Test"}
SPLIT_COLORS = {"train": GREEN, "val": ORANGE, "test": PURPLE}
