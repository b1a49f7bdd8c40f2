"""A user's table, CSV or Parquet, with one row per id."""

from pathlib import Path

import pandas as pd
import pyarrow as pa

from radpipe.errors import DataError

TEXTS = ("id", "patient_id", "split")


def read_table(path: Path) -> pd.DataFrame:
    """Read a table whose column `id` holds a different text in each row.

    Raises
    ------
    DataError
        If it is not readable, or has no such column.
    """
    try:
        table = _read(path)
    except FileNotFoundError:
        raise DataError(f"{path}: not found") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, pa.ArrowInvalid) as error:
        kind = "Parquet" if path.suffix == ".parquet" else "CSV"
        first_line = str(error).strip().split("\n")[0]
        raise DataError(f"{path}: not readable as {kind} ({first_line})") from None
    if "id" not in table.columns or table["id"].hasnans or not table["id"].is_unique:
        raise DataError(f"{path}: a column `id` is expected, with one different value in each row")
    return table


def _read(path: Path) -> pd.DataFrame:
    if path.suffix != ".parquet":
        return pd.read_csv(path, dtype=dict.fromkeys(TEXTS, str))
    table = pd.read_parquet(path)
    texts = [name for name in TEXTS if name in table]
    return table.assign(**{name: table[name].astype("string").astype(object) for name in texts})
