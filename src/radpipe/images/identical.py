"""Images whose pixels are identical: copies, and copies that contradict each other."""

import pandas as pd

from radpipe.images.problems import Reason

CONFLICT: Reason = "identical pixels with conflicting labels"


def reject_conflicts(rows: pd.DataFrame, labels: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take out images that share their pixels, but not their labels: at least one of them is wrong.

    Parameters
    ----------
    rows : DataFrame
        The packed images, with the columns row and sha256.
    labels : DataFrame
        1, 0, NaN = unknown, indexed by row, one line for each image. Unknown contradicts nothing.

    Returns
    -------
    rows : DataFrame
        Those that stay, in their order; copies with the same labels stay.
    rejected : DataFrame
        row, reason, detail of the others.
    """
    copies = rows[rows["sha256"].duplicated(keep=False)]
    known = labels.loc[copies["row"]].groupby(copies["sha256"].to_numpy())
    differ = (known.max() > known.min()).any(axis=1)
    conflicting = rows["sha256"].isin(differ.index[differ])
    refused = rows[conflicting]
    sharing = refused["sha256"].map(refused["sha256"].value_counts())
    detail = sharing.astype("str") + " images share these pixels"
    rejected = pd.DataFrame({"row": refused["row"], "reason": CONFLICT, "detail": detail})
    return rows[~conflicting].reset_index(drop=True), rejected.reset_index(drop=True)


def count_identical(rows: pd.DataFrame, patients: "pd.Series[str]") -> dict[str, int]:
    """Count the groups of images with identical pixels.

    Parameters
    ----------
    rows : DataFrame
        The packed images, with the columns row and sha256.
    patients : Series
        patient_id, indexed by row.

    Returns
    -------
    dict
        groups (of two and more), images in them, groups that more than one patient shares.
    """
    copies = rows[rows["sha256"].duplicated(keep=False)]
    owners = patients.loc[copies["row"]].groupby(copies["sha256"].to_numpy()).nunique()
    return {
        "groups": len(owners),
        "images": len(copies),
        "groups across patients": int((owners > 1).sum()),
    }
