"""What the package knows of one published format: the reader itself, and what other stages ask of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.config.base import Section
from radpipe.data.index import Index


@dataclass(frozen=True)
class Reader:
    """A published format. Its name and its options stand in `radpipe.config.readers.OPTIONS`.

    Attributes
    ----------
    read
        (folder of the images, folder of the tables, options) -> Index.
    description
        What the set is, for the report.
    reference
        How the labels came about, for the report; empty where that is not known.
    mined_labels
        The labels were mined from reports by software.
    modality
        What its DICOM files must be, like CT or CR/DX; None where the format does not say.
    published
        Counts of the whole published set, such as images and patients.
    published_rates
        Loss -> the shares of positives and of negatives found at 0.5 by the published run.
    submitted
        The targets that a submission needs.
    to_submission
        Turns probabilities into the file that the competition expects; None where there is no competition.
    """

    read: Callable[[Path, Path, Section], Index]
    description: str
    reference: str = ""
    mined_labels: bool = False
    modality: str | None = None
    published: Mapping[str, int] = field(default_factory=dict)
    published_rates: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    to_submission: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    submitted: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what index/summary.json passes on to the report, which knows no readers."""
        return {
            "description": self.description,
            "reference": self.reference,
            "mined_labels": self.mined_labels,
            "published": dict(self.published),
            "published_rates": dict(self.published_rates),
        }
