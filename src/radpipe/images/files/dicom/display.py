"""How a DICOM file wants its values displayed: windows, or a table (PS3.3 C.11.2)."""

import math
from dataclasses import dataclass

from pydicom import Dataset

from radpipe.images.files.dicom.elements import (
    decode_numbers,
    decode_text,
    has_value,
    parse_tags,
    quote_element,
)
from radpipe.images.files.dicom.lookup_tables import read_first_table
from radpipe.images.picture import FileWindow, LookupTable
from radpipe.images.problems import ImageProblem

TABLE = "VOILUTSequence"
FUNCTION = "VOILUTFunction"
DISPLAY_TAGS = parse_tags(f"WindowCenter WindowWidth {FUNCTION} {TABLE}")
FUNCTIONS = ("linear", "linear_exact", "sigmoid")  # PS3.3 C.11.2.1.3
DEFAULT = "linear"
NARROWEST = 1  # of a LINEAR window (PS3.3 C.11.2.1.2.1); the others may have any width above 0


@dataclass(frozen=True)
class Display:
    """Windows and their function, a table, and why there is no window although the file names some."""

    windows: tuple[FileWindow, ...]
    function: str
    table: LookupTable | None
    problem: str | None


def read_display(dataset: Dataset, signed: bool) -> Display:
    """Read how a file wants its values displayed; what cannot be read costs who needs it, not the file.

    Parameters
    ----------
    dataset
        With `DISPLAY_TAGS`.
    signed
        Physical values may be negative.
    """
    function = (decode_text(dataset, FUNCTION) or "").lower()
    windows, function, problem = read_windows(dataset, function)
    table = None
    if not windows and has_value(dataset, TABLE):
        try:
            table = read_first_table(dataset, TABLE, signed)
        except ImageProblem as error:
            problem = error.detail
    return Display(windows, function, table, problem)


def read_windows(dataset: Dataset, function: str) -> tuple[tuple[FileWindow, ...], str, str | None]:
    """Return the windows, paired by their places in both elements; their function; why there are none.

    A width below 1, which LINEAR does not allow, is understood as LINEAR_EXACT where the file names no
    function.
    """
    centers, widths = decode_numbers(dataset, "WindowCenter"), decode_numbers(dataset, "WindowWidth")
    pairs = [FileWindow(*pair) for pair in zip(centers, widths, strict=False)]
    usable = [pair for pair in pairs if not math.isnan(pair.center) and pair.width > 0]
    if function and function not in FUNCTIONS:
        problem = f"{quote_element(dataset, FUNCTION)} is no function of windows"
        return (), DEFAULT, problem if centers or widths else None
    if not function:
        exact = bool(usable) and usable[0].width < NARROWEST
        function = "linear_exact" if exact else DEFAULT
    least = NARROWEST if function == "linear" else 0
    windows = tuple(pair for pair in usable if pair.width >= least)
    return windows, function, None if windows else explain_windows(dataset, function)


def explain_windows(dataset: Dataset, function: str) -> str | None:
    """Return why no window of a file can be used, or None if the file names none."""
    for keyword in ("WindowCenter", "WindowWidth"):
        values = decode_numbers(dataset, keyword)
        if values and all(map(math.isnan, values)):
            return f"{quote_element(dataset, keyword)} is no number"
    if decode_text(dataset, "WindowCenter") or decode_text(dataset, "WindowWidth"):
        words = f"{quote_element(dataset, 'WindowCenter')} with {quote_element(dataset, 'WindowWidth')}"
        return f"{words} is no {function.upper()} window"
    return None
