"""What is known of each metric: key in the results, words, unit, better direction, places.

A new metric is a record here and the code that computes it. Keys with a number of params.yaml in them are
built by a function.
"""

from dataclasses import dataclass
from typing import Literal

MATCHED = "recall@matched_fpr"
BY_ROUND = "auroc_by_round"
Place = Literal[
    "headline",  # the first table of the page
    "ranking",  # its table of ranking and calibration
    "recall",  # its table of what is found
    "differences",  # its figure of paired differences
    "subgroups",
    "rates",  # its tables of rates at a threshold
    "operating",  # its tables of operating points
    "calibration",
    "endpoint",  # may be prespecified: compare.endpoint
    "headline_metrics",  # metrics.json, which DVC shows
    "mlflow",  # ranked metrics of a run
]


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes
    ----------
    key
        Its name in metrics.json, compare.json and curves.
    label
        Its name on the page, as the title of a row.
    unit
        Of its values.
    better
        The direction in which a model is better, or the ideal value.
    places
        Where it is shown, in the order of `METRICS`.
    short
        Its name where room is scarce; the label if empty.
    """

    key: str
    label: str
    unit: str
    better: Literal["higher", "lower", "one", "zero"]
    places: tuple[Place, ...]
    short: str = ""

    @property
    def title(self) -> str:
        """The short name."""
        return self.short or self.label

    @property
    def phrase(self) -> str:
        """The label within a sentence."""
        acronym = self.label.replace(",", " ").split()[0].isupper()
        return self.label if acronym else self.label[0].lower() + self.label[1:]


AREA = "area under a curve, 0 to 1"
SHARE = "share of cases"
METRICS = (
    Metric(
        "auroc", "AUROC", AREA, "higher",
        ("headline", "ranking", "differences", "subgroups", "endpoint", "headline_metrics", "mlflow"),
    ),
    Metric(BY_ROUND, "AUROC, mean over the rounds", AREA, "higher", ("headline", "ranking")),
    Metric(
        "average_precision", "Average precision", AREA, "higher",
        ("headline", "ranking", "differences", "endpoint", "headline_metrics", "mlflow"),
    ),
    Metric(
        "brier", "Brier score", "squared probability", "lower",
        ("ranking", "calibration", "headline_metrics", "mlflow"), "Brier",
    ),
    Metric("recall@chosen", "Recall, chosen threshold", SHARE, "higher", ("subgroups",)),
    Metric(
        "recall@0.5", "Recall at threshold 0.5", SHARE, "higher",
        ("headline", "recall", "differences", "subgroups", "headline_metrics"), "Recall at 0.5",
    ),
    Metric(
        "specificity@0.5", "Specificity at threshold 0.5", SHARE, "higher",
        ("recall", "headline_metrics"), "Specificity at 0.5",
    ),
    Metric(
        MATCHED, "Recall at the same false-positive rate", SHARE, "higher",
        ("headline", "recall", "differences", "endpoint", "headline_metrics"),
        "Recall, same false-positive rate",
    ),
    Metric("recall", "Recall", SHARE, "higher", ("rates", "operating")),
    Metric("specificity", "Specificity", SHARE, "higher", ("rates", "operating")),
    Metric("flagged", "Flags per 1,000 images", "images per 1,000", "lower", ("operating",)),
    Metric("ppv", "PPV", SHARE, "higher", ("operating",)),
    Metric("npv", "NPV", SHARE, "higher", ("operating",)),
    Metric("precision", "Precision", SHARE, "higher", ("rates",)),
    Metric("f1", "F1", SHARE, "higher", ("rates",)),
    Metric("accuracy", "Accuracy", SHARE, "higher", ("rates",)),
    Metric("ece", "ECE", "probability", "lower", ("calibration",)),
    Metric("slope", "Slope", "log odds per log odds", "one", ("calibration",)),
    Metric("intercept", "Intercept", "log odds", "zero", ("calibration",)),
    Metric("in_the_large", "In the large", "log odds", "zero", ("calibration",)),
)  # fmt: skip


def select_metrics(place: Place) -> dict[str, Metric]:
    """Return the metrics of a place by their keys, in the order in which they are shown."""
    return {metric.key: metric for metric in METRICS if place in metric.places}


def format_specificity_key(specificity: float) -> str:
    """Return the key of the recall that the ROC curve has at a specificity: recall@specificity0.90."""
    return f"recall@specificity{specificity:.2f}"
