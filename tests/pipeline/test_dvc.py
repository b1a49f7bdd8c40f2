"""What a user of DVC types: status, repro, exp run, restore, prove."""

import json

import pytest

pytestmark = pytest.mark.workflow

DATASET = "datasets.phantom_chest"
MAKE = ("make", "--silent", "--old-file", ".venv/.cpu")  # the environment is there


def stages_in(shown):
    """Return the stages that `dvc repro` ran, without the names of their items."""
    lines = [line for line in shown.splitlines() if line.startswith("Running stage '")]
    return [line.split("'")[1].split("@")[0] for line in lines]


def test_a_run_by_snakemake_can_be_recorded(finished):
    assert json.loads(finished.run("dvc", "status", "--json")) == {}
    assert finished.run("git", "status", "--porcelain") == ""


def test_metrics_and_plots_are_there(finished, tmp_path):
    metrics = json.loads(finished.run("dvc", "metrics", "show", "--json"))
    assert "all/macro/auroc/difference" in metrics[""]["data"]["results/phantom_chest/metrics.json"]["data"]
    finished.run("dvc", "plots", "show", "--out", str(tmp_path / "plots"))
    assert "val_auroc" in (tmp_path / "plots/index.html").read_text()


@pytest.mark.parametrize(
    ("key", "value", "changed"),
    [
        (f"{DATASET}.train.patience", 4, {"train", "report"}),
        (f"{DATASET}.split.seed", 1, {"split", "report"}),
        ("seeds", [0, 1], {"train", "evaluate", "explain", "report"}),
    ],
)
def test_status_names_the_stages_of_an_edited_parameter(finished, key, value, changed):
    with finished.with_parameter(key, value):
        status = json.loads(finished.run("dvc", "status", "--json"))
    assert {name.split("@")[0] for name in status} == changed
    if key == "seeds":
        assert {name[-1] for name in status if name.startswith("train")} == {"1"}


@pytest.mark.parametrize(
    ("module", "changed"),
    [
        ("tools/show.py", set()),
        ("training/__init__.py", set()),
        ("data/audit/perceptual_hash.py", {"split"}),  # the stage of the audit, not that of the training
        ("training/losses.py", {"train"}),
        ("report/page.py", {"report"}),
    ],
)
def test_status_names_the_stages_of_an_edited_module(finished, module, changed):
    with finished.edited(f"src/radpipe/{module}", lambda text: f"{text}\n# a comment\n"):
        status = json.loads(finished.run("dvc", "status", "--json"))
    assert {name.split("@")[0] for name in status} == changed


def test_a_clone_is_restored_and_neither_tool_has_anything_to_do(restored):
    assert restored.plan() == {}
    assert json.loads(restored.run("dvc", "status", "--json")) == {}
    assert restored.run("git", "status", "--porcelain") == ""


def test_an_edit_after_the_restoration_is_noticed(restored):
    with restored.with_parameter(f"{DATASET}.train.patience", 4):
        assert restored.plan() == {"train": 2, "evaluate": 2, "compare": 1, "explain": 1, "report": 1}


def test_repro_runs_what_depends_on_an_edit_and_leaves_nothing_to_do(restored):
    with restored.with_parameter(f"{DATASET}.report.examples", 4):
        assert stages_in(restored.run("dvc", "repro")) == ["report"]
        assert json.loads(restored.run("dvc", "status", "--json")) == {}
        assert restored.plan() == {}


def test_an_experiment_runs_in_a_temporary_copy(restored):
    edit = f"{DATASET}.report.examples=3"
    shown = restored.run("dvc", "exp", "run", "--temp", "--name", "few", "--set-param", edit)
    assert stages_in(shown) == ["report"]
    assert "few" in restored.run("dvc", "exp", "list", "--name-only")


def test_without_a_remote_restore_says_so_in_one_line(unrun):
    shown = unrun.run(*MAKE, "restore", fails=True)
    assert shown.splitlines()[0] == "restore: no DVC remote is set: dvc remote add --default NAME URL"


def test_without_a_recorded_run_prove_says_so_in_one_line(unrun):
    line = "prove: dvc.lock is not committed: dvc commit -f, or dvc repro, then git commit"
    assert unrun.run(*MAKE, "prove", fails=True).splitlines()[0] == line


def test_raw_data_without_a_remote_cannot_be_proved(unrun):
    pointer = unrun.folder / "data/raw/set.dvc"
    pointer.parent.mkdir(exist_ok=True)
    pointer.write_text("outs: []\n")
    (unrun.folder / "dvc.lock").write_text("schema: '2.0'\n")
    unrun.run("git", "add", "dvc.lock", "data/raw/set.dvc")
    unrun.run("git", "commit", "--quiet", "--message", "raw data")
    shown = unrun.run(*MAKE, "prove", fails=True)
    unrun.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    assert shown.splitlines()[0] == "prove: no DVC remote is set: dvc remote add --default NAME URL"


@pytest.mark.slow
def test_a_second_run_in_a_clone_is_byte_identical(finished):
    assert "prove: every result is byte-identical" in finished.run(*MAKE, "prove")
    assert not list(finished.folder.parent.glob("prove.*"))
