"""The long label table of the haemorrhage set: millions of rows `ID,Label` -> one row of six labels an image.

The file is read in blocks and never stands in memory as text: each block becomes integer codes at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from radpipe.data.cells import parse_label_cells, refuse_lines, select_columns
from radpipe.data.delimited_text import read_delimited, read_layout
from radpipe.errors import DataError, quote_cell

SUBTYPES = ("epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural")
TARGETS = (*SUBTYPES, "any")
BLANKS_INSIDE = r"\s+(?=_)|^\s+|\s+$"
BLOCK = 1 << 19  # [bytes] read at once; of larger ones the system fetches new memory each time
Block = tuple[Any, NDArray[np.floating[Any]], Sequence[int]]  # ids (text of Arrow), labels, lines


@dataclass(frozen=True)
class Rows:
    """All rows of the table as codes.

    Attributes
    ----------
    names
        The distinct image ids (text).
    images, targets, found : (rows,) int32, int8, int8
        Of each row the image's and the target's number, and the label.
    lines : (rows,)
        Of each row its line in the file.
    """

    names: Any
    images: NDArray[np.int32]
    targets: NDArray[np.int8]
    found: NDArray[np.int8]
    lines: Sequence[int]


def read_labels(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read the table.

    A table as it is published is read in blocks. Any other, and one with a fault, is read again with care, by
    which it is understood, or the line of its fault is known.

    Returns
    -------
    DataFrame
        (images, 6) float32, indexed by image_id in order of first appearance; NaN where a row is absent.
    dict
        Counts of what was dropped or is absent.

    Raises
    ------
    DataError
        If the table is not in the published format, or contradicts itself.
    """
    try:
        return arrange_labels(read_codes(path.name, read_blocks(path)), path.name)
    except (DataError, pa.ArrowInvalid, OSError):
        text = read_delimited(path)
        table = select_columns(text, ("ID", "Label"), "RSNA")
        labels = parse_label_cells(table["Label"], text.separator)
        problem = "holds FOUND in column 'Label', expected 0 or 1. Is this a submission file?"
        refuse_lines(path.name, ~labels.isin([0, 1]), problem, table["Label"])
        ids = table["ID"].str.replace(BLANKS_INSIDE, "", regex=True)
        block = (pa.array(ids, pa.string()), labels.to_numpy(np.float64), table.index.to_list())
        return arrange_labels(read_codes(path.name, [block]), path.name)


def arrange_labels(rows: Rows, file: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """Turn one row per label into one row per image; see `read_labels`."""
    cells = rows.images.astype(np.int64) * len(TARGETS) + rows.targets
    flat = np.full(len(rows.names) * len(TARGETS), np.nan, np.float32)
    flat[cells] = rows.found
    refuse_contradictions(flat[cells] != rows.found, rows, file)
    labels = flat.reshape(-1, len(TARGETS))
    refuse_wrong_any(labels, rows, file)
    notes = {
        "repeated rows dropped": len(rows.found) - int(np.isfinite(labels).sum()),
        "images with fewer than six rows (the absent labels are unknown)": int(
            np.isnan(labels).any(axis=1).sum()
        ),
    }
    index = pd.Index(rows.names.to_pandas(), dtype="str", name="unit_id")
    return pd.DataFrame(labels, index=index, columns=list(TARGETS)), notes


def read_blocks(path: Path) -> Iterator[Block]:
    """Yield the rows of a table as published, block after block: ids, labels (rows,) float32, lines."""
    layout = read_layout(path)
    if [layout.names.count(name) for name in ("ID", "Label")] != [1, 1]:
        raise DataError(f"{path.name}: columns are {layout.names[:4]}, expected ID and Label")
    line = layout.header + 1
    reading = csv.ReadOptions(
        block_size=BLOCK, skip_rows=layout.header, column_names=_name_columns(layout.names)
    )
    conversion = csv.ConvertOptions(
        column_types={"ID": pa.string(), "Label": pa.float32()}, include_columns=["ID", "Label"]
    )
    compression = "gzip" if path.suffix == ".gz" else None
    with pa.input_stream(path, compression=compression) as stream:
        options = (reading, csv.ParseOptions(delimiter=layout.separator), conversion)
        for batch in csv.open_csv(stream, *options):
            labels = batch["Label"].to_numpy(zero_copy_only=False)
            yield batch["ID"], labels, range(line, line + len(batch))
            line += len(batch)


def _name_columns(names: Sequence[str]) -> list[str]:
    """Return different names for columns that are not used."""
    return [name if name in ("ID", "Label") else f"column {place}" for place, name in enumerate(names)]


def read_codes(file: str, blocks: Iterable[Block]) -> Rows:
    """Turn all rows into codes, (rows,) int32, each block at once."""
    images = []
    targets = []
    values = []
    lines: list[Sequence[int]] = []
    for names, labels, places in blocks:
        refuse_blanks(names, file)
        halves = halve_names(names, file, places).dictionary_encode()
        codes = halves.indices.to_numpy()
        images.append(compact(halves.dictionary, codes[0::2]))
        targets.append(number_targets(compact(halves.dictionary, codes[1::2]), file))
        values.append(read_values(labels, file))
        lines.append(places)
    if not images:
        raise DataError(f"{file}: holds no row below its header; download it again")
    chunks = pa.chunked_array(images).unify_dictionaries().chunks
    files = pc.filter(chunks[0].dictionary, pc.ends_with(chunks[0].dictionary, ".dcm", ignore_case=True))
    if len(files):
        raise DataError(
            f"{file}: column 'ID' names {len(files)} files, such as {quote_cell(files[0].as_py())}, expected "
            "ID_<image>_<subtype>; remove .dcm"
        )
    number = np.concatenate([chunk.indices.to_numpy() for chunk in chunks])
    last = lines[-1]
    joined = last if len(lines) == 1 else range(lines[0][0], last[-1] + 1)
    return Rows(chunks[0].dictionary, number, np.concatenate(targets), np.concatenate(values), joined)


def refuse_blanks(names: Any, file: str) -> None:
    """Leave names with blanks, tabs or other letters than those of ASCII to the careful reading."""
    _, places, letters = names.buffers()
    first, last = np.frombuffer(places, np.int32)[[names.offset, names.offset + len(names)]]
    codes = np.frombuffer(letters or b"", np.uint8)[first:last]
    if len(codes) and (codes.min() <= ord(" ") or codes.max() > ord("~")):
        raise DataError(f"{file}: column 'ID' holds blanks, or letters that no name has")


def halve_names(names: Any, file: str, lines: Sequence[int]) -> Any:
    """Cut ID_63eb1e259_epidural before its last underscore.

    Parameters
    ----------
    names
        (rows,) text of Arrow: all letters in one buffer, and where in it each name begins.
    lines
        Those of the names, for the error.

    Returns
    -------
    Array
        (2 rows,) text: ID_63eb1e259, _epidural and so on. No letter is copied: names that follow each other
        in a buffer are cut by naming more places in it.
    """
    _, places, letters = names.buffers()
    edges = np.frombuffer(places, np.int32)[names.offset : names.offset + len(names) + 1]
    starts, ends = edges[:-1], edges[1:]
    underscores = np.flatnonzero(np.frombuffer(letters or b"", np.uint8)[: edges[-1]] == ord("_"))
    cuts = find_last(underscores, starts, ends)
    wrong = cuts <= starts
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"{file}: line {lines[row]} holds {quote_cell(names[row].as_py())} in column 'ID', expected "
            "ID_<image>_<subtype>"
        )
    halves = np.append(np.column_stack([starts, cuts]).ravel(), ends[-1]).astype(np.int32)
    return pa.StringArray.from_buffers(2 * len(names), pa.py_buffer(halves), letters)


