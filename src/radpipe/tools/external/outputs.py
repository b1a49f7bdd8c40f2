"""One file of a model's outputs, probabilities or log odds -> id and one column logit/<finding> each."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from radpipe.errors import DataError
from radpipe.predictions import CASE_COLUMNS, FORMAT, SMALLEST, read
from radpipe.tools.external.tables import read_table


def findings_of(outputs: pd.DataFrame) -> tuple[str, ...]:
    """Return the findings, in the order of their columns."""
    names = map(str, outputs.columns)
    return tuple(name.removeprefix("logit/") for name in names if name.startswith("logit/"))


def read_outputs(path: Path) -> pd.DataFrame:
    """Read one file: id, logit/<finding>, and what else a file of format 1 knows."""
    if path.suffix == ".parquet" and _is_format_1(path):
        known = read(path)
        columns = {f"logit/{name}": known.logits[:, j] for j, name in enumerate(known.targets)}
        columns |= {f"label/{name}": known.labels[:, j] for j, name in enumerate(known.targets)}
        return known.cases.assign(**columns)
    table = read_table(path)
    targets = [name for name in table.columns if name not in CASE_COLUMNS]
    if not targets:
        raise DataError(f"{path}: no column beside the id, expected one of probabilities per finding")
    odds = _log_odds(path, table[targets])
    return table[["id"]].assign(**{f"logit/{name}": odds[:, j] for j, name in enumerate(targets)})


def _is_format_1(path: Path) -> bool:
    try:
        return (pq.read_schema(path).metadata or {}).get(b"radpipe.format") == FORMAT
    except (OSError, pa.ArrowInvalid):
        return False  # `read_table` says what is wrong with it


def _log_odds(path: Path, columns: pd.DataFrame) -> NDArray[np.float64]:
    probabilities = columns.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise DataError(f"{path}: a probability is missing or outside 0..1")
    inside = probabilities.clip(SMALLEST, 1 - SMALLEST)
    odds: NDArray[np.float64] = np.log(inside / (1 - inside))
    return odds
