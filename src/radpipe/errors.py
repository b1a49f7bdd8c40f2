"""Errors that the user can act on. Each prints as one line; everything else is a bug."""

LONGEST_SHOWN = 80  # characters of a cell in a message


class ConfigError(Exception):
    """A value in params.yaml, or on the command line, that cannot work."""


class DataError(Exception):
    """A file whose content is not what its format promises."""


def quote_cell(cell: object) -> str:
    """Return the text of a cell, in quotes and cut at 80 characters; `nothing` if it is empty or missing."""
    text = cell if isinstance(cell, str) else ""  # a missing one is a float
    if not text:
        return "nothing"
    return repr(text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "...")
