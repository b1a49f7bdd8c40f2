"""Snakemake and DVC mean the same: what reaches a rule reaches its stage."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from places import PARAMS, REPOSITORY

from radpipe.workflow.code import code

HERE = Path(__file__).parent
CASE = {"item": "phantom_chest", "item.dataset": "phantom_chest"}
DATASET = "datasets.phantom_chest"
# What each section of a dataset reaches; `report` shows them all.
REACHED = {
    "reader": {"index"},
    "root": {"index", "validate", "pack"},
    "tables": {"index"},
    "follow_links": {"index", "validate", "pack"},
    "link_roots": {"index", "validate", "pack"},
    "images_on_disk_only": {"index"},
    "limit_patients": {"index"},
    "options": {"index"},
    "targets": {"split", "weigh"},
    "validate": {"validate", "pack"},
    "image": {"pack", "train", "explain"},
    "split": {"split"},
    "train": {"train"},
    "audit": set(),
    "evaluate": {"evaluate", "compare"},
    "compare": {"compare"},
    "explain": {"explain"},
    "report": set(),
}
# Seen by Snakemake alone; dvc.yaml says why.
APART = ("workflow/rules/common.smk",)
# A gate that is not read; in DVC it is of the stage that training waits for anyway.
GATE = ("train", "results/phantom_chest/audit.json")
SOURCES = "src/radpipe"


def stages():
    """Yield name, rules and parameters of each stage of dvc.yaml, for the phantom."""
    text = (REPOSITORY / "dvc.yaml").read_text()
    for name, stage in yaml.safe_load(text)["stages"].items():
        body = stage.get("do", stage)
        rules = body["cmd"].split("--allowed-rules")[1].split(" -- ")[0].split()
        named = stage.get("foreach")  # the phantoms are named in dvc.yaml itself
        case = CASE | ({"item": named[0]} if isinstance(named, list) else {})
        yield name, set(rules), [fill(key, case) for key in body["params"]], body["deps"]


def fill(text, case):
    return re.sub(r"\$\{([a-z.]+)\}", lambda found: case[found[1]], text)


def covers(keys, leaf):
    return any(leaf == key or leaf.startswith(f"{key}.") for key in keys)


@pytest.fixture(scope="module")
def reached(unrun):
    """Leaf of params.yaml -> the rules that it reaches directly."""
    shown = unrun.run(sys.executable, str(HERE / "leaves.py"))
    line = next(line for line in shown.splitlines() if line.startswith("leaves: "))
    return {leaf: set(rules) for leaf, rules in json.loads(line.removeprefix("leaves: ")).items()}


def test_every_parameter_that_dvc_tracks_exists():
    parameters = yaml.safe_load(PARAMS.read_text())
    for _, _, keys, _ in stages():
        for key in keys:
            place = parameters
            for name in key.split("."):
                assert name in place, f"dvc.yaml tracks {key}"
                place = place[name]


def expand(dep):
    """List the files of a dependency, but for what .dvcignore names."""
    path = REPOSITORY / dep
    found = path.rglob("*") if path.is_dir() else [path]
    files = (file for file in found if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(REPOSITORY) for file in files if file.name != "__init__.py"}


def test_each_stage_watches_the_sources_of_its_steps_and_no_others():
    for name, rules, _, deps in stages():
        used = {path for rule in rules for path in code(rule)}
        watched = {path for dep in deps if dep.startswith(SOURCES) for path in expand(dep)}
        assert used - watched == set(), f"dvc.yaml: {name} lacks deps"
        assert watched - used == set(), f"dvc.yaml: {name} watches what its steps do not use"


def test_dvc_ignores_the_faces_of_rooms_as_code_does():
    assert f"{SOURCES}/**/__init__.py" in (REPOSITORY / ".dvcignore").read_text().splitlines()
    assert not [
        path for step in ("index", "train", "report") for path in code(step) if path.stem == "__init__"
    ]


@pytest.mark.workflow
def test_every_leaf_reaches_exactly_the_rules_that_depend_on_it(reached):
    for leaf, rules in reached.items():
        if leaf.startswith("phantoms."):
            assert rules == {"phantom"}, leaf
        else:
            section = leaf.removeprefix(f"{DATASET}.").split(".")[0]
            assert rules == REACHED[section] | {"report"}, leaf


@pytest.mark.workflow
def test_every_leaf_reaches_the_stages_of_these_rules_and_no_other(reached):
    for leaf, rules in reached.items():
        by_snakemake = {name for name, ours, _, _ in stages() if ours & rules}
        by_dvc = {name for name, _, keys, _ in stages() if covers(keys, leaf)}
        assert by_dvc == by_snakemake, leaf


@pytest.mark.workflow
def test_every_file_of_a_rule_is_known_to_its_stage(finished):
    lock = yaml.safe_load((finished.folder / "dvc.lock").read_text())["stages"]
    rules_of = {name: rules for name, rules, _, _ in stages()}
    for rule, outputs, inputs in read_summary(finished):
        ours = [
            (stage["deps"], stage["outs"])
            for name, stage in lock.items()
            if rule in rules_of[name.split("@")[0]]
        ]
        deps, outs = (
            [entry["path"] for part in parts for entry in part] for parts in zip(*ours, strict=True)
        )
        for path in outputs:
            assert inside(path, outs), f"{rule} makes {path}"
        for path in inputs:
            known = inside(path, deps) or inside(path, outs) or path in APART or (rule, path) == GATE
            assert known, f"{rule} reads {path}"


def read_summary(checkout):
    """Yield rule, outputs and inputs of every file that the workflow made."""
    lines = checkout.run("snakemake", "--detailed-summary").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("output_file\t"))
    names = lines[start].split("\t")
    for line in lines[start + 1 :]:
        row = dict(zip(names, line.split("\t"), strict=False))
        if "input-file(s)" in row:
            yield row["rule"], [row["output_file"]], row["input-file(s)"].split(",")


def inside(path, folders):
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)
