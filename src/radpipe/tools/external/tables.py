"""Tables of the user, CSV or Parquet, one row per id; a model's outputs become columns logit/<finding>."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.predictions import CASE_COLUMNS, FORMAT, read_predictions

TEXTS = ("id", "patient_id", "split")
# What pandas takes for nothing by default.
UNKNOWN = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
SMALLEST = 1e-7  # stands for a probability of 0


def read_outputs(path: Path) -> pd.DataFrame:
    """Read one file of outputs: id, logit/<finding>, and the other columns of a file of format 1."""
    if path.suffix == ".parquet" and _is_format_1(path):
        known = read_predictions(path)
        columns = {f"logit/{name}": known.logits[:, j] for j, name in enumerate(known.targets)}
        columns |= {f"label/{name}": known.labels[:, j] for j, name in enumerate(known.targets)}
        return known.cases.assign(**columns)
    table = read_table(path)
    targets = [name for name in table.columns if name not in CASE_COLUMNS]
    if not targets:
        raise DataError(f"{path}: no column beside the id, expected one of probabilities per finding")
    logits = _compute_log_odds(path, table[targets])
    return table[["id"]].assign(**{f"logit/{name}": logits[:, j] for j, name in enumerate(targets)})


def list_findings(outputs: pd.DataFrame) -> tuple[str, ...]:
    """Return the findings, in the order of their columns."""
    names = map(str, outputs.columns)
    return tuple(name.removeprefix("logit/") for name in names if name.startswith("logit/"))


def read_table(path: Path) -> pd.DataFrame:
    """Read a table whose column `id` has a different text in each row.

    Raises
    ------
    DataError
        If it is not readable, or has no such column.
    """
    try:
        table = _read_file(path)
    except FileNotFoundError:
        raise DataError(f"{path}: not found") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, pa.ArrowInvalid) as error:
        kind = "Parquet" if path.suffix == ".parquet" else "CSV"
        first_line = str(error).strip().split("\n")[0]
        raise DataError(f"{path}: not readable as {kind} ({first_line})") from None
    if "id" not in table.columns or table["id"].isin([None, ""]).any() or not table["id"].is_unique:
        raise DataError(f"{path}: a column `id` is expected, with one different value in each row")
    return table


def _read_file(path: Path) -> pd.DataFrame:
    if path.suffix != ".parquet":
        # An id is text to the letter, NA included; of the others NA and nothing are unknown.
        unknown = {name: UNKNOWN for name in pd.read_csv(path, nrows=0).columns if name != "id"}
        return pd.read_csv(path, dtype=dict.fromkeys(TEXTS, str), keep_default_na=False, na_values=unknown)
    table = pd.read_parquet(path)
    texts = [name for name in TEXTS if name in table]
    return table.assign(**{name: table[name].astype("string").astype(object) for name in texts})


def _is_format_1(path: Path) -> bool:
    try:
        return (pq.read_schema(path).metadata or {}).get(b"radpipe.format") == FORMAT
    except (OSError, pa.ArrowInvalid):
        return False  # `read_table` names what is wrong with it


def _compute_log_odds(path: Path, columns: pd.DataFrame) -> NDArray[np.float64]:
    probabilities = columns.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise DataError(f"{path}: a probability is missing or outside 0..1")
    return convert_to_log_odds(probabilities)


def convert_to_log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log odds in exactly the order of the probabilities.

    Log odds of neighbouring numbers may round to the same one: those of the larger number then take the next
    representable one, so that no rank metric changes. 0 and 1 have none: they get those of 1e-7 and 1 - 1e-7,
    or more extreme ones than all others where these are more extreme.

    Parameters
    ----------
    probabilities : any shape, float64
        0 to 1.
    """
    values, places = np.unique(probabilities, return_inverse=True)
    inside = (values > 0) & (values < 1)
    odds = np.log(values[inside]) - np.log1p(-values[inside])
    for position in np.flatnonzero(np.diff(odds) <= 0) + 1:
        later = odds[position:]
        floor = np.nextafter(odds[position - 1], np.inf)
        for step in range(len(later)):
            if later[step] >= floor:
                break
            later[step] = floor
            floor = np.nextafter(floor, np.inf)
    extreme = np.log1p(-SMALLEST) - np.log(SMALLEST)
    found = np.empty(len(values))
    found[inside] = odds
    found[values == 0] = min(-extreme, odds.min(initial=0.0) - 1)
    found[values == 1] = max(extreme, odds.max(initial=0.0) + 1)
    return found[places].reshape(probabilities.shape)
