"""What was run: the data set, its label files, the parameters, and the settings in effect in each run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from radpipe.config.columns import find_unused
from radpipe.config.parameters import PHANTOM_ROOT, Dataset
from radpipe.config.readers import OPTIONS
from radpipe.report.arms import SPLIT_NAMES
from radpipe.report.data import Data
from radpipe.report.results import Network, Results, RunResults, Settings
from radpipe.report.sections.values import format_interval_method
from radpipe.report.tables import Column, Table, build_rows, format_count, format_share

# Folders and files name users and machines: they stay in params.yaml.
PRIVATE = ("root", "tables", "train.weights")


def describe_run(results: Results) -> dict[str, Any]:
    """Return what was run, or what was given."""
    parameters = tabulate_parameters(results.settings)
    if not results.trained:
        given = {"title": "What was given", "files": None, "runs": None}
        return {"facts": list_given_facts(results), "parameters": parameters, **given}
    return {
        "facts": list_run_facts(results),
        "files": tabulate_files(results.data) if results.data else None,
        "parameters": parameters,
        "runs": tabulate_runs(results),
    }


def describe_training(results: Results) -> dict[str, Any] | None:
    """Return an empty record: the section is a figure; None if nothing was trained here."""
    return {} if results.trained else None


def describe_reading(results: Results) -> dict[str, Any]:
    """Return what the text on how to read the page depends on."""
    return {"phantom": is_phantom(results.settings), "intervals": format_interval_method(results)}


def is_phantom(settings: Settings) -> bool:
    """Return whether the images are synthetic."""
    return Path(str(settings.get("root", ""))).parent == PHANTOM_ROOT


def list_run_facts(results: Results) -> list[tuple[str, str]]:
    """List what was run as pairs of a term and its description."""
    settings = results.settings
    training = results.runs[0].training
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
        ("Findings", format_findings(results)),
        (
            "Network",
            f"{settings['train']['model']}, {training['trainable_parameters']:,} trainable parameters",
        ),
        ("Input", f"{image['size']} \N{MULTIPLICATION SIGN} {image['size']} px, fit: {image['fit']}"),
        *list_unused_facts(settings),
    ]


def list_unused_facts(settings: Settings) -> list[tuple[str, str]]:
    """List the metadata that were given and have no role."""
    unused = find_unused(settings)
    remedy = "no role in this run; compare.subgroups.columns forms subgroups by the columns that it names"
    return [("Metadata without a role", f"{', '.join(unused)}: {remedy}")] if unused else []


def list_given_facts(results: Results) -> list[tuple[str, str]]:
    """List what is known of external predictions."""
    metrics = results.runs[0].metrics
    sizes = [(split, metrics[split]["images"], metrics[split]["patients"]) for split in ("val", "test")]
    cases = [f"{SPLIT_NAMES[split]} part: {n:,} of {people:,} patients" for split, n, people in sizes if n]
    return [
        ("Models", ", ".join(arm.name for arm in results.arms)),
        ("Findings", format_findings(results)),
        ("Cases", "; ".join(cases)),
        *list_unused_facts(results.settings),
        ("Not known", "The images, how they were chosen and split, and how the models were trained"),
    ]


def format_findings(results: Results) -> str:
    """Return the names of the findings, or their number if they are many."""
    if results.many:
        return f"{len(results.targets)}, listed in the tables below"
    return ", ".join(results.targets)


def tabulate_files(data: Data) -> Table:
    """Tabulate the label files by hash: two versions of a table have different labels."""
    files = data.summaries["index"]["tables"]
    return Table(
        "label-files",
        "Label files",
        (Column("File"), Column("SHA-256")),
        build_rows([(entry["file"], entry["sha256"]) for entry in files]),
    )


def tabulate_runs(results: Results) -> Table:
    """Tabulate the settings in effect in each run, and where training stopped."""
    columns = (
        Column("Arm"),
        Column("Seed", format_count),
        *([Column("Round", format_count)] if results.rounds else []),
        Column("Best epoch", format_count),
        Column("Epochs run", format_count),
        Column("Validation AUROC", format_share),
        *(Column(name) for name in ("Backend", "Precision", "XLA", "Deterministic", "Device")),
    )
    values = [_build_network_row(run, network) for run in results.runs for network in run.networks]
    return Table("runs", "Runs, and what was in force in each", columns, build_rows(values))


def _build_network_row(run: RunResults, network: Network) -> list[Any]:
    training = network.training
    history = network.history
    in_force = run.training["in_force"]
    best = history.loc[history["epoch"] == training["best_epoch"], "val_auroc"]
    return [
        run.arm.name,
        run.seed,
        *([] if network.round is None else [network.round]),
        training["best_epoch"],
        training["epochs_run"],
        float(best.iloc[0]) if best.notna().any() else None,
        *(_format_value(in_force[key]) for key in ("backend", "precision", "xla", "deterministic", "device")),
    ]


def tabulate_parameters(settings: Settings) -> Table:
    """Tabulate every parameter with its value and its meaning."""
    meanings = dict(_list_meanings(Dataset))
    for options in OPTIONS.values():
        meanings |= dict(_list_meanings(options, "options."))
    values = [
        (key, _format_parameter(key, value), meanings.get(key, ""))
        for key, value in flatten_settings(settings)
        if key not in PRIVATE[:2]
    ]
    columns = (Column("Parameter"), Column("Value"), Column("Meaning"))
    return Table("parameters", "All parameters", columns, build_rows(values))


def flatten_settings(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested sections with dotted names."""
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from flatten_settings(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _list_meanings(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in section.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key, field.description or ""
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _list_meanings(kind, f"{key}.")


def _format_parameter(key: str, value: Any) -> str:
    if key in PRIVATE and value not in ("none", "imagenet"):
        return "a local file"
    return _format_value(value)


def _format_value(value: Any) -> str:
    """Return a value in words, lists without their brackets."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_format_value(item) for item in value) or "none"
    words = {"True": "yes", "False": "no", "None": "none"}
    return words.get(str(value), str(value))
