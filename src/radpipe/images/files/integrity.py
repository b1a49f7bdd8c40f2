"""Is a file whole? A decoder may warn and fill what is not there; these checks do not depend on it.

Both cost less than a hundredth of decoding.
"""

import struct
import zlib
from collections.abc import Callable

from radpipe.images.files.headers import PNG_SIGNATURE
from radpipe.images.problems import ImageProblem

ANCILLARY = 0x20  # bit of the first letter of a chunk that holds no pixels (PNG, section 5.4)


def check_png(content: bytes) -> None:
    """Walk the chunks to IEND; verify the checksum of those that the pixels depend on.

    Raises
    ------
    ImageProblem
        truncated if the file ends before IEND, unreadable if a checksum differs.
    """
    view = memoryview(content)
    start = len(PNG_SIGNATURE)
    while start + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, start)
        end = start + 12 + length
        if end > len(content):
            break
        pixels_depend = not name[0] & ANCILLARY
        if pixels_depend and zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise ImageProblem("unreadable", f"the checksum at byte {end - 4} differs")
        if name == b"IEND":
            return
        start = end
    raise ImageProblem("truncated", f"the file ends after {len(content)} bytes, before its end mark")


def check_jpeg(content: bytes) -> None:
    """Find the end mark behind the start of the scan: an embedded thumbnail has an end mark too.

    JPEG has no checksums: damage inside the scan that leaves the end mark in place is not seen.

    Raises
    ------
    ImageProblem
        truncated, if there is no end mark.
    """
    if content.rfind(b"\xff\xd9") <= find_scan(content):
        raise ImageProblem("truncated", f"the file ends after {len(content)} bytes, before its end mark")


def find_scan(content: bytes) -> int:
    """Return the position of the first SOS marker, or the end of a file that has none."""
    start = 2
    while start + 4 <= len(content):
        marker, length = struct.unpack_from(">HH", content, start)
        if marker == 0xFFDA:
            return start
        start += 1 if marker == 0xFFFF else 2 + length
    return len(content)


CHECKS: dict[str, Callable[[bytes], None]] = {"png": check_png, "jpeg": check_jpeg}
