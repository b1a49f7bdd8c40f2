"""Which findings stand together on one image."""

from itertools import combinations

import pandas as pd

from radpipe.report.data import Data
from radpipe.report.tables import Column, Table, count, rows

MOST_PAIRS = 50  # of findings, where a grid of all of them would be too wide


def count_pairs(data: Data) -> pd.DataFrame:
    """Count the images that carry both of two findings (targets x targets); positives on the diagonal."""
    present = (data.case_labels == 1).astype("int64")
    return present.T @ present


def together_table(data: Data, *, pairs: bool) -> Table:
    """Show the co-occurrence as a grid, or as the most frequent pairs."""
    if pairs:
        return pairs_table(data)
    lines = [(str(name), *(int(n) for n in line)) for name, line in count_pairs(data).iterrows()]
    columns = (Column("Finding"), *(Column(target, count) for target in data.targets))
    return Table("together", "Images that carry both findings", columns, rows(lines))


def pairs_table(data: Data) -> Table:
    """Show the pairs of different findings that most images carry."""
    counts = count_pairs(data)
    shared, names = counts.to_numpy(), enumerate(data.targets)
    both = [(a, b, int(shared[i, j])) for (i, a), (j, b) in combinations(names, 2)]
    most = sorted(both, key=lambda pair: -pair[2])[:MOST_PAIRS]
    columns = (Column("Finding"), Column("And"), Column("Images", count))
    caption = f"Images that carry both findings, the {len(most)} most frequent pairs"
    return Table("together", caption, columns, rows(most))
