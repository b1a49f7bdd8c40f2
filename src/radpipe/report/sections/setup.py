"""What was run: the data set, its label files, the parameters, and what was in force in each run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from radpipe.config.parameters import PHANTOM_ROOT, Dataset
from radpipe.config.readers import OPTIONS
from radpipe.report.arms import PARTS
from radpipe.report.data import Data
from radpipe.report.results import Network, Results, RunResults, Settings
from radpipe.report.sections.values import say_intervals
from radpipe.report.tables import Column, Table, count, rows, share

# Folders and files name users and machines: they stay in params.yaml.
PRIVATE = ("root", "tables", "train.weights")


def describe(results: Results) -> dict[str, Any]:
    """Gather what was run, or what was given."""
    parameters = parameters_table(results.settings)
    if not results.trained:
        given = {"title": "What was given", "files": None, "runs": None}
        return {"facts": facts_given(results), "parameters": parameters, **given}
    return {
        "facts": facts(results),
        "files": files_table(results.data) if results.data else None,
        "parameters": parameters,
        "runs": runs_table(results),
    }


def describe_training(results: Results) -> dict[str, Any] | None:
    """Say that the training is shown: it is a figure alone."""
    return {} if results.trained else None


def describe_reading(results: Results) -> dict[str, Any]:
    """Gather what the words on how to read the page depend on."""
    return {"phantom": is_phantom(results.settings), "intervals": say_intervals(results)}


def is_phantom(settings: Settings) -> bool:
    """Whether the images are synthetic."""
    return Path(str(settings.get("root", ""))).parent == PHANTOM_ROOT


def facts(results: Results) -> list[tuple[str, str]]:
    """List what was run in pairs of a term and its description."""
    settings, training = results.settings, results.runs[0].training
    reader = str(settings["reader"])
    image = settings["image"]
    subset = settings.get("limit_patients")
    return [
        ("Dataset", str(settings["dataset"])),
        ("Reader", f"{reader}. {results.data_sheet.get('description', '')}".strip()),
        *([("Images", "Synthetic: drawn from a seed, no person was imaged")] if is_phantom(settings) else []),
        *([("Subset", f"A dry run on {subset} patients")] if subset else []),
        ("Arms", "; ".join(f"{arm.name}: {arm.meaning}" for arm in results.arms)),
        ("Seeds", ", ".join(str(seed) for seed in results.seeds)),
        ("Findings", name_findings(results)),
        (
            "Network",
            f"{settings['train']['model']}, {training['trainable_parameters']:,} trainable parameters",
        ),
        ("Input", f"{image['size']} \N{MULTIPLICATION SIGN} {image['size']} px, fit: {image['fit']}"),
    ]


def facts_given(results: Results) -> list[tuple[str, str]]:
    """List what is known of predictions that were made elsewhere."""
    metrics = results.runs[0].metrics
    sizes = [(part, metrics[part]["images"], metrics[part]["patients"]) for part in ("val", "test")]
    cases = [f"{PARTS[part]} part: {n:,} of {people:,} patients" for part, n, people in sizes if n]
    return [
        ("Models", ", ".join(arm.name for arm in results.arms)),
        ("Findings", name_findings(results)),
        ("Cases", "; ".join(cases)),
        ("Not known", "The images, how they were chosen and split, and how the models were trained"),
    ]


def name_findings(results: Results) -> str:
    """List the findings, or count them where they are many."""
    if results.many:
        return f"{len(results.targets)}, listed in the tables below"
    return ", ".join(results.targets)


def files_table(data: Data) -> Table:
    """List the label files by hash: two versions of a table hold different labels."""
    files = data.summaries["index"]["tables"]
    return Table(
        "label-files",
        "Label files",
        (Column("File"), Column("SHA-256")),
        rows([(entry["file"], entry["sha256"]) for entry in files]),
    )


def runs_table(results: Results) -> Table:
    """Show what was in force in each run, and where training stopped."""
    columns = (
        Column("Arm"),
        Column("Seed", count),
        *([Column("Round", count)] if results.rounds else []),
        Column("Best epoch", count),
        Column("Epochs run", count),
        Column("Validation AUROC", share),
        *(Column(name) for name in ("Backend", "Precision", "XLA", "Deterministic", "Device")),
    )
    values = [_network_line(run, network) for run in results.runs for network in run.networks]
    return Table("runs", "Runs, and what was in force in each", columns, rows(values))


def _network_line(run: RunResults, network: Network) -> list[Any]:
    training, history, force = network.training, network.history, run.training["in_force"]
    best = history.loc[history["epoch"] == training["best_epoch"], "val_auroc"]
    return [
        *[run.arm.name, run.seed, *([] if network.round is None else [network.round])],
        *[training["best_epoch"], training["epochs_run"]],
        float(best.iloc[0]) if best.notna().any() else None,
        *(_word(force[key]) for key in ("backend", "precision", "xla", "deterministic", "device")),
    ]


def parameters_table(settings: Settings) -> Table:
    """List every parameter with its value and its meaning."""
    meanings = dict(_describe(Dataset))
    for options in OPTIONS.values():
        meanings |= dict(_describe(options, "options."))
    values = [
        (key, _value(key, value), meanings.get(key, ""))
        for key, value in flatten(settings)
        if key not in PRIVATE[:2]
    ]
    columns = (Column("Parameter"), Column("Value"), Column("Meaning"))
    return Table("parameters", "All parameters", columns, rows(values))


def flatten(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested sections with dotted names."""
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _describe(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in section.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key, field.description or ""
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _describe(kind, f"{key}.")


def _value(key: str, value: Any) -> str:
    if key in PRIVATE and value not in ("none", "imagenet"):
        return "a local file"
    return _word(value)


def _word(value: Any) -> str:
    """Write a value in words, lists without their brackets."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_word(item) for item in value) or "none"
    words = {"True": "yes", "False": "no", "None": "none"}
    return words.get(str(value), str(value))
