"""The facts of the data."""

from collections.abc import Mapping
from typing import Any

from radpipe.report.cards.facts import Facts, format_quantity, join_words
from radpipe.report.data import Data
from radpipe.report.results import MANY, Settings
from radpipe.report.sections.findings import count_findings
from radpipe.report.sections.flow import count_patients_in_two, list_excluded, list_splits
from radpipe.report.sections.setup import is_phantom

METHODS = {
    "random": "Patients drawn at random",
    "stratified": "Patients drawn so that every finding has its share in each part",
    "official": "The published list for the test part, the rest of the patients stratified",
}


def collect_data_facts(data: Data, settings: Settings) -> Facts:
    """Collect the facts of the images, their labels and their split."""
    return {
        "source": format_source(data, settings),
        "files": join_words(file["file"] for file in data.summaries["index"]["tables"])
        + "; hashes: What was run",
        "included": format_included(data),
        "outcomes": format_outcomes(data),
        "unknown": format_unknown(data),
        "preprocessing": format_preprocessing(settings["image"], settings.get("validate", {})),
        "partition": format_partition(data, settings.get("split", {})),
        "disjoint": format_disjoint(data),
        "characteristics": "The table Characteristics of each part",
        **collect_reference(data, settings),
        **collect_subset(settings),
    }


def format_source(data: Data, settings: Settings) -> str:
    """Return the name of the data set, and whether it is synthetic."""
    name = str(data.data_sheet.get("description", settings["reader"]))
    return f"Synthetic images in the format of {name}" if is_phantom(settings) else name


def collect_reference(data: Data, settings: Settings) -> Facts:
    """Return the reference standard, if it is known for the reader."""
    if is_phantom(settings):
        return {"reference": "Drawn from a seed with known probabilities"}
    known = data.data_sheet.get("reference")
    return {"reference": known} if known else {}


def collect_subset(settings: Settings) -> Facts:
    """Return whether all patients of the tables were used."""
    if "limit_patients" not in settings:
        return {}
    wanted = settings["limit_patients"]
    return {
        "subset": f"A dry run on {format_quantity(wanted, 'patient')}"
        if wanted
        else "None: all patients of the tables"
    }


def format_included(data: Data) -> str:
    """Return the numbers of images in the index, taken out, and used."""
    removed = sum(len(table) for table in data.rejected.values()) + len(list_excluded(data))
    people = data.cases["patient_id"].nunique()
    return (
        f"{format_quantity(len(data.images), 'image')} in the index, {removed:,} taken out with a reason, "
        f"{len(data.cases):,} of {format_quantity(people, 'patient')} used"
    )


def format_outcomes(data: Data) -> str:
    """Return the number of images with each finding."""
    counts = {target: entry["positives"] for target, entry in count_findings(data).items()}
    if len(counts) > MANY:
        return f"{len(counts)} findings, {sum(counts.values()):,} positive labels"
    return f"{join_words(f'{target} {n:,}' for target, n in counts.items())} positive images"


def format_unknown(data: Data) -> str:
    """Return the number of unknown labels, and how they were handled."""
    missing = int(data.case_labels.isna().to_numpy().sum())
    if not missing:
        return "None among the images used"
    return f"{missing:,} of {data.case_labels.size:,}, left out of loss and metrics, never taken for negative"


def format_preprocessing(image: Mapping[str, Any], validation: Mapping[str, Any]) -> str:
    """Return how the images were prepared."""
    grey = str(image.get("grey", "stored"))
    size = image["size"]
    level = validation.get("level")
    return join_words(
        [
            f"Grey levels {'as stored' if grey == 'stored' else f'by {grey}'}",
            "histogram equalised" if image.get("equalise") else "",
            f"fitted by {image['fit']} to {size} \N{MULTIPLICATION SIGN} {size} px",
            "every file looked at beforehand" if level == "decode" else "",
            "standardised with mean and standard deviation of the training part",
        ]
    )


def format_partition(data: Data, split: Mapping[str, Any]) -> str:
    """Return how patients were assigned to sets, and the sizes of the sets."""
    method = str(split.get("method", data.summaries["split"].get("method", "")))
    seed = split.get("seed")
    sizes = [
        f"{name.lower()} {n:,} ({format_quantity(people, 'patient')})"
        for _, name, n, people in list_splits(data)
    ]
    how = METHODS.get(method, method) + (f", seed {seed}" if seed is not None else "")
    if data.cross_validated:
        how = f"cross-validation in {len(data.split_names)} folds, {how}"
    return join_words([how, join_words(sizes)], ": ")


def format_disjoint(data: Data) -> str:
    """Return whether the sets share patients or copies of images."""
    word = "folds" if data.cross_validated else "parts"
    copies = data.summaries["split"]["checks"].get(f"pixel-identical images in two {word}")
    found = [f"{format_quantity(count_patients_in_two(data), 'patient')} in two {word}"]
    found += (
        [f"{format_quantity(copies, 'pixel-identical image')} in two {word}"] if copies is not None else []
    )
    doubts = data.summaries["index"]["doubts"]
    in_doubt = f". In doubt: {join_words(f'{n:,} {name}' for name, n in doubts.items())}" if doubts else ""
    return f"Patients: found {join_words(found)}{in_doubt}"


def format_split_sizes(data: Data) -> str:
    """Return the numbers of images and positive labels of each set."""
    present = data.case_labels == 1
    lines = []
    for split, name in data.split_names.items():
        chosen = (data.cases["split"] == split).to_numpy()
        positives = int(present[chosen].to_numpy().sum())
        lines.append(
            f"{name.lower()}: {format_quantity(int(chosen.sum()), 'image')}, {positives:,} positive labels"
        )
    return join_words(lines, "; ")
