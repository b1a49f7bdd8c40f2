"""What is told to MLflow, and what is not."""

import json

import pytest

from radpipe.errors import DataError
from radpipe.tracking import contents


def test_a_line_of_the_history_is_named_by_its_part():
    row = {"epoch": 1.0, "loss": 0.9, "recall": 0.5, "val_auroc": 0.6}
    assert contents.name_epoch_metrics(row) == {"train/loss": 0.9, "train/recall": 0.5, "val/auroc": 0.6}


def test_a_line_of_a_cross_validation_is_named_by_its_round_too():
    row = {"round": 3.0, "epoch": 1.0, "loss": 0.9, "val_auroc": 0.6}
    assert contents.name_epoch_metrics(row) == {"train/loss/round 3": 0.9, "val/auroc/round 3": 0.6}


def test_the_mean_over_rounds_is_named_beside_the_auroc_of_all(results):
    file = results / "evaluations/bce_s0/metrics.json"
    rounds = {"findings": {"Mass": {"mean": 0.7}}, "macro": {"mean": 0.6, "over": 1}}
    file.write_text(json.dumps({**json.loads(file.read_text()), "rounds": rounds}))
    named = contents.read_final_metrics(file)
    assert (named["test/auroc_by_round/Mass"], named["test/auroc_by_round/macro"]) == (0.7, 0.6)


def test_metrics_are_named_by_part_metric_and_finding_and_the_undefined_are_left_out(results):
    named = contents.read_final_metrics(results / "evaluations/bce_s0/metrics.json")
    assert named["test/auroc/Mass"] == 0.8
    assert named["test/recall/Mass"] == named["test/recall chosen/macro"] == 0.25
    assert "test/auroc/pooled" not in named
    assert "test/precision/Mass" not in named


def test_a_run_is_its_facts_its_history_and_files_without_patients(results):
    logged_run, history, files = contents.read_run(results / "runs/bce_s0", "tiny")
    assert logged_run.name == "bce-s0"
    assert logged_run.tags == {"dataset": "tiny", "loss": "bce", "seed": "0", "radpipe.key": "key of bce"}
    assert logged_run.params["targets"] == "Mass, Edema"
    assert [line["epoch"] for line in history] == [1, 2]
    assert "precision" not in history[0]
    assert [file.name for file in files] == ["history.csv"]


def test_the_path_of_local_weights_stays_here(results):
    logged_run, _, _ = contents.read_run(results / "runs/bce_s0", "tiny")
    assert logged_run.params["train.weights"] == "a local file"
    assert "someone" not in str(logged_run.params)


def test_parameters_read_from_files_are_those_that_a_training_states(results):
    logged_run, _, _ = contents.read_run(results / "runs/bce_s0", "tiny")
    begun = contents.describe_training(
        "tiny", "bce", 0, "key of bce", {"epochs": 2, "weights": "a/b", "head": {"dense": ()}}
    )
    assert begun.params.items() <= logged_run.params.items()


def test_a_comparison_is_keyed_by_its_runs_and_tells_differences(results):
    logged_run, differences, note = contents.read_comparison(results, "tiny")
    assert (logged_run.name, note) == ("comparison", "It moved the operating point.")
    assert differences == {
        f"wbce minus bce/{metric}/{group}": 0.1
        for metric in ("auroc", "recall at 0.5")
        for group in ("Mass", "macro", "pooled")
    }
    training = results / "runs/bce_s0/training.json"
    training.write_text(training.read_text().replace("key of bce", "another key"))
    assert contents.read_comparison(results, "tiny")[0].key != logged_run.key


def test_the_hash_of_the_data_follows_the_labels(results):
    assert contents.compute_data_tags(results) == {}
    labels = results / "index/labels.parquet"
    labels.parent.mkdir()
    labels.write_bytes(b"a")
    before = contents.compute_data_tags(results)
    labels.write_bytes(b"b")
    assert contents.compute_data_tags(results) != before


@pytest.mark.parametrize(("name", "clean"), [("recall@0.80", "recall at 0.80"), ("a,b(c)/d", "a_b_c_/d")])
def test_names_are_made_of_what_mlflow_takes(name, clean):
    assert contents.clean(name) == clean


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"training.json: not found"):
        contents.read_run(tmp_path, "tiny")
