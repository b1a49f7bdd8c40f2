"""The long label table of the haemorrhage set: millions of rows `ID,Label` -> one row of six labels an image.

The file is read in blocks and never stands in memory as text: each block becomes integer codes at once.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from radpipe.data.readers.folders import refuse_unreadable
from radpipe.errors import DataError

SUBTYPES = ("epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural")
TARGETS = (*SUBTYPES, "any")
FIRST_LINE = 2  # of the rows; line 1 is the header
BLOCK = 1 << 19  # [bytes] read at once; of larger ones the system fetches new memory each time


def read_labels(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read the table.

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
    refuse_other_columns(path)
    names, images, targets, values = read_codes(path)
    cells = images.astype(np.int64) * len(TARGETS) + targets
    flat = np.full(len(names) * len(TARGETS), np.nan, np.float32)
    flat[cells] = values
    refuse_contradictions(flat[cells] != values, images, path.name)
    labels = flat.reshape(-1, len(TARGETS))
    refuse_wrong_any(labels, images, path.name)
    notes = {
        "repeated rows dropped": len(values) - int(np.isfinite(labels).sum()),
        "images with fewer than six rows (the absent labels are unknown)": int(
            np.isnan(labels).any(axis=1).sum()
        ),
    }
    index = pd.Index(names.to_pandas(), dtype="str", name="unit_id")
    return pd.DataFrame(labels, index=index, columns=list(TARGETS)), notes


def refuse_other_columns(path: Path) -> None:
    """Refuse a table without the columns ID and Label."""
    with refuse_unreadable(path):
        found = pd.read_csv(path, nrows=0).columns.to_list()
    if not {"ID", "Label"} <= set(found):
        raise DataError(
            f"{path.name}: columns are {found[:4]}, expected ID and Label as published by the RSNA"
        )


def read_codes(path: Path) -> tuple[Any, NDArray[np.int32], NDArray[np.int8], NDArray[np.int8]]:
    """Read all rows as codes.

    Returns
    -------
    Array, (rows,) int32, (rows,) int8, (rows,) int8
        The distinct image ids (text); and of each row the image's and the target's number, and the label.
    """
    images = []
    targets = []
    values = []
    line = FIRST_LINE
    options = csv.ConvertOptions(
        column_types={"ID": pa.string(), "Label": pa.float32()}, include_columns=["ID", "Label"]
    )
    with (
        refuse_unreadable(path),
        pa.input_stream(path, compression="gzip" if path.suffix == ".gz" else None) as stream,
    ):
        for batch in csv.open_csv(stream, csv.ReadOptions(block_size=BLOCK), convert_options=options):
            halves = halve_names(batch["ID"], path.name, line).dictionary_encode()
            codes = halves.indices.to_numpy()
            images.append(compact(halves.dictionary, codes[0::2]))
            targets.append(number_targets(compact(halves.dictionary, codes[1::2]), path.name))
            values.append(read_values(batch["Label"], path.name, line))
            line += len(batch)
    if not images:
        raise DataError(f"{path.name}: holds no row below its header; download it again")
    chunks = pa.chunked_array(images).unify_dictionaries().chunks
    number = np.concatenate([chunk.indices.to_numpy() for chunk in chunks])
    return chunks[0].dictionary, number, np.concatenate(targets), np.concatenate(values)


def halve_names(names: Any, file: str, line: int) -> Any:
    """Cut ID_63eb1e259_epidural before its last underscore.

    Parameters
    ----------
    names
        (rows,) text of Arrow: all letters in one buffer, and where in it each name begins.
    line
        That of the first name, for the error.

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
    if (cuts <= starts).any():
        row = int((cuts <= starts).argmax())
        raise DataError(f"{file}: line {line + row} holds an ID of one part, expected ID_<image>_<subtype>")
    halves = np.append(np.column_stack([starts, cuts]).ravel(), ends[-1]).astype(np.int32)
    return pa.StringArray.from_buffers(2 * len(names), pa.py_buffer(halves), letters)


def find_last(
    places: NDArray[np.int64], starts: NDArray[np.int32], ends: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the last of `places` before each end; -1 where there is none. All are in ascending order."""
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
    """Return the text that `codes` spell, as a dictionary of only those words that they use."""
    used = np.zeros(len(words), bool)
    used[codes] = True
    kept = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return pa.DictionaryArray.from_arrays(kept[codes], words.filter(pa.array(used)))


def number_targets(subtypes: Any, file: str) -> NDArray[np.int8]:
    """Turn _epidural and so on into numbers within `TARGETS`."""
    words = [word.removeprefix("_") for word in subtypes.dictionary.to_pylist()]
    unknown = sorted(set(words) - set(TARGETS))
    if unknown:
        raise DataError(f"{file}: column ID ends in {unknown[:4]}, expected only {', '.join(TARGETS)}")
    numbers = np.array([TARGETS.index(word) for word in words], np.int8)
    return np.asarray(numbers[subtypes.indices.to_numpy()])


def read_values(labels: Any, file: str, line: int) -> NDArray[np.int8]:
    """Return labels of 0 and 1; `line` is that of the first."""
    values = labels.to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero((values != 0) & (values != 1))  # NaN, an empty cell, is neither
    if len(wrong):
        found = "nothing" if np.isnan(values[wrong[0]]) else f"{values[wrong[0]]:g}"
        raise DataError(
            f"{file}: line {line + int(wrong[0])} holds Label {found}, expected 0 or 1. "
            "Is this a submission file?"
        )
    return np.asarray(values.astype(np.int8))


def refuse_contradictions(contradicting: NDArray[np.bool_], images: NDArray[np.int32], file: str) -> None:
    """Refuse rows that stand twice with different labels."""
    if contradicting.any():
        found = np.unique(images[contradicting])
        raise DataError(
            f"{file}: {len(found)} images have rows that contradict each other, the first is that of line "
            f"{int(contradicting.argmax()) + FIRST_LINE}; "
            "expected one label for each image and subtype. Are two versions of the table mixed?"
        )


def refuse_wrong_any(labels: NDArray[np.float32], images: NDArray[np.int32], file: str) -> None:
    """Refuse images whose `any` is not the union of the five subtypes, as far as they are known."""
    five = labels[:, :-1]
    union = labels[:, -1]
    wrong = ((union == 0) & (five == 1).any(axis=1)) | ((union == 1) & (five == 0).all(axis=1))
    if wrong.any():
        raise DataError(
            f"{file}: in {int(wrong.sum())} images `any` is not the union of the five subtypes, the first is "
            f"that of line {int((images == wrong.argmax()).argmax()) + FIRST_LINE}; download the table again"
        )
