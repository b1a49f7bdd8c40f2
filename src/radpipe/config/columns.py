"""The columns age, sex and view, under the names that people give them."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

KNOWN = ("age", "sex", "view")  # columns of every index, empty where nothing is known
MARK = ("x", "y")  # of an image, which a crop is made around
# Letters of other names.
ALIASES = {
    **dict.fromkeys(
        ("patientage", "ageyears", "ageinyears", "ageatstudy", "ageatexam", "ageatscan", "alter", "edad"),
        "age",
    ),
    **dict.fromkeys(
        ("gender", "patientsex", "patientgender", "geschlecht", "sexe", "sexo", "genero", "sesso"), "sex"
    ),
    **dict.fromkeys(("viewposition", "projection", "viewtype", "projektion", "appa"), "view"),
}


def name_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return the name that each column has in the index.

    Age, sex and view may be written in capitals; where no column has such a name, the first that people call
    so otherwise, such as `Patient Age` or `Gender`, has it.
    """
    given = list(columns)
    names = {column: column.lower() if column.lower() in KNOWN else column for column in given}
    for column in given:
        meant = ALIASES.get(fold(column))
        if meant is not None and meant not in names.values():
            names[column] = meant
    return names


def find_unused(settings: Mapping[str, Any]) -> list[str]:
    """Return the columns of metadata that were given and that nothing of a run uses.

    Parameters
    ----------
    settings
        All that params.yaml says about a data set; or `metadata` and `compare` of external predictions.
    """
    given = settings.get("metadata", settings.get("options", {}).get("metadata", []))
    used = [*settings["compare"]["subgroups"]["columns"]]
    if settings.get("image", {}).get("crop"):
        used += MARK
    taken = {*used, *name_columns(used).values()}
    return [
        column for column, name in name_columns(given).items() if not {column, name, name.lower()} & taken
    ]


def fold(column: str) -> str:
    """Return the letters and digits of a name alone, without accents."""
    plain = unicodedata.normalize("NFKD", column).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
