"""Runs in the store: complete, once, and never in the way."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from radpipe.errors import DataError
from radpipe.tracking import recording

pytestmark = [pytest.mark.workflow, pytest.mark.filterwarnings("ignore")]

ROW = {"loss": 0.9, "val_auroc": 0.6}


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A database with its tables, which take seconds to make."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def client(tmp_path, monkeypatch, empty_store):
    """The client of a store of its own, where a user would have it: in the current folder."""
    from mlflow import MlflowClient

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "DVC_ROOT", "DVC_EXP_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    Path("mlflow.db").write_bytes(empty_store.read_bytes())
    return MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")


def runs_of(client, experiment="radpipe"):
    found = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    return {run.info.run_name: run for run in found}


def history(client, run, metric):
    return [(each.step, each.value) for each in client.get_metric_history(run.info.run_id, metric)]


def files_of(client, run, folder=None):
    return [entry.path for entry in client.list_artifacts(run.info.run_id, folder)]


def test_a_folder_is_recorded_whole_and_a_second_time_doubles_nothing(results, client, capsys):
    recording.record_folder(results)
    recording.record_folder(results)
    assert capsys.readouterr().out == "2 runs of tiny are in MLflow\n" * 2
    runs = runs_of(client)
    assert sorted(runs) == ["bce-s0", "comparison", "wbce-s0"]
    run = runs["wbce-s0"]
    assert run.info.status == "FINISHED"
    assert history(client, run, "val/auroc") == [(1, 0.6), (2, 0.7)]
    assert history(client, run, "test/auroc/Mass") == [(0, 0.8)]
    assert files_of(client, run) == ["history.csv", "metrics.json"]
    assert files_of(client, runs["comparison"]) == ["compare.json", "figures"]
    assert len(run.outputs.model_outputs) == 1


def test_a_run_holds_no_name_of_a_user_a_host_or_a_program(results, client):
    recording.record_folder(results)
    run = runs_of(client)["bce-s0"]
    assert run.info.user_id == "unknown"
    assert run.data.tags.keys() == {"dataset", "loss", "seed", "radpipe.key", "mlflow.runName"}
    model = client.get_logged_model(run.outputs.model_outputs[0].model_id)
    assert model.tags == {}


def test_the_model_has_a_signature_and_the_versions_it_needs(results, client):
    from mlflow.models import Model

    recording.record_run(results / "runs/bce_s0", None, "tiny")
    entry = client.get_logged_model(runs_of(client)["bce-s0"].outputs.model_outputs[0].model_id)
    folder = Path(entry.artifact_location.removeprefix("file://"))
    described = Model.load(str(folder / "MLmodel"))
    assert described.signature.inputs.inputs[0].shape == (-1, 32, 32, 1)
    assert described.signature.outputs.inputs[0].shape == (-1, 2)
    assert (folder / "data/model.keras").read_bytes() == b"a network"
    assert (folder / "requirements.txt").read_text().startswith("keras==")


def test_a_training_is_followed_and_completed_after_its_evaluation(results, client):
    with recording.record_training("tiny", "bce", 0, "key of bce", {"epochs": 2}) as on_epoch:
        on_epoch({"epoch": 1, **ROW})
    assert history(client, runs_of(client)["bce-s0"], "val/auroc") == [(1, 0.6)]
    recording.record_run(results / "runs/bce_s0", results / "evaluations/bce_s0", "tiny")
    run = runs_of(client)["bce-s0"]
    assert history(client, run, "val/auroc") == [(1, 0.6), (2, 0.7)]
    assert run.data.metrics["test/auroc/macro"] == 0.8


def train_until_killed():
    with recording.record_training("tiny", "bce", 0, "k", {}) as on_epoch:
        on_epoch({"epoch": 1, **ROW})
        raise KeyboardInterrupt


def test_a_killed_training_goes_on_in_the_same_run(client):
    with pytest.raises(KeyboardInterrupt):
        train_until_killed()
    assert runs_of(client)["bce-s0"].info.status == "KILLED"
    with recording.record_training("tiny", "bce", 0, "k", {}) as on_epoch:
        on_epoch({"epoch": 1, **ROW})
        on_epoch({"epoch": 2, **ROW})
    (run,) = runs_of(client).values()
    assert run.info.status == "FINISHED"
    assert history(client, run, "train/loss") == [(1, 0.9), (2, 0.9)]


def test_the_rounds_of_a_cross_validation_are_curves_of_one_run(client):
    lines = [{"round": number, "epoch": epoch, **ROW} for number in (0, 1) for epoch in (1, 2)]
    for told in (lines[:3], lines):
        with recording.record_training("tiny", "bce", 0, "k", {}) as on_epoch:
            for line in told:
                on_epoch(line)
    (run,) = runs_of(client).values()
    for number in (0, 1):
        assert history(client, run, f"train/loss/round {number}") == [(1, 0.9), (2, 0.9)]


def test_another_key_or_another_dataset_is_another_run(client):
    for dataset, key in (("tiny", "k"), ("tiny", "other"), ("small", "k")):
        with recording.record_training(dataset, "bce", 0, key, {}):
            pass
    experiment = client.get_experiment_by_name("radpipe").experiment_id
    assert len(client.search_runs([experiment])) == 3


def test_in_a_temporary_copy_of_dvc_the_store_is_that_of_the_repository(client, tmp_path, monkeypatch):
    (tmp_path / "copy").mkdir()
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv("DVC_EXP_NAME", "bold-idea")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "trial")
    with recording.record_training("tiny", "bce", 0, "k", {}):
        pass
    run = runs_of(client, "trial")["bce-s0"]
    assert run.data.tags["dvc.experiment"] == "bold-idea"
    assert run.info.artifact_uri.startswith((tmp_path / "mlartifacts").as_uri())


def test_without_a_dataset_nothing_is_tracked():
    with recording.record_training(None, "bce", 0, "k", {}) as on_epoch:
        assert on_epoch is None


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"no runs/\*/training.json, expected a folder results/<dataset>"):
        recording.record_folder(tmp_path)


@pytest.fixture(params=["refuses", "is silent"])
def dead_server(request, monkeypatch):
    """The address of a server that refuses connections, or takes them and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    if request.param == "refuses":
        server.close()
    yield address
    server.close()


