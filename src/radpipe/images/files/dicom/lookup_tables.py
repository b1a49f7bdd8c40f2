"""Tables that a file contains: from stored to physical values, to what is displayed, or to colours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from radpipe.images.files.dicom.elements import find_bytes, find_tag
from radpipe.images.files.dicom.sequences import list_items
from radpipe.images.picture import Levels, LookupTable
from radpipe.images.problems import ImageProblem

ROWS = 64  # of an image, looked up at once
DESCRIPTOR, DATA = "LUTDescriptor", "LUTData"


def read_table(item: Dataset, signed: bool, descriptor: str = DESCRIPTOR, data: str = DATA) -> LookupTable:
    """Read a table, whose entries have 8 to 16 bits each (PS3.3 C.11.1.1, C.11.2.1.1 and C.7.6.3.1.5).

    Parameters
    ----------
    signed
        What the table is applied to may be negative.
    descriptor, data
        Keywords of the elements that contain it.

    Raises
    ------
    ImageProblem
        unreadable.
    """
    count, first, bits = decode_descriptor(item, signed, descriptor)
    entries = decode_entries(item, count, bits, data)
    if len(entries) < count or not 8 <= bits <= 16:
        raise ImageProblem("unreadable", f"{len(entries)} of {count} entries of {bits} bits")
    if int(entries.max()) >= 2**bits:
        raise ImageProblem("unreadable", f"an entry of {int(entries.max())} in a table of {bits} bits")
    return LookupTable(first, entries.astype(np.uint16), bits)


def read_first_table(dataset: Dataset, keyword: str, signed: bool) -> LookupTable:
    """Read the table of the first item of a sequence; what is wrong with it is named as damage."""
    items = list_items(dataset, keyword)
    try:
        if not items:
            raise ImageProblem("unreadable", "no item")
        return read_table(items[0], signed)
    except Exception as error:  # a damaged item raises whatever its bytes lead to
        words = error.detail if isinstance(error, ImageProblem) else type(error).__name__
        raise ImageProblem("unreadable", f"{keyword} is damaged ({words})") from None


def decode_entries(item: Dataset, count: int, bits: int, keyword: str) -> NDArray[Any]:
    """Return the entries of a table: of two bytes each, or of one where 8 bits need no more.

    Returned (entries,) uint8 or uint16.
    """
    content: Any = find_bytes(item, keyword)
    if not isinstance(content, bytes):  # numbers, as which an explicit file may hold them
        return np.atleast_1d(np.asarray(content, np.uint16))[:count]
    order = "<" if item.original_encoding[1] is not False else ">"
    kind = f"{order}u2" if bits > 8 or len(content) >= 2 * count else "u1"
    return np.frombuffer(content[: len(content) // 2 * 2], kind)[:count]


def decode_descriptor(item: Dataset, signed: bool, keyword: str) -> tuple[int, int, int]:
    """Return the number of entries, the value of the first one, and the bits of each."""
    element = item[find_tag(keyword)]
    values = element.value
    if len(values) != 3:
        raise ImageProblem("unreadable", f"{keyword} of {len(values)} values")
    count, first, bits = (int(value) & 0xFFFF for value in values)
    negative = (signed or element.VR == "SS") and first >= 2**15
    return count or 2**16, first - 2**16 if negative else first, bits


def look_up(levels: Levels, table: LookupTable) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return the entry of each stored value; what lies outside the table has its first or last entry.

    `levels` (height, width) integers of 8 or 16 bits; returned (height, width) uint8 or uint16.
    """
    if levels.dtype.itemsize > 2:
        raise ImageProblem("unreadable", f"a table for values of {8 * levels.dtype.itemsize} bits")
    found = np.empty(levels.shape, table.entries.dtype)
    for start in range(0, len(levels), ROWS):  # places of all rows at once would take 16 bytes a pixel
        rows = slice(start, start + ROWS)
        places = (levels[rows].astype(np.int32) - table.first).clip(0, len(table.entries) - 1)
        found[rows] = table.entries.take(places)
    return found
