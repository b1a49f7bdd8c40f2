"""Print, as JSON, the rules that each leaf of params.yaml reaches directly. Run in a checkout.

The parameters of every rule are computed from the Snakefile itself, once as they are and once with the
leaf changed: a dry run for each of some seventy leaves would take minutes.
"""

import json
import warnings
from pathlib import Path
from types import SimpleNamespace

from pydantic import BaseModel, ValidationError
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

CASE = {"phantom": "chest", "dataset": "phantom_chest", "loss": "bce", "seed": "0"}
ROOTS = (("phantoms", "chest"), ("datasets", "phantom_chest"))


def leaves(value, path=()):
    """Yield the path of every leaf."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from leaves(getattr(value, name), (*path, name))
    else:
        yield path


def change(value, path):
    """Return a copy in which one leaf is another, whether it is allowed or not."""
    if isinstance(value, dict):
        return value | {path[0]: change(value[path[0]], path[1:])}
    if isinstance(value, BaseModel):
        return value.model_copy(update={path[0]: change(getattr(value, path[0]), path[1:])})
    return {bool: lambda: not value, int: lambda: value + 1, float: lambda: value + 0.5}.get(
        type(value), lambda: "other"
    )()


def watch(workflow, parameters):
    """Compute what the rules are told: rule -> its parameters, as text."""
    workflow.globals["parameters"] = parameters
    # The raw data is no parameter; where it is does count.
    workflow.globals["describe_raw"] = lambda name: parameters.datasets[name].root
    case = SimpleNamespace(**CASE)
    told = {}
    for rule in workflow.rules:
        told[rule.name] = json.dumps([tell(value, case) for _, value in rule.params.items()])
    return told


def tell(value, case):
    """Compute one parameter of a rule."""
    try:
        return value(case) if callable(value) else value
    except ValidationError:
        return "refused"  # it was looked at


def main():
    """Compare the rules before and after each change."""
    with SnakemakeApi(OutputSettings()) as api:
        settings = {"resource_settings": ResourceSettings(cores=1), "config_settings": ConfigSettings()}
        workflow = api.workflow(**settings, snakefile=Path("Snakefile"), workdir=Path.cwd())._workflow
        parameters = workflow.globals["parameters"]
        before = watch(workflow, parameters)
        reached = {}
        for group, name in ROOTS:
            for path in leaves(getattr(parameters, group)[name]):
                after = watch(workflow, change(parameters, (group, name, *path)))
                key = ".".join((group, name, *path)).replace(".validation.", ".validate.")
                reached[key] = [rule for rule in before if after[rule] != before[rule]]
    print("leaves:", json.dumps(reached))


warnings.simplefilter("ignore")  # pydantic: a changed leaf may be of another type
main()
