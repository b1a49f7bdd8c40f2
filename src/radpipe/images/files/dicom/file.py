"""A DICOM file -> the elements wanted of it, with the pixels undecoded.

`pydicom` is told, once and for the whole process, to take UIDs, numbers and names as they are: in
published sets most are not valid (anonymised UIDs, long decimals), and it would warn on every file.
"""

import io
import math
import os
import warnings
import zlib
from collections.abc import Iterable
from typing import BinaryIO

from pydicom import Dataset, config, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radpipe.images.files.dicom.elements import build_damage_problem, parse_tags
from radpipe.images.problems import ImageProblem

config.settings.reading_validation_mode = config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom\.")

PREAMBLE = 128  # bytes before the letters DICM (PS3.10 section 7.1)
HEAD = PREAMBLE + 4
LARGEST_INFLATED = 2**28  # bytes of a deflated file whose header alone is wanted
LARGEST_HEADER = 2**24  # bytes, inflated; and what may stand behind the pixels
SIZE_KEYWORDS = ("Rows", "Columns", "SamplesPerPixel", "NumberOfFrames", "BitsAllocated")
ITEM_MARKS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")  # little and big endian (PS3.5 7.5)
ITEM_BYTES, MOST_ITEMS, LARGEST_COUNTED = 8, 100_000, 2**27
DEFER = 2**26  # bytes; a longer value stays on the disk until the header has been looked at
PLAIN = {str(ImplicitVRLittleEndian): True, str(ExplicitVRLittleEndian): False}  # syntax -> is it implicit?
SYNTAX = parse_tags("TransferSyntaxUID")
SIZE = parse_tags(" ".join(SIZE_KEYWORDS))
PIXELS = frozenset(parse_tags("PixelData FloatPixelData DoubleFloatPixelData"))


def is_dicom(head: bytes) -> bool:
    """Return by its first bytes whether a file is DICOM, with or without the preamble of PS3.10.

    Without one, a file starts with an element of group 2 or 8: its tag, then either a value
    representation, two capitals, or a length below 64 KiB.
    """
    if head[PREAMBLE:HEAD] == b"DICM":
        return True
    if head[:2] == b"\0\x08":  # big endian is always explicit
        return head[2:3] == b"\0" and head[4:6].isalpha() and head[4:6].isupper()
    explicit = head[4:6].isalpha() and head[4:6].isupper()
    return head[:2] in (b"\x02\0", b"\x08\0") and head[3:4] == b"\0" and (explicit or head[6:8] == b"\0\0")


def open_dataset(stream: BinaryIO, wanted: Iterable[int | BaseTag], most: int, pixels: bool) -> Dataset:
    """Read the wanted elements of a file.

    Parameters
    ----------
    stream : file
        At its start.
    wanted : tags
        Elements read; all others are stepped over.
    most : int
        Bytes that a deflated file may inflate to.
    pixels : bool
        Read on to the pixels, and through them; they are not decoded.

    Raises
    ------
    ImageProblem
        unreadable, if the file is damaged; too large, if it inflates to more than `most`.
    """
    try:
        dataset = read_elements(stream, wanted, most, pixels)
        # pydicom drops all elements of a file that ends inside compressed pixels, and says nothing.
        if pixels and not len(dataset) and "Rows" in read_elements(stream, wanted, most, pixels=False):
            raise ImageProblem("truncated", "the file ends inside its pixels")
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise build_damage_problem(error) from None
    return dataset


def read_elements(stream: BinaryIO, wanted: Iterable[int | BaseTag], most: int, pixels: bool) -> Dataset:
    """Read elements; `force`: also of files without the preamble, which `is_dicom` has recognised.

    `dcmread` gives the same elements of a file of the two common syntaxes, but spends more time on what it
    builds around them than a slice takes to be windowed. A deflated file it would inflate without bound.
    """
    tags_wanted = list(wanted)
    refuse_many_items(stream)
    stop = None if pixels else is_pixels
    syntax = read_syntax(stream)
    if syntax == DeflatedExplicitVRLittleEndian:
        inflated = io.BytesIO(inflate(stream, most, pixels))
        refuse_many_items(inflated)
        dataset = read_dataset(inflated, False, True, stop_when=stop, specific_tags=tags_wanted)
        dataset.set_original_encoding(False, True)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        return dataset
    implicit = PLAIN.get(syntax)
    if implicit is not None and not is_command(stream):
        found = read_dataset(
            stream, implicit, True, stop_when=stop, defer_size=DEFER, specific_tags=tags_wanted
        )
        if not has_deferred(found):
            return found
    stream.seek(0)
    return dcmread(
        stream, defer_size=DEFER, stop_before_pixels=not pixels, force=True, specific_tags=tags_wanted
    )