def find_last(
    places: NDArray[np.int64], starts: NDArray[np.int32], ends: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the last of `places` before each end; -1 where there is none. All are in ascending order.

    `places` (places,) int64, `starts` and `ends` (groups,) int32; returned (groups,) int64.
    """
    each = max(1, len(places) // len(ends))
    guess = places[each - 1 :: each]
    following = np.append(places[each::each], ends[-1])
    # As published, all names have equally many: a search would take an eighth of the whole time.
    if len(guess) == len(ends) == len(following) and np.all(
        (starts < guess) & (guess < ends) & (ends <= following)
    ):
        return guess
    return np.append(places, -1)[np.searchsorted(places, ends) - 1]


def compact(words: Any, codes: NDArray[np.int32]) -> Any:
    """Return the text that `codes` spell, as a dictionary of only those words that they use.

    `codes` (rows,) int32.
    """
    used = np.zeros(len(words), bool)
    used[codes] = True
    kept = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return pa.DictionaryArray.from_arrays(kept[codes], words.filter(pa.array(used)))


def number_targets(subtypes: Any, file: str) -> NDArray[np.int8]:
    """Turn _epidural and so on into numbers within `TARGETS`.

    Returned (rows,) int8.
    """
    words = [word.removeprefix("_").lower() for word in subtypes.dictionary.to_pylist()]
    unknown = sorted(set(words) - set(TARGETS))
    if unknown:
        raise DataError(f"{file}: column ID ends in {unknown[:4]}, expected only {', '.join(TARGETS)}")
    numbers = np.array([TARGETS.index(word) for word in words], np.int8)
    return np.asarray(numbers[subtypes.indices.to_numpy()])


def read_values(values: NDArray[np.floating[Any]], file: str) -> NDArray[np.int8]:
    """Return labels of 0 and 1; refuse others, of which the careful reading knows the line.

    `values` (rows,) float32 or float64; returned (rows,) int8.
    """
    if not ((values == 0) | (values == 1)).all():  # NaN, an empty cell, is neither
        raise DataError(f"{file}: column 'Label' holds something other than 0 and 1")
    return np.asarray(values.astype(np.int8))


def refuse_contradictions(contradicting: NDArray[np.bool_], rows: Rows, file: str) -> None:
    """Refuse rows that stand twice with different labels.

    `contradicting` (rows,) bool.
    """
    if contradicting.any():
        found = np.unique(rows.images[contradicting])
        raise DataError(
            f"{file}: {len(found)} images have rows that contradict each other, the first is that of line "
            f"{rows.lines[int(contradicting.argmax())]}; "
            "expected one label for each image and subtype. Are two versions of the table mixed?"
        )


def refuse_wrong_any(labels: NDArray[np.float32], rows: Rows, file: str) -> None:
    """Refuse images whose `any` is not the union of the five subtypes, as far as they are known.

    `labels` (images, 6) float32.
    """
    five = labels[:, :-1]
    union = labels[:, -1]
    wrong = ((union == 0) & (five == 1).any(axis=1)) | ((union == 1) & (five == 0).all(axis=1))
    if wrong.any():
        first = int((rows.images == wrong.argmax()).argmax())
        raise DataError(
            f"{file}: in {int(wrong.sum())} images `any` is not the union of the five subtypes, the first is "
            f"that of line {rows.lines[first]}; download the table again"
        )
