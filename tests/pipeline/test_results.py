"""What a run leaves behind holds no path, no patient, no user where none must be."""

import re
import sqlite3

import pytest

pytestmark = pytest.mark.workflow

FOLDER = "results/phantom_chest"
IMAGE_NAME = re.compile(r"\d{8}_\d{3}")  # the first eight digits are the patient


def test_no_result_holds_a_path_of_this_machine(finished):
    for path in (finished.folder / FOLDER).rglob("*"):
        if path.is_file():
            assert str(finished.folder).encode() not in path.read_bytes(), path


def test_the_page_holds_no_name_of_an_image(finished):
    assert IMAGE_NAME.search((finished.folder / "results/phantom_chest/validate/rejected.csv").read_text())
    assert not IMAGE_NAME.search((finished.folder / FOLDER / "report.html").read_text())


def test_mlflow_holds_both_runs_and_their_comparison_and_no_name(finished):
    with sqlite3.connect(finished.folder / "mlflow.db") as database:
        runs = database.execute("SELECT name, status FROM runs").fetchall()
        epochs = database.execute("SELECT count(*) FROM metrics WHERE key = 'val/auroc'").fetchone()
        tags = database.execute("SELECT key, value FROM tags").fetchall()
        script = "\n".join(database.iterdump())
    database.close()
    assert sorted(runs) == [("bce-s0", "FINISHED"), ("comparison", "FINISHED"), ("wbce-s0", "FINISHED")]
    histories = [
        path.read_text().splitlines() for path in (finished.folder / FOLDER).glob("runs/*/history.csv")
    ]
    assert epochs == (sum(len(lines) - 1 for lines in histories),)
    assert {"dataset", "loss", "seed", "git.commit", "git.dirty", "data", "radpipe.key"} <= dict(tags).keys()
    assert not {"mlflow.user", "mlflow.source.name"} & dict(tags).keys()
    assert not IMAGE_NAME.search(script)
    artifacts = finished.folder / "mlartifacts"
    assert {"MLmodel", "metrics.json", "history.csv", "report.html"} <= {p.name for p in artifacts.rglob("*")}
