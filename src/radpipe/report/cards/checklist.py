"""The items of two reporting checklists, and the answers of this run.

Numbers of the items: CLAIM 2024, Tejani et al., Radiology: Artificial Intelligence 6, 2024, e240300;
TRIPOD+AI, Collins et al., BMJ 385, 2024, e078378. The wording is not that of the checklists. Items
that only authors can answer are not listed.
"""

from typing import NamedTuple

from radpipe.report.cards.facts import NOT_REPORTED, Facts
from radpipe.report.tables import Column, Table, build_rows


class Item(NamedTuple):
    """An item: its numbers in both checklists, its question, and the fact that answers it."""

    claim: str
    tripod: str
    asks: str
    fact: str


ITEMS = (
    Item("4, 6", "4", "Aim, and what is compared", "goal"),
    Item("7", "5a", "Where the data come from", "source"),
    Item("8", "6b", "Which cases were taken and left out", "included"),
    Item("9", "7", "Preparation and checks of the images", "preprocessing"),
    Item("10", "", "Subsets of the data", "subset"),
    Item("12", "11", "Missing labels", "unknown"),
    Item("14, 16", "8a", "Reference standard and who made it", "reference"),
    Item("18", "", "Agreement of the readers", "readers"),
    Item("19", "12a", "How cases were given parts", "partition"),
    Item("20", "", "What is kept apart", "disjoint"),
    Item("21", "10", "Planned sample size", "sample"),
    Item("22", "12c, 22", "The model", "model"),
    Item("23", "", "Software", "software"),
    Item("24", "", "Initial weights", "initial"),
    Item("25", "12c", "Training", "training"),
    Item("26", "12c", "Choice of the final model", "selection"),
    Item("27", "", "Ensembles", "ensemble"),
    Item("28", "12e", "Measures of performance", "metrics"),
    Item("29", "12e", "Measures of uncertainty", "uncertainty"),
    Item("31", "", "Methods of explanation", "explained"),
    Item("32", "", "Test on data of the same source", "cases"),
    Item("33", "16", "Test on data of another source", "external"),
    Item("", "13", "Class imbalance", "imbalance"),
    Item("", "14", "Fairness", "subgroups"),
    Item("", "15", "Output and thresholds", "output"),
    Item("35", "20a", "Flow, with numbers", "included"),
    Item("36", "20b", "Who is in each part", "characteristics"),
    Item("", "21", "Cases and outcomes in each analysis", "sizes"),
    Item("37, 38", "23a", "Performance with its precision", "performance"),
    Item("38", "12e", "Calibration", "calibration"),
    Item("", "12f, 24", "Recalibration", "updating"),
    Item("39", "", "Analysis of the failures", "failures"),
    Item("40", "26", "Limits", "limits"),
    Item("41", "", "Intended use", "use"),
)


def tabulate_checklist(facts: Facts) -> Table:
    """Tabulate each item with the answer of the run."""
    lines = [(item.asks, item.claim, item.tripod, facts.get(item.fact, NOT_REPORTED)) for item in ITEMS]
    columns = (Column("Asked for"), Column("CLAIM 2024"), Column("TRIPOD+AI"), Column("This run"))
    return Table("checklist", "Reporting checklists", columns, build_rows(lines))
