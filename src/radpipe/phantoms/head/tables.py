"""The names and the label table of the head phantom, spelled as the RSNA publishes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.driver import Boxes, Contents, Names
from radpipe.phantoms.head.population import TARGETS
from radpipe.phantoms.shared.population import Population

ENTRIES = "stage_2_train.csv"


@dataclass(frozen=True)
class HeadNames(Names):
    """Made-up names without order: of images and instances (one a row), patients, studies, series."""

    instances: list[str]
    patients: list[str]
    studies: list[str]
    series: list[str]


def name_rows(population: Population, spec: PhantomSpec) -> HeadNames:
    """Draw names; patients and studies count from 1, their names from 0.

    UIDs are made from random UUIDs below the root 2.25 (DICOM PS3.5 B.2); the published ones are none.
    """
    # Four words, so that no key of a population or a slice (three words) is the same.
    rng = np.random.default_rng([spec.seed, 0, 0, 1])
    patients, studies = (int(population.images[column].max()) for column in ("patient", "study"))
    images = rng.choice(2**36, len(population.images), replace=False)
    people = rng.choice(2**32, patients, replace=False)
    uids = [f"2.25.{int.from_bytes(rng.bytes(16))}" for _ in range(2 * studies + len(images))]
    return HeadNames(
        rows=pd.Series([f"ID_{number:09x}" for number in images], name="image_id"),
        instances=uids[2 * studies :],
        patients=[f"ID_{number:08x}" for number in people],
        studies=uids[:studies],
        series=uids[studies : 2 * studies],
    )


def write_tables(
    folder: Path, contents: Contents[Population, HeadNames], boxes: Mapping[int, Boxes]
) -> dict[str, int]:
    """Write the label table, six lines per image, by image id; those that are repeated again at its end.

    Returns
    -------
    dict
        The number of repeated lines.
    """
    population = contents.population
    names = contents.names.rows.to_numpy()
    again = population.oddities["repeated rows"]
    rows = np.concatenate([np.argsort(names), again])
    entries = [f"{names[row]}_{target}" for row in rows for target in TARGETS]
    table = pd.DataFrame({"ID": entries, "Label": population.labels[rows].ravel()})
    table.to_csv(folder / ENTRIES, index=False)
    return {"repeated rows": len(again) * len(TARGETS)}


def count_rows(contents: Contents[Population, HeadNames]) -> dict[str, int]:
    """Count patients, studies, images and the positives of each target."""
    images = contents.population.images
    labels = contents.population.labels
    totals = {"patients": int(images["patient"].nunique()), "studies": int(images["study"].nunique())}
    return totals | {"images": len(images)} | dict(zip(TARGETS, labels.sum(axis=0).tolist(), strict=True))
