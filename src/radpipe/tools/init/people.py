"""Which column of a table names the patient: certain only by its name, otherwise the user says it."""

from collections.abc import Sequence

import pandas as pd

from radpipe.config.columns import KNOWN, fold, name_columns
from radpipe.data.cells import is_unknown, parse_label_cells
from radpipe.errors import ConfigError, DataError
from radpipe.tools.init.labels import is_hinted

NONE = "none"  # of --patient: nobody knows, each image is its own person
# Letters and digits of the names of columns that can mean nobody but the patient.
NAMES = frozenset(
    """patient patientid patientids patientno patientnr patientnumber patientidentifier patid idpatient
    patientcode subject subjectid subjectno subjectnumber subjectcode person personid participant
    participantid mrn patientmrn proband probandid probandenid patientennummer patientenid patientenr
    idpaciente paciente pacienteid paziente pazienteid idpaziente anonpatientid patientanonid
    deidentifiedpatientid patientkey subjectkey""".split()  # noqa: SIM905
)
PERHAPS = ("patient", "subject", "person", "case", "study", "exam", "accession", "mrn", "pid", "participant")
FEWEST = 10  # people of a data set that can be split
MOSTLY = 0.8  # of the images, above which a column names images rather than people
FEW = 12  # values that divide rows into groups, not people
MOST_NAMED = 6


def choose_patient(table: str, cells: pd.DataFrame, given: str | None) -> tuple[str | None, str]:
    """Return the column of the patient, None for nobody, and how sure that is.

    Raises
    ------
    ConfigError
        If the column that is given does not exist.
    DataError
        If none is given, and the table does not make it certain.
    """
    if given == NONE:
        return None, "nobody knows: each image is its own person, a doubt on the page (--patient none)"
    if given is not None:
        if given not in cells:
            raise ConfigError(
                f"--patient {given}: no column of {table}, expected one of {[*cells]}, or {NONE}"
            )
        return given, f"{describe_people(cells[given])}, as you say"
    named = [str(column) for column in cells if fold(str(column)) in NAMES]
    known = [column for column in named if len(cells[column][~is_unknown(cells[column])].unique()) > 1]
    groups = {tuple(pd.factorize(cells[column])[0].tolist()) for column in known}
    others = [column for column in list_candidates(cells) if column not in known]
    if len(groups) == 1 and is_plausible(cells[known[0]], others):
        return known[0], f"{describe_people(cells[known[0]])}, certain by its name"
    candidates = known + others if len(groups) == 1 else known or others
    listed = ", ".join(f"{column!r} ({describe_people(cells[column])})" for column in candidates[:MOST_NAMED])
    found = f"the patient may be named by {listed}" if listed else "no column seems to name the patient"
    raise DataError(
        f"{table}: {found}; nothing was written. Give --patient COLUMN, or --patient {NONE} if nobody knows: "
        "each image is then its own person"
    )


def is_plausible(column: pd.Series, others: Sequence[str]) -> bool:
    """Return whether values can be people: several, and not one per image where others have more images."""
    people = column[column != ""].nunique()
    few = people < FEWEST
    single = people > MOSTLY * len(column) and bool(others)
    return not few and not single


def list_candidates(cells: pd.DataFrame) -> list[str]:
    """List the columns that may name people: by their names, then those whose values have several rows."""
    names = name_columns(map(str, cells))
    left = [column for column, name in names.items() if name not in KNOWN and not is_hinted(column)]
    cells = cells[left]
    hinted = [str(each) for each in cells if any(word in fold(str(each)) for word in PERHAPS)]
    others = [str(each) for each in cells if each not in hinted and not is_number(cells[each])]
    least = min(FEW, len(cells) // 10)
    repeated = [each for each in others if least < cells[each].nunique() < len(cells)]
    return hinted + repeated


def is_number(column: pd.Series) -> bool:
    """Return whether all cells are measures: numbers with a point, or 0 and 1."""
    filled = column[column != ""]
    return bool(
        filled.str.contains(r"\.", regex=True).all() or parse_label_cells(filled, ",").isin([-1, 0, 1]).all()
    )


def describe_people(column: pd.Series) -> str:
    """Return how many different values a column has, and how many rows each."""
    people = column[column != ""].nunique()
    return f"{people:,} people, {len(column) / max(people, 1):.1f} images each"
