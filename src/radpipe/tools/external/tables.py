"""Tables of the user, CSV or Parquet, one row per id; a model's outputs become columns logit/<finding>."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from radpipe.data.cells import MOST_NAMED, apply_once, parse_numbers, refuse_lines
from radpipe.data.delimited_text import DelimitedText, read_delimited
from radpipe.data.ids import normalise_id
from radpipe.errors import DataError, quote_cell
from radpipe.predictions import CASE_COLUMNS, FORMAT, read_predictions

NAMED = ("id", "patient_id", "split")  # columns known in any case
SMALLEST = 1e-7  # stands for a probability of 0


def read_outputs(path: Path) -> pd.DataFrame:
    """Read one file of outputs: id, logit/<finding>, and the other columns of a file of format 1."""
    if path.suffix == ".parquet" and _is_format_1(path):
        known = read_predictions(path)
        columns = {f"logit/{name}": known.logits[:, j] for j, name in enumerate(known.targets)}
        columns |= {f"label/{name}": known.labels[:, j] for j, name in enumerate(known.targets)}
        return known.cases.assign(**columns)
    text = read_table(path)
    targets = [name for name in text.cells.columns if name not in CASE_COLUMNS]
    if not targets:
        raise DataError(f"{path}: no column beside the id, expected one of probabilities per finding")
    probabilities = {name: parse_numbers(text, name, "a probability from 0 to 1") for name in targets}
    for name, values in probabilities.items():
        problem = f"holds FOUND in column {name!r}, expected a probability from 0 to 1"
        refuse_lines(path.name, ~values.between(0, 1), problem, text.cells[name])
    logits = convert_to_log_odds(np.column_stack([probabilities[name] for name in targets]))
    columns = {f"logit/{name}": logits[:, j] for j, name in enumerate(targets)}
    return text.cells[["id"]].assign(**columns).reset_index(drop=True)


def list_findings(outputs: pd.DataFrame) -> tuple[str, ...]:
    """Return the findings, in the order of their columns."""
    names = map(str, outputs.columns)
    return tuple(name.removeprefix("logit/") for name in names if name.startswith("logit/"))


def read_table(path: Path) -> DelimitedText:
    """Read a table whose column `id` has a different text in each row.

    Returns
    -------
    DelimitedText
        The id to the letter, all else without blanks around it. Of a Parquet file each cell as text, from
        which its number is read back to the last digit; the index is then the number of the row.

    Raises
    ------
    DataError
        If it is not readable, or has no such column.
    """
    text = _read_parquet(path) if path.suffix == ".parquet" else read_delimited(path, keep_blanks=True)
    text = replace(text, cells=text.cells.rename(columns=dict(_spell_names(text.cells.columns))))
    if "id" not in text.cells:
        names = ", ".join(text.cells.columns[:MOST_NAMED])
        raise DataError(
            f"{path}: no column 'id', expected one with a different value in each row; found {names}"
        )
    ids = text.cells["id"]
    refuse_lines(path.name, ids.str.strip() == "", "holds nothing in column 'id'")
    problem = "holds FOUND in column 'id' again, expected a different id in each row"
    refuse_lines(path.name, ids.duplicated(), problem, ids)
    cells = text.cells.apply(lambda column: column.str.strip()).assign(id=ids)
    return DelimitedText(path.name, cells, text.separator)


def _spell_names(columns: pd.Index) -> Iterator[tuple[str, str]]:
    """Yield the columns whose names are known but for capitals, and the names."""
    for name in NAMED:
        if name not in columns:
            yield from ((column, name) for column in columns if str(column).lower() == name)


def _read_parquet(path: Path) -> DelimitedText:
    """Read Parquet as text; a number is written with all its digits."""
    try:
        table = pd.read_parquet(path)
    except FileNotFoundError:
        raise DataError(f"{path}: not found") from None
    except (pa.ArrowInvalid, OSError) as error:
        first_line = str(error).strip().split("\n")[0]
        raise DataError(f"{path}: not readable as Parquet ({first_line})") from None
    if table.index.name is not None and table.index.name not in table:
        table = table.reset_index()
    texts = {str(name): _write_cells(column) for name, column in table.items()}
    return DelimitedText(path.name, pd.DataFrame(texts, dtype="str"), separator="\t")


def _write_cells(column: pd.Series) -> pd.Series:
    """Write each cell as text, '' where it is missing."""
    if pd.api.types.is_float_dtype(column.dtype):
        column = column.astype("float64").map(repr, na_action="ignore")
    return column.astype("string").fillna("").astype("str")


def match_ids(path: Path, ids: pd.Series, labels: Path, known: pd.Series) -> pd.Series:
    """Return the id that each case has in the labels: the same to the letter, or but for blanks around it.

    Parameters
    ----------
    ids, known
        Those of the predictions in `path`, and of the labels.

    Raises
    ------
    DataError
        If an id has no row of labels; it names the id there that is like it.
    """
    stripped = known.str.strip()
    alone = ~stripped.duplicated(keep=False)
    spelled = pd.Series(known[alone].to_numpy(), stripped[alone])
    found = ids.where(ids.isin(known), ids.str.strip().map(spelled))
    absent = ids[found.isna()]
    if absent.empty:
        return found
    keys = apply_once(known, normalise_id)
    near = known[(keys == normalise_id(absent.iloc[0])).to_numpy()]
    hint = f"; {quote_cell(near.iloc[0])} is there: the same case?" if len(near) else ""
    example = f"such as {quote_cell(absent.iloc[0])}{hint}"
    raise DataError(f"{path}: {len(absent)} of {len(ids)} ids are not in {labels}, {example}")


def _is_format_1(path: Path) -> bool:
    try:
        return (pq.read_schema(path).metadata or {}).get(b"radpipe.format") == FORMAT
    except (OSError, pa.ArrowInvalid):
        return False  # `read_table` names what is wrong with it


def convert_to_log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log odds in exactly the order of the probabilities.

    Log odds of neighbouring numbers may round to the same one: those of the larger number then take the next
    representable one, so that no rank metric changes. 0 and 1 have none: they get those of 1e-7 and 1 - 1e-7,
    or more extreme ones than all others where these are more extreme.

    `probabilities` (cases, findings) float64; returned likewise.

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
