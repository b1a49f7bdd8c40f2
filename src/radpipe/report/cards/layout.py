"""The end of the page: a data card, a model card and the reporting checklists, filled from the run."""

from typing import Any

from radpipe.report.cards.characteristics import tabulate_characteristics
from radpipe.report.cards.checklist import tabulate_checklist
from radpipe.report.cards.data import collect_data_facts
from radpipe.report.cards.evaluation import collect_evaluation_facts
from radpipe.report.cards.facts import NOT_REPORTED, Facts
from radpipe.report.cards.training import collect_training_facts
from radpipe.report.results import Results
from radpipe.report.tables import Column, Table, build_rows

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


def describe_cards(results: Results) -> dict[str, Any]:
    """Return both cards, the characteristics of the sets, and the checklists."""
    facts = collect_facts(results)
    return {
        "data_card": tabulate_card("data-card", "Data card", DATA_CARD, facts),
        "model_card": tabulate_card("model-card", "Model card", MODEL_CARD, facts),
        "characteristics": tabulate_characteristics(results.data) if results.data else None,
        "checklist": tabulate_checklist(facts),
    }


def collect_facts(results: Results) -> Facts:
    """Collect all facts of the run; unknown facts are absent."""
    data = collect_data_facts(results.data, results.settings) if results.data else {}
    training = collect_training_facts(results) if results.trained else {}
    return {**data, **training, **collect_evaluation_facts(results)}


def tabulate_card(key: str, caption: str, entries: dict[str, str], facts: Facts) -> Table:
    """Tabulate a card in two columns."""
    lines = [(name, facts.get(fact, NOT_REPORTED)) for fact, name in entries.items()]
    return Table(key, caption, (Column("Entry"), Column("This run")), build_rows(lines))
