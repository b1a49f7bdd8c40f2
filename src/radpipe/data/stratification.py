"""Groups -> splits or folds, with every finding in balance."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.errors import DataError


def stratify(
    positive: NDArray[np.bool_], sizes: NDArray[Any], shares: Sequence[float], seed: int
) -> NDArray[np.int64]:
    """Divide groups so that each split gets its share of every finding, the rarest first.

    Parameters
    ----------
    positive : (groups, findings) bool
        Does any patient of the group have the finding?
    sizes : (groups,) int
        Patients in the group.
    shares
        Of each split; they sum to 1.

    Returns
    -------
    (groups,) int64
        The number of the split of each group.

    References
    ----------
    Sechidis, Tsoumakas and Vlahavas, ECML PKDD 2011, "On the stratification of multi-label data".
    """
    order = np.random.default_rng(seed).permutation(len(positive))
    wanted = np.outer(shares, positive.sum(axis=0)).astype(np.float64)  # (splits, findings)
    open_places = np.array(shares) * sizes.sum()
    split = np.full(len(positive), -1)
    left = positive.copy()
    while left.any():
        counts = left.sum(axis=0)
        rarest = int(np.argmin(np.where(counts > 0, counts, len(left) + 1)))
        for group in order[left[order, rarest]]:
            best = max(range(len(open_places)), key=lambda k: (wanted[k, rarest], open_places[k]))
            split[group] = best
            wanted[best] -= positive[group]
            open_places[best] -= sizes[group]
            left[group] = False
    for group in order[split[order] < 0]:
        split[group] = np.argmax(open_places)
        open_places[split[group]] -= sizes[group]
    return split


def stratify_folds(
    positive: NDArray[np.bool_], sizes: NDArray[Any], folds: int, seed: int
) -> NDArray[np.int64]:
    """Divide groups into folds of equal shares; see `stratify`.

    Returns
    -------
    (groups,) int64
        The fold of each group, 0 to ``folds - 1``.

    Raises
    ------
    DataError
        If a fold stays empty.
    """
    fold = stratify(positive, sizes, [1 / folds] * folds, seed)
    if len(np.unique(fold)) < folds:
        raise DataError(
            f"split.folds: {folds} folds, but the {len(fold)} groups of patients leave one empty; expected"
            " fewer folds"
        )
    return fold
