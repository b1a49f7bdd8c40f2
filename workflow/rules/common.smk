# needs  params.yaml
# makes  what the rules share: the checked parameters, and what a rule watches besides its input files
import json
import sys
from functools import cache
from pathlib import Path

from radpipe.config.parameters import load
from radpipe.config.runs import format_run_name
from radpipe.errors import ConfigError, DataError
from radpipe.workflow import raw_data
from radpipe.workflow.code import code, own_text

RUN = format_run_name("{loss}", "{seed}")  # a folder name, once the wildcards are filled in
ALL_CORES = 1024  # `--cores` limits it to what there is; profiles/slurm names a number

try:
    parameters = load(config)
except ConfigError as error:
    sys.exit(str(error))  # one message; a WorkflowError would add its traceback


wildcard_constraints:
    phantom="|".join(parameters.phantoms),
    dataset="|".join(parameters.datasets),
    loss="bce|wbce",
    seed=r"\d+",


def section(name):
    """Return this dataset's section alone, as JSON: an edit of another one reruns nothing."""
    return lambda wildcards: parameters.datasets[wildcards.dataset].find_section(name).model_dump_json()


def root(wildcards):
    """Return the folder of the raw images."""
    return parameters.datasets[wildcards.dataset].root


def made(wildcards):
    """Return the receipt of a phantom; other raw data is watched as a whole, by `raw`."""
    phantom = parameters.datasets[wildcards.dataset].phantom
    return [] if phantom is None else rules.phantom.output[0].format(phantom=phantom)


def raw(wildcards):
    """Return the state of the raw data: it changes with the content of any file, and a dry run reads none."""
    return describe_raw(wildcards.dataset)


@cache
def describe_raw(name):
    """Look at the raw data of one dataset, once per call of Snakemake, and only if it is asked for."""
    dataset = parameters.datasets[name]
    tables = None if dataset.tables is None else Path(dataset.tables)
    data = raw_data.RawData(Path(dataset.root), tables, dataset.phantom is not None, dataset.link_roots)
    try:
        return raw_data.describe(data, read=not workflow.dryrun)
    except DataError as error:
        sys.exit(f"datasets.{name}: {error}; `radpipe doctor --dataset {name}` says what is missing")


def rows(wildcards):
    """Return the usable images: the packed ones, or the accepted ones where images are not looked at."""
    level = parameters.datasets[wildcards.dataset].validation.level
    return rules.validate.output.accepted if level == "none" else rules.pack.output.rows


def pixels(wildcards):
    """Return the packed pixels, where images are looked at."""
    level = parameters.datasets[wildcards.dataset].validation.level
    return [] if level == "none" else rules.pack.output.pixels


def every_run(pattern):
    """Return the pattern for each loss and seed; {dataset} stays open."""
    return expand(pattern, loss=parameters.losses, seed=parameters.seeds, allow_missing=True)


def first_seed(pattern):
    """Return the pattern for each loss with the first seed; {dataset} stays open."""
    return expand(pattern, loss=parameters.losses, seed=parameters.seeds[0], allow_missing=True)


def settings(wildcards):
    """Return all that params.yaml says about this dataset, as JSON."""
    return json.dumps(parameters.describe(wildcards.dataset))