def refuse_many_items(stream: BinaryIO) -> None:
    """Raise ImageProblem if a file has so many items that pydicom would take gigabytes for them.

    Read is what may be header, up to `LARGEST_COUNTED`; a small file is not even read.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size < ITEM_BYTES * MOST_ITEMS:
        return
    head = stream.read(LARGEST_COUNTED)
    stream.seek(0)
    items = max(head.count(mark) for mark in ITEM_MARKS)
    if items > MOST_ITEMS:
        raise ImageProblem("unreadable", f"{items} items of sequences, more than {MOST_ITEMS}")


def read_syntax(stream: BinaryIO) -> str:
    """Read past group 2, which says how the others are written; return its transfer syntax, or nothing.

    Where the elements of group 2 are, `pydicom` finds by the same function: what it would inflate, is
    inflated here.
    """
    stream.seek(PREAMBLE)
    if stream.read(4) != b"DICM":
        stream.seek(0)
    meta = read_dataset(
        stream, is_implicit_VR=False, is_little_endian=True, stop_when=is_behind_meta, specific_tags=SYNTAX
    )
    return str(meta.get("TransferSyntaxUID", "") or "")


def is_command(stream: BinaryIO) -> bool:
    """Return whether a command of a network message comes next, which is always implicit."""
    group = stream.read(2)
    stream.seek(-len(group), os.SEEK_CUR)
    return group == b"\0\0"


def has_deferred(dataset: Dataset) -> bool:
    """Return whether a value was left on the disk: only what `dcmread` returns can read on later."""
    return any(
        isinstance(element, RawDataElement) and element.value is None and element.length > 0
        for element in dataset.values()
    )


def inflate(stream: BinaryIO, most: int, pixels: bool) -> bytes:
    """Inflate the rest of a file: its header, and no more than its pixels take besides (PS3.5 annex A.5).

    Parameters
    ----------
    most : int
        Bytes that it may inflate to, whatever the header says.
    pixels : bool
        Inflate the pixels too.
    """
    inflator = zlib.decompressobj(-zlib.MAX_WBITS)
    head = inflator.decompress(stream.read(), LARGEST_HEADER)
    refuse_many_items(io.BytesIO(head))
    if not pixels or not inflator.unconsumed_tail:
        return head
    needed = estimate_pixels(head)
    if needed > most:
        raise ImageProblem("too large", f"the file inflates to {needed} bytes, more than {most}")
    bound = min(most, LARGEST_HEADER + needed)
    rest = inflator.decompress(inflator.unconsumed_tail, max(1, bound - len(head) + 1))
    if len(head) + len(rest) > bound:
        raise ImageProblem("too large", f"the file inflates to more than {bound} bytes")
    return head + rest


def estimate_pixels(head: bytes) -> int:
    """Return the bytes that the pixels of a header take, 0 if it does not say."""
    try:
        dataset = read_dataset(io.BytesIO(head), False, True, stop_when=is_pixels, specific_tags=SIZE)
        sizes = [int(dataset.get(keyword) or 1) for keyword in SIZE_KEYWORDS]
    except Exception:  # a damaged header raises whatever its bytes lead to
        return 0
    return math.prod(sizes) // 8 + 1


def is_behind_meta(tag: BaseTag, *_: object) -> bool:
    """Return whether an element comes after group 2, which says how the others are written."""
    return tag.group != 2


def is_pixels(tag: BaseTag, *_: object) -> bool:
    """Return whether an element contains pixels."""
    return tag in PIXELS
