"""What people write where nothing is known."""

import pytest

from radpipe.data.words import fold, fold_letters, fold_term, says_nothing


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "NA", "N.A", "n.d.", "n/a.", "k.A.", "none.", "<none>", "undefined", "missing data",
        "not assessed", "not performed", "pending", "tbd", "set()", "list()", "array([])", "[]", "{}", "()",
        "array([], dtype=object)", "''", '""', "\u2014", "\u2013", "???", "...", "\u200b", "#NAME?", "#NUM!",
        "#NV", "#BEZUG!", "#DIV/0!", "\\N", "-nan", "1.#QNAN", "<NA>", "NaT", "|", "unbekannt",
        "keine Angabe",
    ],
)  # fmt: skip
def test_these_say_nothing(text):
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text", ["+", "Mass", "no", "ND", "0", "-1", "1", "x", "#1", "Normal", "negative", "1.5", "Na+"]
)
def test_these_say_something(text):
    assert not says_nothing(text)


def test_what_folding_leaves():
    assert fold(" \uff21 \u2013\u00a0B\u200b ") == "a - b"
    assert fold("O\u0308dem") == fold("\u00d6dem")
    assert fold_letters("Pleural_Thickening") == "pleuralthickening"
    assert fold_term("'Pleural_Thickening'") == fold_term("Pleural  thickening") == "pleural thickening"
