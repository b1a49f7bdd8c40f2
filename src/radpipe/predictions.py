"""Predictions: the public contract between training and evaluation, and with anybody else's model.

Format 1, Parquet, one row per case and split, validation and test:

=================  =======  ==============================================================
column             type     meaning
=================  =======  ==============================================================
id                 text     the image or unit
row                int64    row number in the index, the name of the case in every report
patient_id         text     the group that intervals resample
split              text     val or test
label/<target>     float32  1, 0, NaN = unknown
logit/<target>     float32  log odds of the target; probability = 1 / (1 + exp(-logit)), of a class too
=================  =======  ==============================================================

A cross-validation has one column more, `round` int64: the number of the network that predicted, which has
not seen the patient in training. There every case is in the test set once, predicted in the round that tests
it, and in the validation set once, in another round: thresholds are chosen on all of the latter.

The schema's metadata holds `radpipe.format`. Tables of probabilities are read by `radpipe.tools.external`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.outputs.writing import write_whole

FORMAT = b"1"
CASE_COLUMNS = ["id", "row", "patient_id", "split"]
ROUND = "round"
SPLITS = ("val", "test")


@dataclass(frozen=True)
class Predictions:
    """Labels and logits of the same cases.

    Attributes
    ----------
    cases
        id, row, patient_id, split; one row per case and split. In a cross-validation also round.
    targets
        Names of the columns of `labels` and `logits`.
    labels : (cases, targets) float32
        1, 0 or NaN.
    logits : (cases, targets) float32 or float64
        Finite; float64 of external predictions, whose ranks float32 would change.
    """

    cases: pd.DataFrame
    targets: tuple[str, ...]
    labels: NDArray[np.float32]
    logits: NDArray[np.floating[Any]]

    def select_split(self, split: str) -> "Predictions":
        """Return the cases of one split."""
        chosen = (self.cases["split"] == split).to_numpy()
        return Predictions(
            self.cases[chosen].reset_index(drop=True), self.targets, self.labels[chosen], self.logits[chosen]
        )


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write format 1."""
    known = [name for name in (*CASE_COLUMNS, ROUND) if name in predictions.cases]
    columns: dict[str, object] = {name: predictions.cases[name].to_numpy() for name in known}
    for name, values in (("label", predictions.labels), ("logit", predictions.logits)):
        for position, target in enumerate(predictions.targets):
            columns[f"{name}/{target}"] = np.ascontiguousarray(values[:, position], np.float32)
    table = pa.table(columns).replace_schema_metadata({b"radpipe.format": FORMAT})
    with write_whole(path) as draft:
        pq.write_table(table, draft)


def read_predictions(path: Path) -> Predictions:
    """Read format 1.

    Raises
    ------
    DataError
        If the file is not what its format promises.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{path}: not readable as Parquet ({_format_first_line(error)})") from None
    if (table.schema.metadata or {}).get(b"radpipe.format") != FORMAT:
        raise DataError(f"{path}: no predictions of format 1, expected `radpipe.format` in its metadata")
    targets = tuple(name.removeprefix("label/") for name in table.column_names if name.startswith("label/"))
    wanted = [*CASE_COLUMNS, *(f"{kind}/{target}" for target in targets for kind in ("label", "logit"))]
    absent = sorted(set(wanted) - set(table.column_names))
    if absent or not targets:
        raise DataError(f"{path}: columns {absent or ['label/<target>']} are missing")
    frame = table.to_pandas()
    return check_predictions(path, frame, targets, "logit")


def check_predictions(path: Path, frame: pd.DataFrame, targets: tuple[str, ...], kind: str) -> Predictions:
    """Return the predictions of a table, refusing labels other than 1, 0 and nothing, and unknown splits.

    Raises
    ------
    DataError
        If a label, a logit or a split is not one that format 1 knows.
    """
    columns = frame[[f"label/{name}" for name in targets]].apply(pd.to_numeric, errors="coerce")
    labels = columns.to_numpy(np.float32)
    logits = frame[[f"logit/{name}" for name in targets]].to_numpy()  # of several types: the widest
    given = frame[list(columns)].notna().to_numpy()
    if not np.isin(labels[given], (0, 1)).all():
        raise DataError(f"{path}: a label is neither 1 nor 0 nor empty")
    if not np.isfinite(logits).all():
        raise DataError(f"{path}: a {kind} is not a finite number")
    unknown = sorted(set(frame["split"].dropna()) - set(SPLITS))
    if unknown or frame["split"].hasnans:
        raise DataError(f"{path}: split holds {unknown or 'nothing'}, expected val or test")
    known = [*CASE_COLUMNS, *([ROUND] if kind == "logit" and ROUND in frame else [])]
    return Predictions(frame[known], targets, labels, logits)


def _format_first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
