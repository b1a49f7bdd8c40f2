# What depends on what. Values stand in params.yaml, commands in workflow/rules, work in src/radpipe.
import os
import sys

from snakemake.utils import min_version

min_version("9.19")

# The package of this checkout, also in a clone or a conda environment where another or none is installed.
sys.path.insert(0, os.path.join(workflow.basedir, "src"))
shell.prefix('set -euo pipefail; export PYTHONPATH="src${{PYTHONPATH:+:$PYTHONPATH}}"; ')

from radpipe.config.text import read_or_exit

read_or_exit("params.yaml")  # of two equal keys Snakemake keeps the last, and says nothing


configfile: "params.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


rule all:
    """Report on every dataset of `run`; any other by name: snakemake results/nih_cxr14/report.html."""
    input:
        expand("results/{dataset}/report.html", dataset=parameters.run),


include: "workflow/rules/data.smk"
include: "workflow/rules/images.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
