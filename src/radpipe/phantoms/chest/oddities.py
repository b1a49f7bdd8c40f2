"""What is wrong with a few files and rows of the real data set, planted in the phantom and counted."""

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.phantoms.chest.population import NAMES
from radpipe.phantoms.shared.oddities import Rows, count_oddities, damage, deal
from radpipe.phantoms.shared.population import Population
from radpipe.phantoms.shared.selection import positive_patients

# Pictures affected for each `PATIENTS_EACH` patients, once at least; of a pair, the second shows the first.
ODDITIES = {
    "rgba": 3,
    "missing": 1,
    "truncated": 1,
    "empty": 1,
    "constant": 1,
    "identical": 2,
    "conflicting": 2,
    "impossible age": 1,
}
PATIENTS_EACH = 360
IMPOSSIBLE_AGE = 411
COMMONEST = NAMES.index("Infiltration")


def find_expendable(population: Population) -> NDArray[np.int64]:
    """Return the patients without any but the commonest finding: a lost picture costs no rare positive."""
    positive = positive_patients(population.labels, population.images["patient"])
    others = np.delete(positive, COMMONEST, axis=1)
    return np.flatnonzero(~others.any(axis=1)) + 1


def choose_rows(population: Population, rng: np.random.Generator) -> Rows | None:
    """Choose the rows of each oddity, at most one of a patient; None if too few patients are expendable."""
    counts = count_oddities(ODDITIES, int(population.images["patient"].max()), PATIENTS_EACH)
    patients = rng.permutation(find_expendable(population))
    if len(patients) < sum(counts.values()):
        return None
    last = ~population.images["patient"].duplicated(keep="last")
    return deal(np.flatnonzero(last)[patients - 1], counts)


def plant_oddities(population: Population, rng: np.random.Generator) -> Population | None:
    """Choose all oddities, and plant those of the tables; None if too few patients are expendable.

    A copy takes over the evidence, truth and label of the picture that it shows. One that conflicts is
    labelled against it in the commonest finding.
    """
    oddities = choose_rows(population, rng)
    if oddities is None:
        return None
    images = population.images.assign(source=np.arange(len(population.images)))
    pairs = np.concatenate([oddities["identical"], oddities["conflicting"]]).reshape(-1, 2)
    images.loc[pairs[:, 1], ["source", "view"]] = images.loc[pairs[:, 0], ["source", "view"]].to_numpy()
    images.loc[oddities["impossible age"], "age"] = IMPOSSIBLE_AGE
    source = images["source"].to_numpy()
    labels = population.labels[source]
    labels[oddities["conflicting"][1::2], COMMONEST] ^= 1
    strengths, truth = population.strengths[source], population.truth[source]
    return Population(images, strengths, truth, labels, oddities)


def encode(pixels: NDArray[np.uint8], oddity: str | None) -> bytes | None:
    """Return a PNG file's content, damaged as the oddity wants; None for a file that is missing."""
    if oddity == "constant":
        pixels = np.full_like(pixels, 128)
    if oddity == "rgba":
        opaque = np.full_like(pixels, 255)
        pixels = np.dstack([pixels, pixels, pixels, opaque])
    content = cv2.imencode(".png", pixels)[1].tobytes()
    return damage(content, oddity, len(content) // 2)
