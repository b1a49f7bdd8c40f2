"""What Snakemake says before it runs anything."""

import re

import pytest
import yaml

pytestmark = pytest.mark.workflow

STEPS = (
    "index",
    "validate",
    "pack",
    "split",
    "audit",
    "weigh",
    "standardise",
    "train",
    "evaluate",
    "compare",
    "explain",
    "report",
)


def test_the_default_is_every_step_on_the_phantom(unrun):
    once = dict.fromkeys(STEPS, 1)
    assert unrun.plan() == {"phantom": 1, **once, "train": 2, "evaluate": 2}


def test_every_data_set_can_be_planned_by_name(unrun):
    datasets = yaml.safe_load((unrun.folder / "params.yaml").read_text())["datasets"]
    targets = []
    for name, dataset in datasets.items():
        (unrun.folder / dataset["root"]).resolve().mkdir(parents=True, exist_ok=True)
        last = "weights.json" if dataset["validate"]["level"] == "none" else "report.html"
        targets.append(f"results/{name}/{last}")
    assert unrun.plan(*targets)["index"] == len(datasets)


def test_without_looking_at_images_the_split_takes_the_accepted_rows(unrun):
    with unrun.with_parameter("datasets.phantom_chest.validate.level", "none"):
        planned = unrun.plan("results/phantom_chest/weights.json")
    assert planned.keys() == {"phantom", "index", "validate", "split", "weigh"}


def test_absent_data_is_one_line_that_names_it(unrun):
    with unrun.with_parameter("datasets.nih_cxr14.root", "data/raw/absent"):
        shown = unrun.run("snakemake", "--dry-run", "results/nih_cxr14/report.html", fails=True)
    assert shown.splitlines()[-1] == (
        "datasets.nih_cxr14: no folder data/raw/absent;"
        " `radpipe doctor --dataset nih_cxr14` says what is missing"
    )
    assert "Traceback" not in shown


def test_a_wrong_value_stops_before_anything_runs_with_one_message(unrun):
    with unrun.with_parameter("datasets.phantom_chest.image.size", 4096):
        shown = unrun.run("snakemake", fails=True)
    assert shown.splitlines()[-2:] == [
        "params.yaml is not valid:",
        "  datasets.phantom_chest.image.size: Input should be less than or equal to 1024. Received: 4096",
    ]
    assert "Traceback" not in shown


def test_the_workflow_has_no_lint(unrun):
    assert "your workflow is in a good condition" in unrun.run("snakemake", "--lint")


def test_the_snakefile_is_short(unrun):
    assert len((unrun.folder / "Snakefile").read_text().splitlines()) <= 40
    for path in (unrun.folder / "workflow/rules").glob("*.smk"):
        assert not re.search(r"^def ", path.read_text(), re.M) or path.name == "common.smk"
