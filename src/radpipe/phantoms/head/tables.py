"""The names and tables of a head phantom, spelled as the RSNA publishes them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.phantoms.head.population import TARGETS
from radpipe.phantoms.shared.population import Population

ENTRIES = "stage_2_train.csv"


@dataclass(frozen=True)
class Names:
    """Made-up names without order: of images and instances (one a row), patients, studies, series."""

    images: list[str]
    instances: list[str]
    patients: list[str]
    studies: list[str]
    series: list[str]


def draw_names(population: Population, seed: int) -> Names:
    """Draw names; patients and studies count from 1, their names from 0.

    UIDs are made from random UUIDs below the root 2.25 (DICOM PS3.5 B.2); the published ones are none.
    """
    # Four words, so that no key of a population or a slice (three words) is the same.
    rng = np.random.default_rng([seed, 0, 0, 1])
    patients, studies = (int(population.images[column].max()) for column in ("patient", "study"))
    images = rng.choice(2**36, len(population.images), replace=False)
    people = rng.choice(2**32, patients, replace=False)
    uids = [f"2.25.{int.from_bytes(rng.bytes(16))}" for _ in range(2 * studies + len(images))]
    return Names(
        [f"ID_{number:09x}" for number in images],
        uids[2 * studies :],
        [f"ID_{number:08x}" for number in people],
        uids[:studies],
        uids[studies : 2 * studies],
    )


def write_entries(folder: Path, population: Population, images: list[str]) -> int:
    """Write the label table, six rows an image, by image id; those that stand twice again at its end.

    Returns
    -------
    int
        The number of rows that stand twice.
    """
    order = np.argsort(np.array(images))
    again = population.oddities["repeated rows"]
    rows = np.concatenate([order, again])
    names = [f"{images[row]}_{target}" for row in rows for target in TARGETS]
    table = pd.DataFrame({"ID": names, "Label": population.labels[rows].ravel()})
    table.to_csv(folder / ENTRIES, index=False)
    return len(again) * len(TARGETS)
