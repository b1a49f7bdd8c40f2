"""The columns age, sex and view, under the names that people give them."""

import unicodedata
from collections.abc import Iterable

KNOWN = ("age", "sex", "view")  # columns of every index, empty where nothing is known
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


def fold(column: str) -> str:
    """Return the letters and digits of a name alone, without accents."""
    plain = unicodedata.normalize("NFKD", column).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
