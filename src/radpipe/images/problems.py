"""Why an image cannot be used: a short fixed reason to count by, and a detail to act on."""

from typing import Literal, get_args

from radpipe.errors import DataError

Reason = Literal[
    "missing",
    "outside the root",
    "empty",
    "unreadable",
    "truncated",
    "unsupported format",
    "too large",
    "constant",
    "wrong modality",
    "no patient",
    "no pixels",
    "several frames",
    "no window",
    "no mark",
    "no pixel spacing",
    "identical pixels with conflicting labels",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
REJECTED_COLUMNS = ("row", "path", "reason", "detail")


class ImageProblem(DataError):  # noqa: N818 (no error of the run: it is counted and listed)
    """An image that is left out, counted and listed; it stops nothing.

    Attributes
    ----------
    reason
        One of `REASONS`.
    detail
        What was found, in one line, without the name of the file, which may hold a patient id.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


def build_access_problem(error: OSError | ValueError) -> ImageProblem:
    """Turn what the file system refused into a problem; a path with a NUL byte is a ValueError."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ImageProblem("missing", "no such file")
    if isinstance(error, OSError) and error.strerror:
        return ImageProblem("unreadable", error.strerror)
    return ImageProblem("unreadable", "the path is not a file name")
