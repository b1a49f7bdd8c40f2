"""Patient -> train, val or test, or the fold of a cross-validation; and the cases of each split.

Three methods: `random` is the tutorial's procedure to the letter, `stratified` balances all findings and
keeps patients that share pixel-identical images or a study together, `official` takes the published test
set. With `folds`, `stratified` makes as many folds of equal size; `radpipe.data.cases` says which of them is
the test and the validation set of which round.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import train_test_split

from radpipe.config.data import SplitSpec
from radpipe.data.stratification import stratify, stratify_folds
from radpipe.errors import DataError

SPLITS = ("train", "val", "test")
COPY = "pixel-identical copy in another part"


def assign_splits(cases: pd.DataFrame, labels: pd.DataFrame, spec: SplitSpec) -> pd.Series:
    """Give every patient one split.

    Parameters
    ----------
    cases
        The usable images in the order of the tables: image_id, patient_id, official_split; sha256 of the
        pixels where they were decoded.
    labels
        (cases, findings) float32, in the order of `cases`: what is balanced.
    spec
        Method, shares and seed.

    Returns
    -------
    Series
        Indexed by patient_id, in order of first appearance; named split: train, val or test, or, with
        folds, fold: 0, 1, ..., int64.

    Raises
    ------
    DataError
        If there are too few patients, or the published lists do not name every image once.
    """
    if spec.method == "random":
        return assign_at_random(cases["patient_id"], spec)
    test = find_official_test(cases) if spec.method == "official" else None
    groups = group_patients(cases)
    by_group, sizes = find_positive(cases, labels, groups)
    if spec.folds is not None:
        fold = stratify_folds(by_group.to_numpy(), sizes, spec.folds, spec.seed)
        return groups.map(pd.Series(fold, by_group.index)).rename("fold")
    # A group may contain patients of the published test set and others: it is in no other split's balance.
    free = np.ones(len(by_group), bool) if test is None else ~by_group.index.isin(groups[test])
    rest = [1 - spec.val, spec.val]
    shares = [*((1 - spec.test) * np.array(rest)), spec.test] if test is None else rest
    number = stratify(by_group.to_numpy()[free], sizes[free], shares, spec.seed)
    chosen = groups.map(pd.Series(np.array(SPLITS)[number], by_group.index[free])).fillna("train")
    return chosen.mask(groups.index.isin([] if test is None else test), "test").rename("split")


def find_positive(
    cases: pd.DataFrame, labels: pd.DataFrame, groups: pd.Series
) -> tuple[pd.DataFrame, NDArray[Any]]:
    """Return which groups have a patient with each finding (groups x findings), and their sizes.

    The sizes are (groups,) int64, in cases.
    """
    patients = (labels == 1).groupby(cases["patient_id"].to_numpy(), sort=False).any()
    by_group = patients.groupby(groups, sort=False).any()
    return by_group, groups.value_counts(sort=False).reindex(by_group.index).to_numpy()


def assign_at_random(patient_id: pd.Series, spec: SplitSpec) -> pd.Series:
    """Split the patients, in order of first appearance, twice with one seed, as the chest tutorial does."""
    patients = np.asarray(patient_id.unique(), object)
    if len(patients) < 10:
        raise DataError(f"split: {len(patients)} patients, expected 10 or more")
    rest, test = train_test_split(patients, test_size=spec.test, random_state=spec.seed)
    _, val = train_test_split(rest, test_size=spec.val, random_state=spec.seed)
    splits = pd.Series("train", index=pd.Index(patients, name="patient_id"), name="split")
    splits[val] = "val"
    splits[test] = "test"
    return splits


def find_official_test(cases: pd.DataFrame) -> pd.Index:
    """Return the patients of the published test set; refuse lists that do not fit the images."""
    listed = cases["official_split"]
    if listed.isna().any():
        raise DataError(
            f"split.method is official: {int(listed.isna().sum())} of {len(cases)} images stand in no "
            "published list; put the lists beside the label table, or choose stratified"
        )
    both = cases.groupby("patient_id")["official_split"].nunique()
    if (both > 1).any():
        raise DataError(f"the published lists put {int((both > 1).sum())} patients into two parts")
    patients: pd.Index = pd.Index(cases.loc[listed == "test", "patient_id"].unique())
    return patients


def group_patients(cases: pd.DataFrame) -> pd.Series:
    """Join patients that share pixel-identical images or a study into groups: connected components, numbered.

    Returns
    -------
    Series
        Indexed by patient_id, in order of first appearance, int32.
    """
    codes, patients = pd.factorize(cases["patient_id"])
    size = len(patients)
    links = [np.empty((2, 0), np.intp)]
    for column in ("sha256", "study_id"):
        if column in cases:
            shared = pd.factorize(cases[column])[0]
            known = shared >= 0
            links.append(np.stack([codes[known], shared[known] + size]))
            size += len(cases)
    ends = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(ends.shape[1], np.int8), tuple(ends)), shape=(size, size))
    group = connected_components(graph, directed=False)[1][: len(patients)]
    return pd.Series(group, pd.Index(patients, name="patient_id"))


def mark_copies(cases: pd.DataFrame, splits: pd.Series) -> pd.Series:
    """Mark the copies of pixel-identical images in another split than the one that keeps them.

    The test set keeps its image, then the validation set: what is evaluated on must not be learned from.
    Folds share none: the patients of a group are in one fold.

    Returns
    -------
    Series
        bool, in the order of `cases`.
    """
    if "sha256" not in cases or splits.name == "fold":
        return pd.Series(False, cases.index)
    rank = cases["patient_id"].map(splits).map(SPLITS.index)
    return rank < rank.groupby(cases["sha256"]).transform("max")


def count_overlaps(cases: pd.DataFrame) -> dict[str, int]:
    """Count what must not be in two splits; a patient in two splits stops the run.

    Parameters
    ----------
    cases
        The cases that are used, each with its split in the column `split`, or its fold in `fold`.
    """
    column, noun = ("fold", "folds") if "fold" in cases else ("split", "parts")
    patients = cases.groupby("patient_id")[column].nunique()
    if (patients > 1).any():
        raise DataError(f"split: {int((patients > 1).sum())} patients stand in two {noun}, expected one each")
    checks = {f"patients in two {noun}": 0}
    if "sha256" in cases:
        pixels = cases.groupby("sha256")[column].nunique()
        checks[f"pixel-identical images in two {noun}"] = int((pixels > 1).sum())
    return checks


def count_cases(cases: pd.DataFrame, labels: pd.DataFrame) -> dict[str, Any]:
    """Count patients, images and each finding of each split, for split.json.

    Parameters
    ----------
    cases
        The cases that are used, each with its split in the column `split`, or its fold in `fold`.
    labels
        (cases, findings) float32, in the order of `cases`.

    Returns
    -------
    dict
        By train, val and test, or by the number of the fold, as text.
    """
    column = "fold" if "fold" in cases else "split"
    found = cases[column].astype(str)
    counts = {}
    for split in sorted(found.unique(), key=int) if column == "fold" else SPLITS:
        mine = (found == split).to_numpy()
        patients = cases["patient_id"][mine]
        findings = {str(name): _count_labels(labels[name].to_numpy()[mine], patients) for name in labels}
        counts[split] = {"patients": patients.nunique(), "images": len(patients), "findings": findings}
    return counts


def _count_labels(labels: NDArray[np.float32], patients: pd.Series) -> dict[str, float | int | None]:
    positives = int((labels == 1).sum())
    negatives = int((labels == 0).sum())
    known = positives + negatives
    return {
        "positives": positives,
        "negatives": negatives,
        "unknown": len(labels) - known,
        "positive_patients": int(patients[labels == 1].nunique()),
        "prevalence": positives / known if known else None,
    }
