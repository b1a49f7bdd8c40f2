"""The end of the page: a data card, a model card and the reporting checklists, filled from the run."""

from typing import Any

from radpipe.report.cards.characteristics import characteristics_table
from radpipe.report.cards.checklist import checklist_table
from radpipe.report.cards.data import data_facts
from radpipe.report.cards.evaluation import evaluation_facts
from radpipe.report.cards.facts import NOT_REPORTED, Facts
from radpipe.report.cards.training import training_facts
from radpipe.report.results import Results
from radpipe.report.tables import Column, Table, rows

DATA_CARD = {
    "source": "Source",
    "reference": "Reference standard",
    "files": "Label files",
    "included": "Images",
    "outcomes": "Findings",
    "unknown": "Unknown labels",
    "preprocessing": "Preparation",
    "partition": "Parts",
    "disjoint": "Kept apart",
}
MODEL_CARD = {
    "goal": "Made for",
    "model": "Model",
    "output": "Output",
    "initial": "Initial weights",
    "training": "Training",
    "imbalance": "Class imbalance",
    "selection": "Selection",
    "software": "Software",
    "cases": "Tested on",
    "performance": "Performance",
    "uncertainty": "Uncertainty",
    "calibration": "Calibration",
    "subgroups": "Subgroups",
    "external": "Elsewhere",
    "use": "Use",
}


def describe(results: Results) -> dict[str, Any]:
    """Gather both cards, the characteristics of the parts, and the checklists."""
    facts = gather(results)
    return {
        "data_card": card("data-card", "Data card", DATA_CARD, facts),
        "model_card": card("model-card", "Model card", MODEL_CARD, facts),
        "characteristics": characteristics_table(results.data) if results.data else None,
        "checklist": checklist_table(facts),
    }


def gather(results: Results) -> Facts:
    """Collect all that the run knows of itself; a fact that it does not know is absent."""
    data = data_facts(results.data, results.settings) if results.data else {}
    training = training_facts(results) if results.trained else {}
    return {**data, **training, **evaluation_facts(results)}


def card(key: str, caption: str, entries: dict[str, str], facts: Facts) -> Table:
    """Lay a card out as a table of two columns."""
    lines = [(name, facts.get(fact, NOT_REPORTED)) for fact, name in entries.items()]
    return Table(key, caption, (Column("Entry"), Column("This run")), rows(lines))
