"""Elements of a DICOM data set as numbers and text, without building pydicom's objects for each of them.

Half the time of reading an uncompressed slice would go into these objects. Values are bytes: unsigned
shorts (VR US), decimal text split by backslashes (VR DS and IS), or text.
"""

import math
import re
import struct
from functools import cache

from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

from radpipe.images.problems import ImageProblem

find_tag = cache(Tag)
BYTES = (None, "OB", "OW")  # value representations, None where the file is implicit
BINARY = frozenset("AT FD FL OB OD OF OL OV OW SL SS SV UL UN US UV".split())  # noqa: SIM905
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)  # PS3.5 table 6.2-1, DS and IS
LONGEST = 2**16  # bytes of an element of text or numbers
SHOWN = 40  # characters of a value in a message


def parse_tags(keywords: str) -> list[int | BaseTag]:
    """Return the tags of keywords separated by blanks."""
    return [find_tag(keyword) for keyword in keywords.split()]


def has_value(dataset: Dataset, keyword: str) -> bool:
    """Return whether an element is present and not empty, without reading its value."""
    tag = find_tag(keyword)
    if tag not in dataset:
        return False
    element = dataset.get_item(tag)
    return bool(element.length if isinstance(element, RawDataElement) else element.value)


def decode_ascii(dataset: Dataset, keyword: str) -> str | None:
    """Return what an element holds as text; None if it is absent, or not held as bytes of ASCII."""
    tag = find_tag(keyword)
    element = dataset.get_item(tag) if tag in dataset else None
    if not isinstance(element, RawDataElement) or not isinstance(element.value, bytes):
        return None
    if element.VR in BINARY:
        return None
    if len(element.value) > LONGEST:
        raise ImageProblem("unreadable", f"{keyword} of {len(element.value)} bytes")
    plain = element.value.isascii() and b"\x1b" not in element.value  # an escape changes the character set
    return element.value.decode("ascii") if plain else None


def decode_text(dataset: Dataset, keyword: str) -> str | None:
    """Return an element as text, or None if it is absent or blank."""
    if find_tag(keyword) not in dataset:
        return None
    found = decode_ascii(dataset, keyword)
    if found is None:  # in a character set of its own, which pydicom knows
        value = dataset.get(keyword)
        found = "" if value is None else str(value)
    return found.strip(" \0") or None


def decode_numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Return the values of an element of decimal text, each at its place; NaN is what holds no number."""
    try:
        text = decode_ascii(dataset, keyword)
    except ImageProblem:  # longer than any number
        return [math.nan]
    if text is None:  # absent, or held otherwise, which pydicom knows
        found = dataset.get(keyword)
        several = found if isinstance(found, MultiValue | list | tuple) else [found]
        return [] if found is None else [parse_number(str(value)) for value in several]
    return [parse_number(value) for value in text.split("\\")] if text.strip(" \0") else []


def parse_number(text: str) -> float:
    """Return the number that a decimal or integer string holds, NaN if it is empty or something else."""
    found = text.strip(" \0")
    number = float(found) if NUMBER.fullmatch(found) else math.nan
    return number if math.isfinite(number) else math.nan


def decode_needed_number(dataset: Dataset, keyword: str, default: float) -> float:
    """Return the number of an element without which a file cannot be understood, `default` if it is absent.

    Raises
    ------
    ImageProblem
        unreadable, if the element holds something else, or several different numbers.
    """
    values = decode_numbers(dataset, keyword)
    if not values:
        return default
    if any(value != values[0] for value in values):  # NaN is not even itself
        raise ImageProblem("unreadable", f"{quote_element(dataset, keyword)} is no number")
    return values[0]


def quote_element(dataset: Dataset, keyword: str) -> str:
    """Return an element and its text for a message, cut, and without what cannot be printed."""
    try:
        text = decode_text(dataset, keyword) or ""
    except Exception:  # any element may hold anything
        text = "?"
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN])
    return f"{keyword} '{shown}'"


def decode_short(dataset: Dataset, keyword: str) -> int | None:
    """Return the first value of an element of unsigned shorts, or None if it is absent or empty."""
    tag = find_tag(keyword)
    if tag not in dataset:
        return None
    element = dataset.get_item(tag)
    if isinstance(element, RawDataElement) and element.value:
        if len(element.value) < 2:
            raise ImageProblem("unreadable", f"{keyword} of one byte is no number")
        order = "<" if element.is_little_endian else ">"
        return int(struct.unpack_from(f"{order}H", element.value)[0])
    value = dataset.get(keyword)
    return None if value is None else int(value)


def find_bytes(dataset: Dataset, keyword: str) -> bytes | None:
    """Return the bytes of an element of bytes or words, or None if it is absent or empty."""
    tag = find_tag(keyword)
    element = dataset.get_item(tag) if tag in dataset else None
    if isinstance(element, RawDataElement) and element.VR in BYTES and element.value:
        return element.value
    return dataset.get(keyword)  # type: ignore[no-any-return]


def build_damage_problem(error: Exception) -> ImageProblem:
    """Name a failure by its type: its text may hold what the file says of the patient."""
    if isinstance(error, ImageProblem):
        return error
    if isinstance(error, EOFError):
        return ImageProblem("truncated", "the file ends inside an element")
    return ImageProblem("unreadable", f"the DICOM elements are damaged ({type(error).__name__})")
