"""Sex, age, view and any other column that forms groups: understood in one way, whoever wrote them.

Headers, published tables, own tables and the labels of external predictions come here as text. What is not
understood is unknown and counted; two spellings of one value are one group.
"""

import re
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd

from radpipe.data.cells import apply_once, is_unknown, parse_number
from radpipe.data.words import fold, fold_letters, fold_term

AGE = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(y(?:ears?|rs?)?|j(?:ahre?)?|an(?:s|ni|os)?|m(?:onths?|os?|ths?|onate?|ois)?"
    r"|w(?:eeks?|ks?|ochen?)?|d(?:ays?)?|t(?:agen?|age?)?)?(?:[\s./]*(?:o|old|alt))?\.?\+?"
)
YEARS = {"y": 1.0, "j": 1.0, "a": 1.0, "m": 1 / 12, "w": 7 / 365.25, "d": 1 / 365.25, "t": 1 / 365.25}
OLDEST = 120  # [years]; published sets know patients of 155, 411 and 414
SEXES = {
    **dict.fromkeys(
        ("f", "female", "woman", "girl", "w", "weiblich", "frau", "femme", "mujer", "donna"), "F"
    ),
    **dict.fromkeys(("m", "male", "man", "boy", "m\u00e4nnlich", "mann", "homme", "hombre", "uomo"), "M"),
}
# DICOM PS3.3 C.8.1.1.1.4 and C.8.11.7, View Position; and what people write for it, in letters alone.
VIEWS = {
    **{
        view.casefold(): view
        for view in (
            "AP", "PA", "LL", "RL", "RLD", "LLD", "RLO", "LLO", "LATERAL", "CC", "MLO", "ML", "LM", "LMO",
            "XCCL", "XCCM", "FB", "SIO",
        )
    },
    "posteroanterior": "PA", "posterioranterior": "PA", "anteroposterior": "AP", "anteriorposterior": "AP",
    "lat": "LATERAL", "left lateral": "LL", "right lateral": "RL",
}  # fmt: skip
NO_VIEW = frozenset({"view", "views", "chest", "thorax", "projection", "cxr", "position"})  # words beside one
IMPOSSIBLE = "ages that are impossible or not understood, set to unknown"
OTHER_VIEWS = "views that are no term of DICOM, each a group of its own"
OTHER_SEXES = "sexes that are neither F nor M set to unknown"


def read_demographics(cells: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read columns of text by what their names promise.

    Parameters
    ----------
    cells : (rows, columns) str
        age, sex, view, or any other that may form groups; missing and words for nothing known are unknown.

    Returns
    -------
    DataFrame
        age [years] float32; all others text: sex F or M, view in DICOM's terms where it is one of these, and
        each other value in its most frequent spelling. Missing where unknown.
    dict
        How many cells were not understood, or had another spelling; none is 0.
    """
    columns = {}
    notes = {}
    for name, column in ((str(name), column) for name, column in cells.items()):
        known = column.mask(is_unknown(column))
        if name == "age":
            columns[name] = parse_ages(known)
            notes[IMPOSSIBLE] = int((known.notna() & columns[name].isna()).sum())
        elif name == "sex":
            columns[name] = apply_once(known, parse_sex).astype("str")
            notes[OTHER_SEXES] = int((known.notna() & columns[name].isna()).sum())
        else:
            columns[name] = unify_spellings(known, fold_view if name == "view" else fold_group)
            changed = known.notna() & (columns[name] != known)
            notes[f"values of {name} in another spelling of their group"] = int(changed.sum())
            if name == "view":
                other = columns[name].notna() & ~columns[name].isin([*VIEWS.values()])
                notes[OTHER_VIEWS] = int(other.sum())
    return pd.DataFrame(columns, index=cells.index), {note: n for note, n in notes.items() if n}


def parse_age(text: str | None) -> float:
    """Return the age that a text such as 057Y, 57, 57.5 or 11 months says, in years.

    NaN for what no patient is. A number without a unit is in years, as published sets write it.

    References
    ----------
    DICOM PS3.5 section 6.2, value representation AS: three digits and Y, M, W or D.

    Examples
    --------
    >>> parse_age("057Y"), parse_age("6 months"), parse_age("411")
    (57.0, 0.5, nan)
    """
    match = AGE.fullmatch(fold(text or ""))
    if match is None:
        return np.nan
    years = float(match[1].replace(",", ".")) * YEARS[(match[2] or "y")[0]]
    return years if years <= OLDEST else np.nan


def parse_ages(cells: pd.Series) -> pd.Series:
    """Return a column of ages in years, float32; NaN where there is none."""
    return apply_once(cells, parse_age).astype("float32")


def parse_sex(text: str | None) -> str | None:
    """Return F or M; None for any other word, as DICOM's O (other) and codes such as 0 and 1."""
    return SEXES.get(fold_letters(text or ""))


def unify_spellings(cells: pd.Series, key: Callable[[str], str]) -> pd.Series:
    """Give all spellings of a value that have one key the term for it, or the most frequent of them.

    Parameters
    ----------
    key
        What is left of a spelling without the differences that make no group of its own.
    """
    counts = Counter(cells.dropna())  # in order of first appearance, which decides between equals
    chosen: dict[str, str] = {}
    for text, _ in counts.most_common():
        chosen.setdefault(
            key(text), VIEWS.get(key(text), text) if key is fold_view else " ".join(text.split())
        )
    return cells.map({text: chosen[key(text)] for text in counts}, na_action="ignore").astype("str")


def fold_group(text: str) -> str:
    """Return a value without the differences that make no group of its own; 1, 1.0 and 01 are one number."""
    number = parse_number(text)
    return repr(number) if number == number else " ".join(fold(text).replace("_", " ").split())  # noqa: PLR0124


def fold_view(text: str) -> str:
    """Return the letters of a view: P.A., P/A and `PA view` are pa; left lateral stays two words."""
    words = [word for word in fold_term(text).split() if word not in NO_VIEW]
    spaced = " ".join(words)
    return spaced if spaced in VIEWS else fold_letters(spaced)
