"""What is drawn of a phantom before its images, what is wrong with a few rows, and whether it can be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.phantoms.shared.evidence import Table

AUROC_LIMITS = (0.755, 0.965)  # of truth against labels; within the promised 0.75 to 0.97

Rows = dict[str, NDArray[np.int64]]  # by what is wrong with them


@dataclass(frozen=True)
class Population:
    """All rows of a phantom, in the order in which they were drawn: images, or studies in the lumbar phantom.

    Attributes
    ----------
    images
        One line per row: patient (from 1), and what else each phantom knows of a row.
    strengths
        (rows, signs ...): the evidence of each sign, 0..1.
    truth
        (rows, targets ...): the probabilities that the labels were drawn from.
    labels
        (rows, targets ...), 0 or 1; or the class drawn of each.
    oddities
        Rows by what is wrong with them.
    """

    images: pd.DataFrame
    strengths: Table
    truth: Table
    labels: NDArray[np.int64]
    oddities: Rows = field(default_factory=dict, kw_only=True)


def count_oddities(oddities: Mapping[str, int], patients: int, each: int) -> dict[str, int]:
    """Return how many rows each oddity takes: so many for each `each` patients, once at least."""
    times = max(1, round(patients / each))
    return {kind: number * times for kind, number in oddities.items()}


def deal_rows(rows: NDArray[np.int64], counts: Mapping[str, int]) -> Rows:
    """Give each oddity the rows that it takes, from the front.

    `rows` (rows,) int64; returned likewise, of each oddity.
    """
    ends = np.cumsum(list(counts.values()))
    return dict(zip(counts, np.split(rows[: ends[-1]], ends[:-1]), strict=True))


def find_oddity(oddities: Rows, row: int) -> str | None:
    """Return what is wrong with a row; None: nothing.

    Rows are (rows,) int64.
    """
    return next((kind for kind, rows in oddities.items() if row in rows), None)


def copy_rows(population: Population, commonest: int) -> Population:
    """Plant the pairs: every second row of them shows the first one's image, in the column source.

    A copy takes over the evidence, truth and labels of the row that it shows. One that conflicts is labelled
    against it in the commonest target.
    """
    source = np.arange(len(population.images))
    for kind in ("identical", "conflicting"):
        source[population.oddities[kind][1::2]] = population.oddities[kind][0::2]
    labels = population.labels[source]
    labels[population.oddities["conflicting"][1::2], commonest] ^= 1
    return replace(
        population,
        images=population.images.assign(source=source),
        strengths=population.strengths[source],
        truth=population.truth[source],
        labels=labels,
    )


def damage(content: bytes, oddity: str | None, kept: int) -> bytes | None:
    """Return the content of a file of an oddity: `kept` bytes of one that is truncated; None: no file."""
    if oddity == "missing":
        return None
    if oddity == "empty":
        return b""
    return content[:kept] if oddity == "truncated" else content


def can_be_used(
    population: Population, labels: NDArray[np.int64], least_positive: int, least_negative: int
) -> bool:
    """Return whether a population can be split by patient and learned; labels are (rows, targets), 0 or 1.

    As int64.
    """
    positive = find_positive_patients(labels, population.images["patient"])
    enough = can_be_split(positive, least_positive, least_negative)
    return enough and can_be_learned(population.truth, labels)


def find_positive_patients(labels: NDArray[np.int64], patient: pd.Series) -> NDArray[np.bool_]:
    """Return which patient has which target in any row, (patients, targets), in order of patient.

    `labels` (rows, targets) int64; returned as bool.
    """
    return np.asarray(pd.DataFrame(labels).groupby(patient.to_numpy()).max() > 0)


def can_be_split(positive: NDArray[np.bool_], least_positive: int, least_negative: int) -> bool:
    """Return whether every target has so many patients with it, and so many without.

    `positive` (patients, targets) bool.
    """
    counts = positive.sum(axis=0)
    return bool(counts.min() >= least_positive and (len(positive) - counts).min() >= least_negative)


def can_be_learned(truth: Table, labels: NDArray[np.int64]) -> bool:
    """Return whether truth ranks the labels of every target well, but not too well; both (rows, targets).

    As float64 and int64.
    """
    scores = [compute_auroc(*column) for column in zip(truth.T, labels.T, strict=True)]
    return AUROC_LIMITS[0] <= min(scores) and max(scores) <= AUROC_LIMITS[1]


def compute_auroc(scores: Table, labels: NDArray[np.int64]) -> float:
    """Return the area under the ROC curve, from the rank sum of the positives (Mann and Whitney).

    `scores` (rows,) float64, `labels` (rows,) int64.
    """
    positives = int(labels.sum())
    ranks = pd.Series(scores).rank().to_numpy()[labels > 0].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))
