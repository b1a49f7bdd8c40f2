"""What is drawn of a phantom before its pictures."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.phantoms.shared.evidence import Table
from radpipe.phantoms.shared.oddities import Rows


@dataclass(frozen=True)
class Population:
    """All images of a phantom, in the order in which they were drawn.

    Attributes
    ----------
    images
        One row per image: patient (from 1), number (from 0, within the patient or study), and what else each
        phantom knows of an image.
    strengths
        (images, signs): the evidence of each sign, 0..1.
    truth
        (images, targets): the probabilities that the labels were drawn from.
    labels
        (images, targets), 0 or 1; or (images,), the class drawn.
    oddities
        Rows by what is wrong with them.
    """

    images: pd.DataFrame
    strengths: Table
    truth: Table
    labels: NDArray[np.int64]
    oddities: Rows = field(default_factory=dict)
