"""What people write where nothing is known, and which differences between two spellings do not count."""

import re
import unicodedata
from functools import lru_cache

# Of letters and digits alone. Spreadsheets, R, Python, databases and people write these.
NOTHING = frozenset(
    {
        "", "na", "nan", "nat", "nil", "null", "none", "missing", "missingdata", "nodata", "novalue",
        "notavailable", "notknown", "notapplicable", "notprovided", "notspecified", "notstated", "notgiven",
        "notassessed", "notperformed", "notdone", "notrecorded", "notreported", "notdetermined", "unknown",
        "unknownvalue", "unk", "unkn", "undefined", "unspecified", "undetermined", "empty", "blank",
        "pending", "tbd", "unbekannt", "keineangabe", "keineangaben", "inconnu", "desconocido",
        "1qnan", "1ind", "onbekend", "sconosciuto",
    }
)  # fmt: skip
ABBREVIATED = frozenset({"nd", "ka", "nr", "kA".casefold()})  # only with full stops or strokes: n.d., k.A.
# The errors of spreadsheets in several languages.
ERRORS = re.compile(
    r"#\s?(n/?a|nv|n/a n/a|null!|ref!|value!|div/0!|name\?|num!|spill!|calc!|field!|wert!|bezug!|zahl!"
    r"|valeur!|nom\s?\?|nombre!|nul!|err(or)?[:!]?\d*|getting_data)",
)
# As code writes what is empty: set(), list(), array([], dtype=object).
EMPTY_CODE = re.compile(r"(set|list|dict|tuple|frozenset|array|series|index)\(\W*(, ?dtype=\w+)?\)")
SIGNS = re.compile(r"[-_.?/\\|~,;:'\"`()\[\]{}<>*=\s]*|\\n")  # no plus sign, which may say positive
DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0x2043, 0xFE58, 0xFE63, 0xFF0D], "-")
# Straight and typographic quotes, accents used as such.
QUOTES = dict.fromkeys([0x22, 0x27, 0x60, 0xAB, 0xB4, 0xBB, *range(0x2018, 0x2020), 0x2039, 0x203A])


@lru_cache(maxsize=2**14)
def fold(text: str) -> str:
    """Return a text without differences of case, blanks, width, dashes and Unicode form (NFKC)."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(DASHES)
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")  # of no width
    return " ".join(text.casefold().split())


def fold_letters(text: str) -> str:
    """Return the letters and digits of a folded text alone: `Pleural_Thickening` is `pleuralthickening`."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def fold_term(text: str) -> str:
    """Return a folded term without quotes, and with a blank for each underscore, stroke or dash."""
    return " ".join(re.sub(r"[_\-/.]", " ", fold(text).translate(QUOTES)).split())


def says_nothing(text: str) -> bool:
    """Return whether a cell says that nothing is known: it is empty, signs alone, an error or such a word."""
    found = fold(text)
    if SIGNS.fullmatch(found) or ERRORS.fullmatch(found) or EMPTY_CODE.fullmatch(found):
        return True
    letters = fold_letters(found)
    if letters in NOTHING:
        return not (found[:1] == "#" or "+" in found)
    return letters in ABBREVIATED and ("." in found or "/" in found)
