"""What Snakemake runs, and what it runs again."""

import os

import pytest

pytestmark = pytest.mark.workflow

DATASET = "datasets.phantom_chest"
EVALUATED = {"evaluate": 2, "compare": 1, "report": 1}
AFTER_TRAIN = {**EVALUATED, "explain": 1}
AFTER_SPLIT = {"audit": 1, "weigh": 1, "standardise": 1, "train": 2, **AFTER_TRAIN}
AFTER_INDEX = {"validate": 1, "pack": 1, "split": 1, **AFTER_SPLIT}
EDITS = [
    ("phantoms.chest.seed", 1, {"phantom": 1, "index": 1, **AFTER_INDEX}),
    (f"{DATASET}.limit_patients", 60, {"index": 1, **AFTER_INDEX}),
    (f"{DATASET}.validate.max_pixels", 10**6, AFTER_INDEX),
    (f"{DATASET}.image.interpolation", "linear", {"pack": 1, "split": 1, **AFTER_SPLIT}),
    (f"{DATASET}.split.seed", 1, {"split": 1, **AFTER_SPLIT}),
    (f"{DATASET}.targets.min_positive_patients", 4, {"split": 1, **AFTER_SPLIT}),
    (f"{DATASET}.audit.near_duplicate_bits", 8, {"report": 1}),
    (f"{DATASET}.train.patience", 4, {"train": 2, **AFTER_TRAIN}),
    (f"{DATASET}.evaluate.recall", 0.7, EVALUATED),
    (f"{DATASET}.report.examples", 4, {"report": 1}),
    (f"{DATASET}.explain.cases", 1, {"explain": 1, "report": 1}),
    ("seeds", [0, 1], {"train": 2, **EVALUATED}),
    ("losses", ["bce"], {"compare": 1, "explain": 1, "report": 1}),
    ("datasets.nih_cxr14.train.epochs", 3, {}),
]


def test_a_second_run_does_nothing(finished):
    assert "Nothing to be done" in finished.run("snakemake")


@pytest.mark.parametrize(("key", "value", "rules"), EDITS, ids=[key for key, _, _ in EDITS])
def test_an_edited_parameter_runs_what_depends_on_it_and_no_more(finished, key, value, rules):
    with finished.with_parameter(key, value):
        expected = dict(rules)
        if key == "seeds":
            expected["evaluate"] = 2  # of the new seed alone
        assert finished.plan() == expected


def test_a_new_seed_trains_only_that_seed(finished):
    with finished.with_parameter("seeds", [0, 1]):
        shown = finished.run("snakemake", "--dry-run")
    assert "train bce with seed 1" in shown
    assert "with seed 0" not in shown


def test_touched_sources_run_nothing(finished):
    for path in (finished.folder / "src").rglob("*.py"):
        os.utime(path)
    assert finished.plan() == {}


def test_an_edited_module_runs_the_steps_that_import_it(finished):
    with finished.edited("src/radpipe/data/pixel_statistics.py", lambda text: text + "\nHALF = 0.5\n"):
        assert finished.plan() == {"standardise": 1, "train": 2, **AFTER_TRAIN}


def comment(text):
    return f"{text}\n# a comment\n"


def test_an_edit_of_what_people_run_beside_the_workflow_runs_nothing(finished):
    for module in ("tools/show.py", "tools/doctor.py", "tools/external/reading.py", "data/__init__.py"):
        with finished.edited(f"src/radpipe/{module}", comment):
            assert finished.plan() == {}, module


def test_an_edit_of_the_perceptual_hash_trains_nothing(finished):
    with finished.edited("src/radpipe/data/audit/perceptual_hash.py", comment):
        assert finished.plan() == {"audit": 1, "report": 1}


def test_an_edited_step_runs_again_and_no_other_step_of_the_file(finished):
    def edit(text):
        return text.replace("write_json(metrics, ", "write_json(metrics, 0 or ")

    with finished.edited("src/radpipe/steps/results.py", edit):
        assert finished.plan() == {"compare": 1, "report": 1}
    with finished.edited("src/radpipe/steps/results.py", lambda text: text.replace("\n\n\n", "\n\n\n\n")):
        assert finished.plan() == {}


def test_an_image_replaced_in_place_is_noticed(finished):
    image = next((finished.folder / "data/phantom/chest").rglob("*_000.png"))
    before = image.read_bytes()
    try:
        image.write_bytes(before[:-1] + b"\0")  # as many bytes
        assert finished.plan() == {"index": 1, **AFTER_INDEX}
    finally:
        image.write_bytes(before)
    assert finished.plan() == {"index": 1, **AFTER_INDEX}  # a dry run reads nothing
    assert "Nothing to be done" in finished.run("snakemake")
    assert finished.plan() == {}


def test_the_report_of_snakemake_holds_the_captions_and_opens_offline(finished, tmp_path):
    page = tmp_path / "report.html"
    finished.run("snakemake", "--report", str(page))
    text = page.read_text()
    assert "identical initial weights" in text
    assert "The whole story of the dataset phantom_chest" in text
    assert '<script src="http' not in text
