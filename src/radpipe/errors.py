"""Errors that the user can act on. Each prints as one line; everything else is a bug."""

import re

# Of an address: user and password before the host. A password may contain @ and /, and even blanks, where
# what follows the colon is no port.
USERS = (
    re.compile(r"(?<=://)[^/\s:@'\"]+:\S*@"),
    re.compile(r"(?<=://)[^/\s'\"]+@"),
    re.compile(r"(?<=://)[^/\s:@'\"]+:(?!\d+(?:[/?#:,;.\s'\"]|$))[^@\n]*@"),
)
# What gives access behind the question mark of an address.
SECRET = re.compile(
    r"([?&;][^=&;\s]*(?:key|token|secret|pass|pwd|sig|sas|auth|code|connect|credential)[^=&;\s]*=)[^&;\s'\"]+",
    re.IGNORECASE,
)
# A password by its name, in a message or as a variable of the environment.
NAMED = re.compile(
    r"(\b[\w.-]*(?:password|passwd|passphrase|secret|private[_-]?key|account[_-]?key|[_-]token|api[_-]?key|access[_-]?key|credential)[\w.-]*['\"]?\s*[:=]\s*)"
    r"(?:'[^'\n]*'|\"[^\"\n]*\"|[^\s&;]+)",
    re.IGNORECASE,
)
BEARER = re.compile(r"((?:bearer|basic|token)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
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


def mask_secrets(text: str) -> str:
    """Return a message without the passwords and tokens of the addresses in it."""
    for user in USERS:
        text = user.sub("***@", text)
    for secret in (BEARER, SECRET, NAMED):
        text = secret.sub(r"\1***", text)
    return text