def test_a_dead_server_costs_one_line_and_no_epoch(results, dead_server, capsys):
    with recording.record_training("tiny", "bce", 0, "k", {}) as on_epoch:
        for epoch in range(1, 100):
            on_epoch({"epoch": epoch, **ROW})
    recording.record_run(results / "runs/bce_s0", None, "tiny")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2  # of the training and of the evaluation
    for line in lines:
        assert line.startswith("MLflow is unreachable")
        assert line.endswith("; run `radpipe track --folder results/tiny` later")
    with pytest.raises(DataError, match="MLflow is unreachable"):
        recording.record_folder(results)


def test_a_training_that_fails_fails_as_it_would_without_tracking(dead_server):
    with pytest.raises(ZeroDivisionError), recording.record_training("tiny", "bce", 0, "k", {}):
        raise ZeroDivisionError


ONE_RUN = """
import sys
from radpipe.tracking import recording
with recording.record_training("tiny", "bce", int(sys.argv[1]), "key " + sys.argv[1], {}) as on_epoch:
    on_epoch({"epoch": 1, "loss": 0.5})
"""


def test_eight_processes_at_once_on_a_fresh_store_lose_nothing(tmp_path, monkeypatch):
    from mlflow import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "DVC_"))}
    start = [sys.executable, "-c", ONE_RUN]
    racers = [
        subprocess.Popen([*start, str(number)], cwd=tmp_path, env=kept, stderr=subprocess.PIPE, text=True)
        for number in range(8)
    ]
    complaints = [racer.communicate()[1] for racer in racers]
    assert not any("radpipe track" in text for text in complaints), complaints
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    runs = runs_of(client)
    assert sorted(runs) == [f"bce-s{number}" for number in range(8)]
    assert all(run.info.status == "FINISHED" for run in runs.values())
    assert all(history(client, run, "train/loss") == [(1, 0.5)] for run in runs.values())


def test_a_deleted_experiment_is_one_line_with_the_remedy(results, client, capsys):
    recording.record_folder(results)
    client.delete_experiment(client.get_experiment_by_name("radpipe").experiment_id)
    recording.record_comparison(results, "tiny")
    said = capsys.readouterr().err
    assert "the MLflow experiment 'radpipe' was deleted; `mlflow experiments restore --experiment-id" in said
    assert said.count("\n") == 1


def test_a_store_that_cannot_be_locked_costs_seconds_and_one_line(results, client, capsys, monkeypatch):
    from filelock import FileLock

    from radpipe.tracking import store

    assert store.LOCKED <= 20
    monkeypatch.setattr(store, "LOCKED", 0.2)
    with FileLock("mlflow.db.lock"):
        recording.record_comparison(results, "tiny")
    said = capsys.readouterr().err
    assert "is locked by another process for 0.2 s; run `radpipe track" in said
    assert said.count("\n") == 1
