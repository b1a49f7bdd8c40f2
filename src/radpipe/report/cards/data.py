"""What the run knows of its data."""

from collections.abc import Mapping
from typing import Any

from radpipe.report.cards.facts import Facts, join, several
from radpipe.report.data import Data
from radpipe.report.results import MANY, Settings
from radpipe.report.sections.findings import overall
from radpipe.report.sections.flow import excluded, parts
from radpipe.report.sections.setup import is_phantom

METHODS = {
    "random": "Patients drawn at random",
    "stratified": "Patients drawn so that every finding has its share in each part",
    "official": "The published list for the test part, the rest of the patients stratified",
}


def data_facts(data: Data, settings: Settings) -> Facts:
    """Collect what is known of the images, their labels and their parts."""
    return {
        "source": source(data, settings),
        "files": join(file["file"] for file in data.summaries["index"]["tables"]) + "; hashes: What was run",
        "included": included(data),
        "outcomes": outcomes(data),
        "unknown": unknown(data),
        "preprocessing": preprocessing(settings["image"], settings.get("validate", {})),
        "partition": partition(data, settings.get("split", {})),
        "disjoint": disjoint(data),
        "characteristics": "The table Characteristics of each part",
        **reference(data, settings),
        **subset(settings),
    }


def source(data: Data, settings: Settings) -> str:
    """Name the data set, and say if nobody was imaged."""
    name = str(data.data_sheet.get("description", settings["reader"]))
    return f"Synthetic images in the format of {name}" if is_phantom(settings) else name


def reference(data: Data, settings: Settings) -> Facts:
    """Say how the labels came about, where the reader knows."""
    if is_phantom(settings):
        return {"reference": "Drawn from a seed with known probabilities"}
    known = data.data_sheet.get("reference")
    return {"reference": known} if known else {}


def subset(settings: Settings) -> Facts:
    """Say whether all patients of the tables were taken."""
    if "limit_patients" not in settings:
        return {}
    wanted = settings["limit_patients"]
    return {
        "subset": f"A dry run on {several(wanted, 'patient')}"
        if wanted
        else "None: all patients of the tables"
    }


def included(data: Data) -> str:
    """Count what the index held, what was taken out and why, and what was used."""
    removed = sum(len(table) for table in data.rejected.values()) + len(excluded(data))
    people = data.cases["patient_id"].nunique()
    return (
        f"{several(len(data.images), 'image')} in the index, {removed:,} taken out with a reason, "
        f"{len(data.cases):,} of {several(people, 'patient')} used"
    )


def outcomes(data: Data) -> str:
    """Count the images with each finding."""
    counts = {target: entry["positives"] for target, entry in overall(data).items()}
    if len(counts) > MANY:
        return f"{len(counts)} findings, {sum(counts.values()):,} positive labels"
    return f"{join(f'{target} {n:,}' for target, n in counts.items())} positive images"


def unknown(data: Data) -> str:
    """Count the labels that are not known, and say what became of them."""
    missing = int(data.case_labels.isna().to_numpy().sum())
    if not missing:
        return "None among the images used"
    return f"{missing:,} of {data.case_labels.size:,}, left out of loss and metrics, never taken for negative"


def preprocessing(image: Mapping[str, Any], validation: Mapping[str, Any]) -> str:
    """Say how pixels reach the network."""
    grey, size = str(image.get("grey", "stored")), image["size"]
    level = validation.get("level")
    return join(
        [
            f"Grey levels {'as stored' if grey == 'stored' else f'by {grey}'}",
            "histogram equalised" if image.get("equalise") else "",
            f"fitted by {image['fit']} to {size} \N{MULTIPLICATION SIGN} {size} px",
            "every file looked at beforehand" if level == "decode" else "",
            "standardised with mean and standard deviation of the training part",
        ]
    )


def partition(data: Data, split: Mapping[str, Any]) -> str:
    """Say how patients were given parts, and how large those are."""
    method, seed = str(split.get("method", data.summaries["split"].get("method", ""))), split.get("seed")
    sizes = [f"{name.lower()} {n:,} ({several(people, 'patient')})" for _, name, n, people in parts(data)]
    how = METHODS.get(method, method) + (f", seed {seed}" if seed is not None else "")
    if "fold" in data.parts:
        how = f"cross-validation in {len(data.part_names)} folds, {how}"
    return join([how, join(sizes)], ": ")


def disjoint(data: Data) -> str:
    """Say what was checked about the parts."""
    twice = int((data.part_of.groupby(level=0).nunique() > 1).sum())
    word = "folds" if "fold" in data.parts else "parts"
    copies = data.summaries["split"]["checks"].get(f"pixel-identical images in two {word}")
    found = [f"{several(twice, 'patient')} in two {word}"]
    found += [f"{several(copies, 'pixel-identical image')} in two {word}"] if copies is not None else []
    return f"Patients: found {join(found)}"


def part_sizes(data: Data) -> str:
    """Count images and positive labels of each part."""
    present = data.case_labels == 1
    lines = []
    for part, name in data.part_names.items():
        mine = (data.cases["part"] == part).to_numpy()
        positives = int(present[mine].to_numpy().sum())
        lines.append(f"{name.lower()}: {several(int(mine.sum()), 'image')}, {positives:,} positive labels")
    return join(lines, "; ")
