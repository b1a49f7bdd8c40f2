"""Items of a sequence; damage is refused, where pydicom takes what it can read for the whole."""

import struct
from collections.abc import Callable

from pydicom import Dataset
from pydicom.dataelem import RawDataElement

from radpipe.images.files.dicom.elements import find_tag
from radpipe.images.problems import ImageProblem

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
# Value representations with a length of four bytes behind two that are reserved (PS3.5 table 7.1-1).
LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
Unpack = Callable[[str, int], tuple[int, ...]]


def list_items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence; none where it is absent or empty.

    Raises
    ------
    ImageProblem
        unreadable, if the sequence is damaged.
    """
    tag = find_tag(keyword)
    if tag not in dataset:
        return []
    try:
        element = dataset.get_item(tag)
        if isinstance(element, RawDataElement) and isinstance(element.value, bytes):
            refuse_damage(element.value, element.is_implicit_VR, element.is_little_endian)
        return list(dataset[tag].value or [])
    except Exception as error:  # a damaged sequence raises whatever its bytes lead to
        raise ImageProblem("unreadable", f"{keyword} is damaged ({type(error).__name__})") from None


def refuse_damage(content: bytes, implicit: bool, little: bool) -> None:
    """Raise ValueError unless items fill the value of a sequence, and elements each item (PS3.5 7.5)."""
    order = "<" if little else ">"

    def unpack(kind: str, place: int) -> tuple[int, ...]:
        return struct.unpack_from(order + kind, content, place)

    if walk_items(content, unpack, implicit, 0, len(content)) != len(content):
        raise ValueError("an item ends elsewhere than its sequence")


def walk_items(content: bytes, unpack: Unpack, implicit: bool, place: int, end: int) -> int:
    """Return where a sequence ends: at `end`, or behind its delimiter."""
    while place < end:
        tag, length = unpack_head(unpack, place)
        place += 8
        if tag == SEQUENCE_END:
            return place
        if tag != ITEM:
            raise ValueError("no item")
        stop = end if length == UNDEFINED else place + length
        found = walk_elements(content, unpack, implicit, place, stop)
        if stop > end or (length != UNDEFINED and found != stop):
            raise ValueError("an item is longer than its sequence")
        place = found
    return place


def walk_elements(content: bytes, unpack: Unpack, implicit: bool, place: int, end: int) -> int:
    """Return where an item ends: at `end`, or behind its delimiter."""
    while place < end:
        tag, length = unpack_head(unpack, place)
        place += 8
        if tag == ITEM_END:
            return place
        if not implicit:
            length, place = unpack_length(content, unpack, place)
        place = walk_items(content, unpack, implicit, place, end) if length == UNDEFINED else place + length
    if place > end:
        raise ValueError("an element is longer than its item")
    return place


def unpack_length(content: bytes, unpack: Unpack, place: int) -> tuple[int, int]:
    """Return the length of an explicit element and where its value starts, 8 bytes or more behind its tag."""
    kind = content[place - 4 : place - 2]
    if not (kind.isalpha() and kind.isupper()):
        raise ValueError("no value representation")
    if kind in LONG:
        return unpack("I", place)[0], place + 4
    return unpack("H", place - 2)[0], place


def unpack_head(unpack: Unpack, place: int) -> tuple[int, int]:
    """Return the tag at a place, and the four bytes behind it as a number."""
    group, element, length = unpack("HHI", place)
    return group << 16 | element, length
