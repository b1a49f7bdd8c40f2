"""What is wrong with a few files and rows of the real data set, planted in the phantom and counted."""

from dataclasses import replace

import numpy as np

from radpipe.phantoms.head.population import NAMES, unite
from radpipe.phantoms.shared.oddities import Rows, count_oddities, deal
from radpipe.phantoms.shared.population import Population

# Slices affected for each `PATIENTS_EACH` patients, once at least; of a pair, the second shows the first.
ODDITIES = {
    "missing": 1,
    "truncated": 1,
    "empty": 1,
    "constant": 1,
    "identical": 2,
    "conflicting": 2,
    "repeated rows": 4,
}
PATIENTS_EACH = 100
COMMONEST = NAMES.index("subdural")
KEPT = 0.29  # share of the pixels that the truncated file of the real set holds


def choose_rows(population: Population, rng: np.random.Generator) -> Rows:
    """Choose the rows of each oddity: slices without bleeding, at most one of a patient.

    There are more patients than oddities, and every patient has slices below and above any bleeding.
    """
    patient = population.images["patient"].to_numpy()
    counts = count_oddities(ODDITIES, int(patient.max()), PATIENTS_EACH)
    clear = rng.permutation(np.flatnonzero(population.labels[:, -1] == 0))
    _, first = np.unique(patient[clear], return_index=True)
    return deal(rng.permutation(clear[first]), counts)


def plant_oddities(population: Population, rng: np.random.Generator) -> Population:
    """Choose all oddities, and plant those of the tables.

    A copy takes over the evidence, truth and labels of the slice that it shows. One that conflicts is
    labelled against it in the commonest subtype.
    """
    oddities = choose_rows(population, rng)
    source = np.arange(len(population.images))
    for kind in ("identical", "conflicting"):
        source[oddities[kind][1::2]] = oddities[kind][0::2]
    labels = population.labels[source, :-1]
    labels[oddities["conflicting"][1::2], COMMONEST] ^= 1
    return replace(
        population,
        images=population.images.assign(source=source),
        strengths=population.strengths[source],
        truth=population.truth[source],
        labels=unite(labels),
        oddities=oddities,
    )
